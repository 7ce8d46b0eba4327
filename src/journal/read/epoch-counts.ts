/** Counts of verdicts in an epoch's evidence, in whole and of the last day. */

import type postgres from 'postgres';
import type { WindowCounts } from '../../gate/evidence.ts';
import { BLAMELESS_SKIPS, CHOSEN_SKIPS, type Representation, type VerdictKind } from '../../types.ts';
import { HOUR, MINUTE } from '../coarser.ts';
import { type CompleteFrom, countedSince } from './counted.ts';
import type { Sql } from './rows.ts';

/** In which of the twin's forms comparisons count. */
export type Counting = Representation | 'any';

export function formsOf(counting: Counting): readonly Representation[] {
  return counting === 'any' ? ['primary', 'twin'] : [counting];
}

export interface CountRow {
  route: string;
  served: string;
  representation: string;
  verdict: VerdictKind;
  reason: string;
  fatal: boolean;
  n: number;
}

export function countRows(sql: Sql, epoch: number): postgres.PendingQuery<CountRow[]> {
  return sql<CountRow[]>`
    select route, served, representation, verdict, reason, fatal, sum(n)::float8 as n
    from shadowread.evidence e join shadowread.count_keys k on k.id = e.key where k.epoch = ${epoch} group by 1, 2, 3, 4, 5, 6`;
}

/** `keys`: all of the epoch. */
export function lastDayRows(
  sql: Sql,
  at: number,
  complete: CompleteFrom | undefined,
  keys: readonly number[],
): postgres.PendingQuery<CountRow[]> {
  const since = Math.ceil((at - 24 * HOUR) / MINUTE) * MINUTE;
  const { table } = countedSince(sql, complete, since, null, keys);
  return sql<CountRow[]>`
    select route, served, representation, verdict, reason, fatal, sum(c.n)::float8 as n
    from (select key, sum(n) as n from ${table} c group by key) c join shadowread.count_keys k on k.id = c.key
    group by 1, 2, 3, 4, 5, 6`;
}

/** Reasons that verdicts of agreement carry where both sides agreed in what is no good answer; see Gathering. */
const ERRORS = ['4xx', '5xx'];

export function windowCounts(
  rows: readonly CountRow[],
  acknowledged: number,
  counting: Counting,
  redirects: readonly string[],
): WindowCounts {
  const forms: readonly string[] = formsOf(counting);
  const chosen: readonly string[] = CHOSEN_SKIPS;
  const blameless: readonly string[] = BLAMELESS_SKIPS;
  const seen = rows.filter((row) => row.served === 'primary');
  const evidence = seen.filter((row) => forms.includes(row.representation));
  const agreed = evidence.filter(({ verdict }) => verdict === 'match' || verdict === 'settled');
  const isGood = ({ reason, route }: CountRow): boolean =>
    !ERRORS.includes(reason) && (reason !== '3xx' || redirects.includes(route));
  const of = (from: readonly CountRow[], test: (row: CountRow) => boolean): number =>
    from.reduce((sum, row) => (test(row) ? sum + row.n : sum), 0);
  const kind = (verdict: VerdictKind): number => of(evidence, (row) => row.verdict === verdict);
  const skipped = (test: (reason: string) => boolean): number =>
    of(seen, (row) => row.verdict === 'skipped' && test(row.reason));
  const mismatch = kind('mismatch');
  const apart = Math.min(acknowledged, mismatch);
  return {
    match: of(agreed, (row) => row.verdict === 'match' && isGood(row)),
    settled: of(agreed, (row) => row.verdict === 'settled' && isGood(row)),
    agreedInError: of(agreed, (row) => !isGood(row)),
    mismatch: mismatch - apart,
    acknowledged: apart,
    fatal: of(evidence, (row) => row.verdict === 'mismatch' && row.fatal),
    unstable: kind('unstable'),
    twinErrors: kind('twin_error'),
    twinTimeouts: kind('twin_timeout'),
    skippedByChoice: skipped((reason) => chosen.includes(reason)),
    skippedByForce: skipped((reason) => !chosen.includes(reason) && !blameless.includes(reason)),
    skippedBlameless: skipped((reason) => blameless.includes(reason)),
    verifierErrors: of(seen, (row) => row.reason === 'verifier_error'),
  };
}

export function comparedOf(rows: readonly CountRow[]): number {
  const compared: readonly VerdictKind[] = ['match', 'settled', 'mismatch'];
  return rows.reduce((sum, row) => (compared.includes(row.verdict) ? sum + row.n : sum), 0);
}
