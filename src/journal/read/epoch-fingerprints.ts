/** Fingerprints of an epoch, and the combinations of them that are acknowledged. */

import type postgres from 'postgres';
import type { FingerprintEvidence } from '../../gate/evidence.ts';
import type { Representation } from '../../types.ts';
import type { Sql } from './rows.ts';

/** A combination of which every pattern is acknowledged: a mismatch with one more pattern is not accepted. */
export interface AcceptedCombination {
  /** Its mismatches in the epoch, and in the last day of it. */
  readonly n: number;
  readonly day: number;
}

export function fingerprintsOf(
  sql: Sql,
  domain: string,
  epoch: number,
  forms: readonly Representation[],
): postgres.PendingQuery<FingerprintEvidence[]> {
  return sql<FingerprintEvidence[]>`
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
}

/** Ids of the domain's combinations of which every pattern is acknowledged at `at`, epoch ms. */
export function acceptedCombinations(sql: Sql, domain: string, at: number) {
  return sql`
    select c.combination from shadowread.combinations c, (
      select array_agg(fingerprint) as valid from shadowread.fingerprints
      where domain = ${domain} and state = 'acknowledged' and expires_at > to_timestamp(${at / 1_000}::float8)
    ) v
    where c.domain = ${domain} and v.valid is not null and c.fingerprints <@ v.valid`;
}

export function acceptedOf(
  sql: Sql,
  domain: string,
  epoch: number,
  at: number,
  forms: readonly Representation[],
): postgres.PendingQuery<AcceptedCombination[]> {
  return sql<AcceptedCombination[]>`
    select coalesce(e.n, 0)::float8 as n, coalesce(d.n, 0)::float8 as day
    from (${acceptedCombinations(sql, domain, at)}) c
    left join (
      select combination, sum(n) as n from shadowread.combination_evidence
      where epoch = ${epoch} and served = 'primary' and representation = any(${[...forms]}::text[]) group by 1
    ) e on e.combination = c.combination
    left join (
      select combination, sum(n) as n from shadowread.combination_counts
      where hour >= date_trunc('hour', now() - interval '24 hours') and epoch = ${epoch}
        and served = 'primary' and representation = any(${[...forms]}::text[]) group by 1
    ) d on d.combination = c.combination`;
}
