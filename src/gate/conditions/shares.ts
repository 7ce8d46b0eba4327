/** Reads that are no evidence, or that clients would see as lag: each kind may be only a limited share. */

import { agree, count, counted, millis, percent, rateWords } from '../../base/figure-words.ts';
import type { Condition, ConditionName } from '../decision.ts';
import { comparedOf, type Subject } from '../subject.ts';

/** Reads skipped against our will, of all that were not skipped by choice. */
export function forcedSkips(subject: Subject): Condition {
  const { counts } = subject.evidence;
  const all =
    comparedOf(subject.evidence) +
    counts.acknowledged +
    counts.unstable +
    counts.twinErrors +
    counts.twinTimeouts +
    counts.skippedByForce;
  return share(
    subject,
    'forced_skips',
    counts.skippedByForce,
    all,
    subject.limits.forcedSkipLimit,
    'skipped against our will',
  );
}

/** 304 and a primary in trouble: reported, but neither for nor against the domain. */
export function blamelessSkips({ evidence, window }: Subject): Condition {
  const { counts } = evidence;
  const skipped = counts.skippedBlameless ?? 0;
  const all =
    comparedOf(evidence) +
    counts.acknowledged +
    counts.unstable +
    counts.twinErrors +
    counts.twinTimeouts +
    counts.skippedByForce +
    skipped;
  const figure = all === 0 ? null : skipped / all;
  return {
    name: 'blameless_skips',
    holds: true,
    figure,
    limit: null,
    unit: 'share',
    window,
    missing: [],
    text:
      figure === null
        ? 'no read was seen yet'
        : `${percent(figure)} of reads were answered 304, or by a primary in trouble (${count(skipped)} of ${count(all)}): neither side is to blame`,
  };
}

/** Reads on which the primary does not agree with itself. */
export function unstable(subject: Subject): Condition {
  const { counts } = subject.evidence;
  const all = comparedOf(subject.evidence) + counts.acknowledged + counts.unstable;
  return share(
    subject,
    'unstable',
    counts.unstable,
    all,
    subject.limits.unstableLimit,
    'unstable in the primary itself',
  );
}

/** Reads that agreed only when read again: after a flip clients would see that lag. */
export function settled(subject: Subject): Condition {
  const all = comparedOf(subject.evidence) + subject.evidence.counts.acknowledged;
  return share(
    subject,
    'settled',
    subject.evidence.counts.settled,
    all,
    subject.limits.settledLimit,
    'settled only when read again',
  );
}

export function settleP99({ domain, evidence, limits, window }: Subject): Condition {
  const p99 = evidence.settleP99Ms;
  const nothing = comparedOf(evidence) === 0;
  const holds = p99 === null ? (nothing || evidence.counts.settled > 0 ? null : true) : p99 <= limits.settleP99Ms;
  return {
    name: 'settle_p99',
    holds,
    figure: p99,
    limit: limits.settleP99Ms,
    unit: 'ms',
    window,
    missing:
      holds === true
        ? []
        : holds === false
          ? [`${domain}: a sync that settles reads within ${millis(limits.settleP99Ms)}`]
          : [`${domain}: ${nothing ? 'a comparison' : 'the times to settle'}`],
    text:
      p99 === null
        ? nothing
          ? 'nothing was compared yet'
          : 'no read had to settle'
        : `99 % of settled reads agreed within ${millis(p99)}, limit ${millis(limits.settleP99Ms)}`,
  };
}

/** Any read on which a rule threw or a worker died: what it would have found is not known. */
export function verifierErrors({ domain, evidence, window }: Subject): Condition {
  const { verifierErrors: errors } = evidence.counts;
  const nothing = errors === 0 && comparedOf(evidence) === 0;
  return {
    name: 'verifier_errors',
    holds: errors > 0 ? false : nothing ? null : true,
    figure: errors,
    limit: 0,
    unit: 'count',
    window,
    missing:
      errors > 0
        ? [`${domain}: a new epoch without a failing rule or worker`]
        : nothing
          ? [`${domain}: a comparison`]
          : [],
    text: `${counted(errors, 'read')} on which the verifier itself failed`,
  };
}

function share(
  subject: Subject,
  name: ConditionName,
  part: number,
  all: number,
  limit: number,
  what: string,
): Condition {
  const figure = all === 0 ? null : part / all;
  const more = Math.ceil(part / limit) - all;
  const enough =
    limit > 0
      ? `${subject.domain}: ${counted(more, 'more read')} that ${agree(more, 'is', 'are')} not ${what}`
      : `${subject.domain}: a new epoch without a read ${what}`;
  return {
    name,
    holds: figure === null ? null : figure <= limit,
    figure,
    limit,
    unit: 'share',
    window: subject.window,
    missing: figure === null ? [`${subject.domain}: a read`] : figure <= limit ? [] : [enough],
    text:
      figure === null
        ? 'no read was seen yet'
        : `${rateWords(figure, all, null, limit)}: ${counted(part, 'read')} ${what}`,
  };
}
