/** How a serving command lives: says where it serves, and stops cleanly on SIGINT, SIGTERM, or when its parent is gone. */
import { flagOption, isJson, type Options } from './options.ts';
import { createOutput } from './output.ts';

export interface Serving {
  /** What JSON readers get on one line once it serves. */
  readonly addresses: Readonly<Record<string, unknown>>;
  /** What people get. */
  readonly sentence: string;
  close(): Promise<void>;
}

/** Announces, waits for the end, closes. A second signal ends at once. */
export async function serveUntilStopped(serving: Serving, options: Options): Promise<void> {
  const output = createOutput(isJson(options));
  if (output.json) output.document(serving.addresses);
  else output.line(serving.sentence);
  await stopRequested(flagOption(options, 'untilStdinEnds'));
  const hard = (): never => process.exit(1);
  process.once('SIGINT', hard);
  process.once('SIGTERM', hard);
  await serving.close();
  process.off('SIGINT', hard);
  process.off('SIGTERM', hard);
}

/** Resolves at the first SIGINT or SIGTERM; with `untilStdinEnds` also when whoever started the process has died. */
export function stopRequested(untilStdinEnds: boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    process.stdin.off('end', stop);
    process.stdin.pause();
    resolve();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  if (untilStdinEnds) {
    process.stdin.on('end', stop);
    process.stdin.resume();
  }
  return promise;
}
