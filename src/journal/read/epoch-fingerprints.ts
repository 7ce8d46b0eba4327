/** Fingerprints of an epoch, and the combinations of them that are acknowledged. */

import type { FingerprintEvidence } from '../../gate/evidence.ts';
import type { Representation } from '../../types.ts';
import type { Sql } from './rows.ts';

export interface FingerprintsOfEpoch {
  readonly fingerprints: readonly FingerprintEvidence[];
  /** Combinations of which every pattern is acknowledged: a mismatch with one more pattern is not accepted. */
  readonly accepted: readonly string[];
  readonly acknowledged: number;
  readonly lastDayAcknowledged: number;
}

export async function fingerprintsOf(
  sql: Sql,
  domain: string,
  epoch: number,
  at: number,
  forms: readonly Representation[],
): Promise<FingerprintsOfEpoch> {
  const fingerprints = await sql<FingerprintEvidence[]>`
    select f.fingerprint, f.route, f.kinds, f.state, f.owner, f.reason,
      extract(epoch from f.expires_at)::float8 * 1000 as "expiresAt", coalesce(e.n, 0)::float8 as count,
      extract(epoch from f.last_seen)::float8 * 1000 as "lastSeen"
    from shadowread.fingerprints f
    left join (
      select fingerprint, sum(n) as n from shadowread.fingerprint_evidence
      where epoch = ${epoch} and served = 'primary' and representation = any(${[...forms]}::text[]) group by 1
    ) e on e.fingerprint = f.fingerprint
    where f.domain = ${domain} and (e.n > 0 or f.state = 'acknowledged')
    order by e.n desc nulls last, f.fingerprint limit 5000`;
  const valid = fingerprints.filter((row) => isAcknowledged(row, at)).map(({ fingerprint }) => fingerprint);
  if (valid.length === 0) return { fingerprints, accepted: [], acknowledged: 0, lastDayAcknowledged: 0 };
  const rows = await sql<{ combination: string; n: number; day: number }[]>`
    select c.combination, coalesce(e.n, 0)::float8 as n, coalesce(d.n, 0)::float8 as day
    from shadowread.combinations c
    left join (
      select combination, sum(n) as n from shadowread.combination_evidence
      where epoch = ${epoch} and served = 'primary' and representation = any(${[...forms]}::text[]) group by 1
    ) e on e.combination = c.combination
    left join (
      select combination, sum(n) as n from shadowread.combination_counts
      where hour >= date_trunc('hour', now() - interval '24 hours') and epoch = ${epoch}
        and served = 'primary' and representation = any(${[...forms]}::text[]) group by 1
    ) d on d.combination = c.combination
    where c.domain = ${domain} and c.fingerprints <@ ${valid}::text[]`;
  return {
    fingerprints,
    accepted: rows.map(({ combination }) => combination),
    acknowledged: rows.reduce((sum, { n }) => sum + n, 0),
    lastDayAcknowledged: rows.reduce((sum, { day }) => sum + day, 0),
  };
}

export function isAcknowledged({ state, expiresAt }: FingerprintEvidence, at: number): boolean {
  return state === 'acknowledged' && expiresAt !== null && expiresAt > at;
}
