import { ShadowError } from '../errors.ts';

/** Which error and where, without its message: that may quote a value. Our own errors are made to be read. */
export function whereOf(error: unknown): string {
  if (error instanceof ShadowError) return `${error.code}: ${error.message}`.slice(0, 300);
  if (!(error instanceof Error)) return 'something that is not an error was thrown';
  const frame = frameOf(error.stack ?? '');
  return frame === undefined ? error.name : `${error.name} at ${frame}`;
}

/** The first file and line that a stack names. Its message stands before, and may be as long as a body. */
function frameOf(stack: string): string | undefined {
  const from = stack.search(/\n {4}at /);
  if (from < 0) return undefined;
  return /[\w.-]{1,100}\.[cm]?[jt]s:\d{1,9}/.exec(stack.slice(from, from + 2_000))?.[0];
}
