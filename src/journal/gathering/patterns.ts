/** The patterns of a mismatch as the journal may hold them. */
import { OTHERS, othersFingerprint } from '../../rules/digest.ts';
import type { MismatchPattern, Verdict } from '../../types.ts';
import { clean } from '../text.ts';

/** The patterns that the journal may hold; a mismatch without one counts under the `others` of its route. */
export function patternsOf(verdict: Verdict): readonly MismatchPattern[] {
  if (verdict.patterns.length > 0)
    return verdict.patterns.map((pattern) => ({
      ...pattern,
      fingerprint: clean(pattern.fingerprint, 128),
      path: clean(pattern.path, 512),
    }));
  const fingerprint = othersFingerprint(verdict.route.key);
  return [{ fingerprint, path: OTHERS, kind: 'value', rule: '', measure: { of: 'none' }, fatal: verdict.fatal }];
}

export function fingerprintsOf(verdict: Verdict): readonly string[] {
  return [...new Set(patternsOf(verdict).map(({ fingerprint }) => fingerprint))].sort();
}
