/**
 * The one fault of Postgres's driver that its users cannot catch. The driver writes short messages one turn of the event loop
 * later, and if the connection is gone by then, it throws from a timer's callback (porsager/postgres#1154, #1208; not fixed
 * in 3.4.9). The queries on that connection have failed by then, and `openPostgresPool` makes a new pool, so the process can
 * continue.
 */
import { EXIT } from '../errors.ts';
import { crashText } from './crash-text.ts';

export function isWriteToClosed(thrown: unknown): boolean {
  return (
    thrown instanceof TypeError &&
    thrown.message.includes("reading 'write'") &&
    /nextWrite.*[\\/]postgres[\\/]/.test(thrown.stack ?? '')
  );
}

/**
 * For a command, from its beginning: that fault ends nothing. Another exception that nobody catches ends it with 2, since a 1
 * would be taken for an answer that nobody has; a process that serves has a guard of its own, which decides then.
 */
export function guardCommand(): void {
  process.on('uncaughtException', (thrown) => {
    if (isWriteToClosed(thrown) || process.listenerCount('uncaughtException') > 1) return;
    process.stderr.write(`${crashText(thrown)}\n`);
    process.exit(EXIT.undecided);
  });
}

/** For a worker thread: that fault ends nothing, any other exception ends the thread. */
export function guardWorker(): void {
  process.on('uncaughtException', (thrown) => {
    if (!isWriteToClosed(thrown)) throw thrown;
  });
}
