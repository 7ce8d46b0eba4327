/** Whether the evidence is complete and up to date. */

import { count, counted, millis, percent, some } from '../../base/figure-words.ts';
import type { Condition } from '../decision.ts';
import type { Subject } from '../subject.ts';

const SKEW_MS = 2_000;

/** No gap in any replica's counts, clocks that agree, one build and one set of rules at work. */
export function journal({ domain, evidence, limits }: Subject): Condition {
  const { gaps, clockSkewMs, activeEpochs, replicas } = evidence.journal;
  const most = limits.clockSkewMs ?? SKEW_MS;
  const missing: string[] = [];
  if (evidence.epoch === null) missing.push(`${domain}: a first read in the journal`);
  if (gaps.length > 0) {
    const named = gaps.map(
      ({ instance, from, seconds }) => `${instance} from ${new Date(from).toISOString()} for ${count(seconds)} s`,
    );
    missing.push(`${domain}: the counts of ${some(named, 3)}`);
  }
  if (clockSkewMs > most) missing.push(`${domain}: clocks that agree within ${millis(most)}`);
  if (activeEpochs > 1)
    missing.push(`${domain}: one twin build, backfill and set of rules at work (${count(activeEpochs)} are)`);
  return {
    name: 'journal',
    holds: missing.length === 0 ? true : null,
    figure: gaps.length,
    limit: 0,
    unit: 'count',
    window: 'last hour',
    missing,
    text: `${evidence.epoch === null ? 'no read yet; ' : ''}${counted(replicas, 'replica')}, ${counted(gaps.length, 'gap')} in their counts, clocks within ${millis(clockSkewMs)}`,
  };
}

/** The last day alone may only fail a domain: a month of matches must not hide that it broke this morning. */
export function lastDay({ domain, evidence, limits }: Subject): Condition {
  const { match, settled, mismatch, unstable, acknowledged, twinErrors, twinTimeouts } = evidence.lastDay;
  const compared = match + settled + mismatch;
  const sent = compared + acknowledged + unstable + twinErrors + twinTimeouts;
  const rate = compared === 0 ? null : mismatch / compared;
  const failed = sent === 0 ? null : (twinErrors + twinTimeouts) / sent;
  const differs = rate !== null && rate >= limits.mismatchLimit && mismatch > 0;
  const fails = failed !== null && failed >= limits.failureLimit && twinErrors + twinTimeouts > 0;
  return {
    name: 'last_day',
    holds: !differs && !fails,
    figure: rate,
    limit: limits.mismatchLimit,
    unit: 'share',
    window: 'last 24 hours',
    missing: [
      ...(differs ? [`${domain}: a day with less than ${percent(limits.mismatchLimit)} mismatches`] : []),
      ...(fails ? [`${domain}: a day with less than ${percent(limits.failureLimit)} twin errors and timeouts`] : []),
    ],
    text:
      sent === 0
        ? 'no read in the last 24 hours: this check can only fail a domain'
        : `${rate === null ? 'nothing compared' : `${percent(rate)} of ${counted(compared, 'comparison')} differ`}, ${percent(failed ?? 0)} of ${counted(sent, 'read')} failed in the twin`,
  };
}
