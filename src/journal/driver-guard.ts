/**
 * The one fault of the journal's driver that nobody who uses it can catch. It writes short messages a turn of the loop
 * later, and where the connection is gone by then it throws from a timer's callback, which ends the process
 * (porsager/postgres#1154, #1208; in 3.4.9 without a fix). Whoever waits for such a connection has been told by then, and
 * `connectJournal` makes a new pool: nothing is left to do but to live on.
 */
import { codeOf } from './connection.ts';
import type { JournalLog } from './journal.ts';

/**
 * To be called once by a process that serves. Everything else that is thrown ends the process, as it would without. A
 * rejection that nobody waits for does not: no state hangs on it, and the clients' answers do not depend on it. The driver
 * makes such: it waits for no answer of its `fetchArrayTypes`, which fails where a connection ends in the middle of it and
 * the next one is refused.
 */
export function guardDriver(log: JournalLog): void {
  process.on('unhandledRejection', (reason) => {
    log('warn', `a rejection that nobody waited for: ${rejectionText(reason)}`);
  });
  process.on('uncaughtException', (thrown) => {
    if (isWriteToClosed(thrown)) {
      log('warn', 'journal: the driver wrote to a connection that was gone; a new one is made');
      return;
    }
    process.stderr.write(`${crashText(thrown)}\n`);
    process.exit(1);
  });
}

/** A system's or the driver's code where there is one, else the kind and where; never the message. Exported for its test. */
export function rejectionText(reason: unknown): string {
  const code = codeOf(reason);
  return /^\w{1,40}$/.test(code) ? code : crashText(reason).replace('an error ended the process: ', '');
}

/** What may be said of a crash: what was thrown and where, never its message, which can quote a body, a header or a query. */
export function crashText(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `SHADOW_INTERNAL: a ${typeof thrown} was thrown and ended the process`;
  const frames = (thrown.stack ?? '')
    .replace(thrown.message, '')
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  return [`SHADOW_INTERNAL: an error ended the process: ${thrown.constructor.name}`, ...frames].join('\n');
}

/** Exported for its test. */
export function isWriteToClosed(thrown: unknown): boolean {
  return (
    thrown instanceof TypeError &&
    thrown.message.includes("reading 'write'") &&
    /nextWrite.*[\\/]postgres[\\/]/.test(thrown.stack ?? '')
  );
}
