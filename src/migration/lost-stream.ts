import { EXIT, messageOf, ShadowError } from '../errors.ts';

/** MongoDB's codes for a place that its log no longer has, or never had. */
const LOST = [260, 280, 286];

/** What to do where MongoDB says that the stream cannot go on from where it was; null for every other error. */
export function lostBy(error: unknown): ShadowError | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  if (typeof code !== 'number' || !LOST.includes(code)) return null;
  return new ShadowError(
    'SHADOW_MONGO',
    'the change stream cannot go on from where it stopped: writes since then may be missing in Postgres',
    {
      expected: 'an oplog that reaches back to the last run',
      actual: messageOf(error),
      example:
        'shadowread drain --follow --source changestream --restart, then shadowread verify --restart and shadowread repair --all',
      exit: EXIT.undecided,
      cause: error,
    },
  );
}
