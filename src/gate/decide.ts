/** Stage 5: from evidence and limits to a decision. Pure: the same evidence gives the same decision a month later. */
import { boundedCondition } from './bounded.ts';
import { boundOf, failureBound, mismatchBound } from './conditions/bounds.ts';
import { routes, shapes } from './conditions/coverage.ts';
import { acknowledgements, fatalFingerprints, fatalMismatches } from './conditions/fatal.ts';
import { ids } from './conditions/ids.ts';
import { journal, lastDay } from './conditions/journal.ts';
import { latency } from './conditions/latency.ts';
import { blamelessSkips, forcedSkips, settled, settleP99, unstable, verifierErrors } from './conditions/shares.ts';
import { epochAlpha } from './confidence-sequence.ts';
import type { Bound, Condition, Decision, Outcome } from './decision.ts';
import type { DomainEvidence, RouteDeclaration } from './evidence.ts';
import type { GateLimits } from './limits.ts';
import type { Subject } from './subject.ts';

/** Why there is no evidence at all: the journal cannot be read. */
export interface Unreadable {
  readonly unreadable: string;
}

export interface GateSetting {
  /** The whole route table; only the domain's routes are looked at. */
  readonly routes: readonly RouteDeclaration[];
  readonly configDigest: string;
}

/**
 * May this domain flip? `pass` only where every condition holds; `fail` where one does not; `undecided` where none
 * fails and one cannot be judged yet. No data is never a pass.
 */
export function decide(
  domain: string,
  evidence: DomainEvidence | Unreadable,
  limits: GateLimits,
  setting: GateSetting,
): Decision {
  if ('unreadable' in evidence) return undecided(domain, evidence.unreadable, limits, setting.configDigest);
  const { epoch } = evidence;
  const subject: Subject = {
    domain,
    evidence,
    limits,
    declared: setting.routes.filter((route) => route.domain === domain),
    alpha: epochAlpha(limits.alpha, epoch?.ordinal ?? 1),
    window: epoch === null ? 'no epoch yet' : `epoch ${epoch.ordinal} since ${new Date(epoch.beganAt).toISOString()}`,
  };
  const bound = boundOf(subject);
  const all: readonly Condition[] = [
    journal(subject),
    routes(subject),
    shapes(subject),
    mismatchBound(subject, bound),
    failureBound(subject, bound),
    fatalMismatches(subject),
    fatalFingerprints(subject),
    acknowledgements(subject),
    forcedSkips(subject),
    blamelessSkips(subject),
    unstable(subject),
    settled(subject),
    settleP99(subject),
    verifierErrors(subject),
    latency(subject),
    lastDay(subject),
    ...[ids(subject)].filter((condition) => condition !== null),
  ];
  const conditions = all.map(boundedCondition);
  return Object.freeze({
    domain,
    outcome: outcomeOf(conditions),
    conditions,
    bound,
    epoch: epoch?.ordinal ?? null,
    at: new Date(evidence.at).toISOString(),
    configDigest: setting.configDigest,
    ...(evidence.faults === undefined ? {} : { faults: evidence.faults }),
    missing: [...new Set(conditions.flatMap(({ missing }) => missing))],
  });
}

function outcomeOf(conditions: readonly Condition[]): Outcome {
  if (conditions.some(({ holds }) => holds === false)) return 'fail';
  return conditions.every(({ holds }) => holds === true) ? 'pass' : 'undecided';
}

function undecided(domain: string, why: string, limits: GateLimits, configDigest: string): Decision {
  const none = { n: 0, k: 0, upper: 1 };
  const bound: Bound = {
    used: 'none',
    upper: 1,
    rate: null,
    n: 0,
    k: 0,
    alpha: limits.alpha,
    limit: limits.mismatchLimit,
    distinct: none,
    reads: none,
    failures: none,
  };
  const missing = [`${domain}: a journal that can be read`];
  const condition: Condition = {
    name: 'journal',
    holds: null,
    figure: null,
    limit: null,
    unit: 'count',
    window: 'now',
    missing,
    text: why,
  };
  return Object.freeze({
    domain,
    outcome: 'undecided',
    conditions: [condition],
    bound,
    epoch: null,
    at: null,
    configDigest,
    missing,
  });
}
