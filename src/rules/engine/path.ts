/** A place in a body, and the differences that the describing pass has found. */
import type { Difference, DifferenceKind, JsonValue, Measure } from '../../types.ts';
import type { DescribedDifference, StepKind } from '../rule.ts';

/** One step into a body. Only made once two answers are known to differ. */
export interface Step {
  readonly up: Step | null;
  readonly segment: string;
  readonly kind: StepKind;
}

export function into(up: Step | null, segment: string | number, kind: StepKind): Step {
  return { up, segment: String(segment), kind };
}

/** JSON pointer (RFC 6901) of a place. */
export function pointerOf(at: Step | null): string {
  let pointer = '';
  for (let step = at; step !== null; step = step.up) pointer = `/${escapeSegment(step.segment)}${pointer}`;
  return pointer;
}

export function escapeSegment(segment: string): string {
  return segment.includes('~') || segment.includes('/') ? segment.replaceAll('~', '~0').replaceAll('/', '~1') : segment;
}

export function unescapeSegment(segment: string): string {
  return segment.includes('~') ? segment.replaceAll('~1', '/').replaceAll('~0', '~') : segment;
}

function stepsOf(at: Step | null): StepKind[] {
  const steps: StepKind[] = [];
  for (let step = at; step !== null; step = step.up) steps.push(step.kind);
  return steps.reverse();
}

/**
 * How many differences are described. Further ones are counted by row or member, not by field, so the count is a
 * lower bound.
 */
const KEPT_DIFFERENCES = 100;

/** The differences that the describing pass has found. */
export class DifferenceList {
  readonly kept: DescribedDifference[] = [];
  count = 0;

  /** No further difference is described. */
  get isFull(): boolean {
    return this.kept.length >= KEPT_DIFFERENCES;
  }

  add(
    at: Step | null,
    kind: DifferenceKind,
    rule: string,
    primary: JsonValue | undefined,
    twin: JsonValue | undefined,
    measure: Measure,
  ): void {
    this.count++;
    if (this.isFull) return;
    this.kept.push(Object.freeze({ path: pointerOf(at), kind, primary, twin, rule, measure, steps: stepsOf(at) }));
  }

  /** A difference outside the body: `#status`, `#header/<name>`. */
  addBeside(difference: Difference): void {
    this.count++;
    if (!this.isFull) this.kept.push(Object.freeze({ ...difference, steps: [] }));
  }
}
