import type { Condition } from './decision.ts';
import type { DomainEvidence, RouteDeclaration, RouteEvidence } from './evidence.ts';
import type { GateLimits } from './limits.ts';

/** What every condition looks at. */
export interface Subject {
  readonly domain: string;
  readonly evidence: DomainEvidence;
  readonly limits: GateLimits;
  readonly declared: readonly RouteDeclaration[];
  /** This epoch's share of the promised error. */
  readonly alpha: number;
  /** `epoch 2 since …`. */
  readonly window: string;
}

export type Check = (subject: Subject) => Condition;

/** match + settled + mismatch; acknowledged ones are apart. */
export function comparedOf({ counts }: DomainEvidence): number {
  return counts.match + counts.settled + counts.mismatch;
}

/** What counts as distinct on a route: see `RouteDeclaration.fewQuestions`. */
export function distinctOf(declared: RouteDeclaration, seen: RouteEvidence | undefined): number {
  if (seen === undefined) return 0;
  return declared.fewQuestions === true ? Math.max(seen.distinct, seen.answers) : seen.distinct;
}

/** A route whose few possible answers have all been compared. */
export function isExhausted(declared: RouteDeclaration, seen: RouteEvidence | undefined): boolean {
  return declared.fewAnswers !== null && seen !== undefined && seen.compared > 0 && seen.answers >= declared.fewAnswers;
}
