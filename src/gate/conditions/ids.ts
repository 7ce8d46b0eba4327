/** How reliable the pairs of ids are that were found by consistency. */

import { count, counted, percent } from '../../base/figure-words.ts';
import type { Condition } from '../decision.ts';
import type { Subject } from '../subject.ts';

/**
 * A pair that only one answer has shown is unconfirmed: that answer may name a wrong entity. Null where the domain has no
 * such ids.
 */
export function ids({ domain, evidence, limits, window }: Subject): Condition | null {
  const found = evidence.ids ?? [];
  const all = found.reduce((sum, one) => sum + one.ids, 0);
  if (found.length === 0) return null;
  const once = found.reduce((sum, one) => sum + one.once, 0);
  const limit = limits.idsOnceLimit ?? 1;
  const share = all === 0 ? null : once / all;
  const tooMany = share !== null && share > limit;
  const more = Math.ceil(once - limit * all);
  return {
    name: 'ids',
    holds: share === null ? (limit < 1 ? null : true) : tooMany ? null : true,
    figure: share,
    limit,
    unit: 'share',
    window,
    missing: tooMany ? [`${domain}: a second sighting of ${counted(more, 'id')} (${names(found)})`] : [],
    text:
      all === 0
        ? 'no id was paired yet'
        : `${counted(all, 'id')}: ${count(all - once)} seen twice or more, ${count(once)} once (${percent(once / all)})`,
  };
}

const names = (found: NonNullable<Subject['evidence']['ids']>): string =>
  found
    .filter(({ once }) => once > 0)
    .map(({ collection, once }) => `${collection} ${count(once)}`)
    .join(', ');
