/** Takes back a pair of ids that a first answer set wrongly; the audit trail tells every proxy. */
import type postgres from 'postgres';
import { EXIT, ShadowError } from '../errors.ts';
import type { IdPairRow } from './read/id-pairs.ts';

/** Subjects of the audit trail that name forgotten pairs begin so; the collection follows. */
export const FORGOTTEN_IDS = 'ids ';

/** The pairs that this id, of either side, was in. @throws ShadowError SHADOW_NOT_FOUND */
export async function forgetIds(tx: postgres.ISql, collection: string, id: string): Promise<readonly IdPairRow[]> {
  // No proxy stores the pair again between the deletion and the word of it.
  await tx`lock table shadowread.id_pairs in share row exclusive mode`;
  const rows = await tx<IdPairRow[]>`
    delete from shadowread.id_pairs where collection = ${collection} and (primary_id = ${id} or twin_id = ${id})
    returning collection, primary_id as "primary", twin_id as twin, sightings, extract(epoch from seen_at)::float8 * 1000 as "seenAt"`;
  if (rows.length > 0) return rows;
  throw new ShadowError('SHADOW_NOT_FOUND', 'there is no pair of this id', {
    expected: 'an id of the primary or of the twin, whole, as `shadowread ids` shows it',
    actual: `${collection} ${id}`,
    example: `shadowread ids ${collection}`,
    exit: EXIT.no,
  });
}
