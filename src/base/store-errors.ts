/** What the drivers of the stores throw, as the errors that people meet. */
import { EXIT, messageOf, ShadowError } from '../errors.ts';
import { NoAnswer } from './in-time.ts';
import { codeOf } from './postgres.ts';

/** An error of a store, wherever in a command it came from; null for any other. */
export function storeError(thrown: unknown): ShadowError | null {
  if (thrown instanceof ShadowError || !(thrown instanceof Error)) return null;
  const code = codeOf(thrown);
  const told = { exit: EXIT.undecided, cause: thrown };
  if (thrown.name === 'PostgresError') {
    return new ShadowError('SHADOW_POSTGRES', 'Postgres refuses what it was asked', {
      expected: 'a database, and a role in it, that can do this; what was done before is kept',
      actual: `${messageOf(thrown)} (${code})`,
      ...told,
    });
  }
  // The driver of Postgres adds the query to what it throws where a connection fails.
  if (thrown instanceof NoAnswer || /^CONNECT(?:ION)?_/.test(code) || 'query' in thrown) {
    return new ShadowError('SHADOW_POSTGRES', 'the connection to Postgres is lost or cannot be made', {
      expected: 'a server that answers; what was done before is kept',
      actual: messageOf(thrown),
      ...told,
    });
  }
  if (/^Mongo.*Error$/.test(thrown.name)) {
    return new ShadowError('SHADOW_MONGO', 'MongoDB refuses what it was asked, or does not answer', {
      expected: 'a server that does this; what was done before is kept',
      actual: messageOf(thrown),
      ...told,
    });
  }
  return null;
}
