/** Ids as people type them: a beginning that only one id has. */
import { ShadowError } from '../../errors.ts';
import type { Sql } from './rows.ts';

/** Ids named where a beginning fits several. */
export const CANDIDATES = 5;

/**
 * The one id that begins so; null where none does. A whole id is never ambiguous. `found` holds up to one more than
 * `CANDIDATES`, so that it can be said that there are more.
 *
 * @throws ShadowError SHADOW_USAGE that names candidates where several begin so.
 */
export function oneOf(what: string, given: string, found: readonly string[]): string | null {
  if (found.includes(given)) return given;
  const [only, ...more] = found;
  if (only === undefined) return null;
  if (more.length === 0) return only;
  throw new ShadowError('SHADOW_USAGE', `more than one ${what} begins with this`, {
    expected: 'more characters of the id',
    actual: `${given}: ${found.slice(0, CANDIDATES).join(', ')}${found.length > CANDIDATES ? ', …' : ''}`,
    example: only,
  });
}

/** The whole id of a fault or fingerprint by a beginning of it; null where none begins so. @throws as `oneOf` */
export async function wholeId(sql: Sql, what: 'fault' | 'fingerprint', given: string): Promise<string | null> {
  if (given === '') return null;
  const rows = await sql<{ id: string }[]>`
    select ${sql(what)} as id from ${sql(`shadowread.${what}s`)} where starts_with(${sql(what)}, ${given})
    order by ${sql(what)} <> ${given}, ${sql(what)} limit ${CANDIDATES + 1}`;
  return oneOf(
    what,
    given,
    rows.map(({ id }) => id),
  );
}
