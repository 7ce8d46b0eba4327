import { fingerprint, pathPattern } from '../rules/digest.ts';
import { isFatal } from '../rules/fatal.ts';
import { type Redaction, redact } from '../rules/redact.ts';
import type { DescribedDifference } from '../rules/rule.ts';
import type { RedactedDifference } from '../types.ts';

/** Differences that a verdict carries; all of them count. */
const KEPT = 50;

/** Differences as they may leave the process. */
export class Redactor {
  readonly redaction: Redaction;

  constructor(redaction: Redaction) {
    this.redaction = redaction;
  }

  differences(differences: readonly DescribedDifference[]): readonly RedactedDifference[] {
    return differences.slice(0, KEPT).map((difference) => redact(difference, this.redaction));
  }

  isFatal(differences: readonly DescribedDifference[]): boolean {
    return differences.some(isFatal);
  }

  fingerprint(routeKey: string, differences: readonly DescribedDifference[]): string {
    return fingerprint(routeKey, differences);
  }

  /** Paths without positions and without keys of data, each once: what a control read may tell. */
  patterns(differences: readonly DescribedDifference[]): string[] {
    const shown = differences.slice(0, KEPT).map((difference) => {
      const { path } = redact(difference, this.redaction);
      return pathPattern({ ...difference, path });
    });
    return [...new Set(shown)];
  }
}
