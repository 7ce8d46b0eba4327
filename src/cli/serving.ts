/** How a serving command lives: says where it serves, and stops cleanly on SIGINT, SIGTERM, or when its parent is gone. */
import { flagOption, isJson, type Options } from './options.ts';
import { orphaned } from './orphaned.ts';
import { createOutput } from './output.ts';
import { hasStarted } from './starting.ts';

export interface Serving {
  /** What JSON readers get on one line once it serves. */
  readonly addresses: Readonly<Record<string, unknown>>;
  /** What people get. */
  readonly sentence: string;
  /** Resolves when it cannot go on by itself: that stops it as a signal would. */
  readonly ended?: Promise<unknown>;
  /** SIGHUP reads its config again; else it stops, as with the terminal that it runs in. */
  readonly reloads?: boolean;
  close(): Promise<void>;
}

/** With the parent gone nobody waits for a clean end: what is still open after this time is cut, milliseconds. */
export const ORPHAN_MS = 3_500;

/** Announces, waits for the end, closes. A second signal ends at once. */
export async function serveUntilStopped(serving: Serving, options: Options): Promise<void> {
  const output = createOutput(isJson(options));
  if (output.json) output.document(serving.addresses);
  else output.line(serving.sentence);
  const why = await stopRequested({
    untilStdinEnds: flagOption(options, 'untilStdinEnds'),
    orphanOf: 'npm',
    onHangup: serving.reloads !== true,
    ...(serving.ended === undefined ? {} : { ended: serving.ended }),
  });
  if (why === 'orphaned') endSoon();
  const hard = (): never => process.exit(1);
  process.once('SIGINT', hard);
  process.once('SIGTERM', hard);
  await serving.close();
  process.off('SIGINT', hard);
  process.off('SIGTERM', hard);
  leaveSoon();
}

/** How long a process that has closed waits for the reader of its log, milliseconds. */
const LEAVE_MS = 2_000;

/** All is closed; a log that nobody reads would still hold the process, for ever. */
export function leaveSoon(): void {
  setTimeout(() => process.exit(), LEAVE_MS).unref();
}

/** Ends the process whatever still holds it. */
function endSoon(): void {
  setTimeout(() => process.exit(1), ORPHAN_MS).unref();
}

export interface StopWishes {
  /** The parent process holds stdin open; its end stops this process. */
  readonly untilStdinEnds: boolean;
  /** Whose end is this process's own: that of any parent, or only of an npm that runs it as a script. */
  readonly orphanOf: 'parent' | 'npm';
  /** A closed terminal stops it; else SIGHUP is left alone. */
  readonly onHangup?: boolean;
  /** What is served has come to its end. */
  readonly ended?: Promise<unknown>;
}

/** Resolves at the first SIGINT or SIGTERM, when the parent process is gone, or when what is served has ended. */
export function stopRequested(wishes: StopWishes): Promise<'signalled' | 'orphaned' | 'ended'> {
  hasStarted();
  const { promise, resolve } = Promise.withResolvers<'signalled' | 'orphaned' | 'ended'>();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const signalled = (): void => stop('signalled');
  const gone = (): void => stop('orphaned');
  const stop = (why: 'signalled' | 'orphaned' | 'ended'): void => {
    for (const signal of signals) process.off(signal, signalled);
    process.off('SIGHUP', gone);
    process.stdin.off('end', gone);
    process.stdin.pause();
    resolve(why);
  };
  for (const signal of signals) process.on(signal, signalled);
  if (wishes.onHangup === true) process.on('SIGHUP', gone);
  if (wishes.untilStdinEnds) {
    process.stdin.on('end', gone);
    process.stdin.resume();
  }
  void orphaned(wishes.orphanOf).then(gone);
  void wishes.ended?.then(() => stop('ended'));
  return promise;
}
