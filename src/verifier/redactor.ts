import { fingerprint, OTHERS, othersFingerprint, pathPattern } from '../rules/digest.ts';
import { isFatal } from '../rules/fatal.ts';
import { type Redaction, redact } from '../rules/redact.ts';
import type { DescribedDifference } from '../rules/rule.ts';
import { NOTHING_SHOWN, type Showing } from '../rules/shown.ts';
import type { MismatchPattern, RedactedDifference } from '../types.ts';

/** Differences that a verdict carries; all of them count. */
const KEPT = 50;
/** Most patterns of one verdict; an answer that differs everywhere adds one more row, not a hundred. */
const PATTERNS = 20;

/** Differences as they may leave the process. */
export class Redactor {
  readonly redaction: Redaction;

  constructor(redaction: Redaction) {
    this.redaction = redaction;
  }

  differences(differences: readonly DescribedDifference[], showing: Showing): readonly RedactedDifference[] {
    return differences.slice(0, KEPT).map((difference) => redact(difference, this.redaction, showing));
  }

  isFatal(differences: readonly DescribedDifference[]): boolean {
    return differences.some(isFatal);
  }

  /** Each place that differs once, the fatal ones first; those beyond the limit together as `OTHERS`. */
  patternsOf(
    routeKey: string,
    differences: readonly DescribedDifference[],
    showing: Showing = NOTHING_SHOWN,
  ): readonly MismatchPattern[] {
    const found = new Map<string, MismatchPattern>();
    for (const fatal of [true, false]) {
      for (const difference of differences) {
        if (isFatal(difference) !== fatal) continue;
        const raw = `${pathPattern(difference)} ${difference.kind}`;
        if (found.has(raw)) continue;
        const { kind, rule, measure } = difference;
        if (found.size === PATTERNS) {
          found.set(OTHERS, { fingerprint: othersFingerprint(routeKey), path: OTHERS, kind, rule, measure, fatal });
          return [...found.values()];
        }
        const path = pathPattern({ ...difference, path: redact(difference, this.redaction, showing).path });
        found.set(raw, { fingerprint: fingerprint(routeKey, difference), path, kind, rule, measure, fatal });
      }
    }
    return [...found.values()];
  }

  /** Paths without positions and without keys of data, each once: what a control read may tell. */
  patterns(differences: readonly DescribedDifference[], showing: Showing): string[] {
    const paths = differences.slice(0, KEPT).map((difference) => {
      const { path } = redact(difference, this.redaction, showing);
      return pathPattern({ ...difference, path });
    });
    return [...new Set(paths)];
  }
}
