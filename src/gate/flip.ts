/** Changes a domain's stage: refused without a passing gate, recorded with who and why. */

import { count } from '../base/figure-words.ts';
import { ShadowError } from '../errors.ts';
import type { Decision } from './decision.ts';

export interface StageNow {
  readonly domain: string;
  readonly stage: 'off' | 'shadow' | 'flipped';
  readonly percent: number;
  /** Grows with every change. */
  readonly version: number;
}

/** What a flip needs of the journal. */
export interface FlipStore {
  /** Decides on the domain now, and keeps the decision. */
  decide(domain: string, who: string): Promise<{ readonly decision: Decision; readonly id: number | null }>;
  stages(): Promise<readonly StageNow[]>;
  setStage(change: {
    readonly domain: string;
    readonly stage: 'shadow' | 'flipped';
    readonly percent: number;
    readonly who: string;
    readonly reason: string | null;
    readonly override: boolean;
    readonly decision: number | null;
    /** The version that the change was decided on, null where the domain had none: refused where it has another by now. */
    readonly after?: number | null;
  }): Promise<void>;
}

export interface FlipRequest {
  readonly domain: string;
  /** Share of the domain's reads that the twin serves, 1..100. */
  readonly percent: number;
  /** Flip without a passing gate; needs a reason. */
  readonly override: boolean;
  readonly reason: string | null;
  readonly who: string;
  /** Every domain of the route table. */
  readonly domains: readonly string[];
  /** Domains whose routes read from all others: they flip only when those have. `admin` in Amanat. */
  readonly spanning: readonly string[];
}

export interface Flipped {
  readonly domain: string;
  readonly percent: number;
  readonly override: boolean;
  readonly decision: Decision;
  readonly decisionId: number | null;
}

/** @throws ShadowError SHADOW_DOMAIN, SHADOW_USAGE, SHADOW_REFUSED (exit 1 where the gate fails, 2 where it cannot decide) */
export async function flip(request: FlipRequest, store: FlipStore): Promise<Flipped> {
  const { domain, percent, override, reason, who } = request;
  requireDomain(domain, request.domains);
  if (!(Number.isInteger(percent) && percent >= 1 && percent <= 100)) {
    throw new ShadowError('SHADOW_USAGE', 'a domain cannot be flipped to this share of reads', {
      expected: '--percent 1..100',
      actual: String(percent),
      example: `shadowread flip ${domain} --percent 5`,
    });
  }
  if (override && (reason ?? '').trim() === '') {
    throw new ShadowError('SHADOW_USAGE', 'an override needs a reason', {
      expected: '--reason with --override',
      example: `shadowread flip ${domain} --override --reason "incident 42"`,
    });
  }
  const before = (await store.stages()).find((stage) => stage.domain === domain);
  const { decision, id } = await store.decide(domain, who);
  if (decision.outcome !== 'pass' && !override) {
    throw new ShadowError('SHADOW_REFUSED', `${domain} does not flip: its gate says ${decision.outcome}`, {
      expected: 'a passing gate, or --override with --reason',
      actual: some(decision.missing),
      exit: decision.outcome === 'fail' ? 1 : 2,
    });
  }
  if (request.spanning.includes(domain) && !override) await requireOthers(request, store);
  // A rollback that came while the gate was asked is not undone.
  const after = before?.version ?? null;
  await store.setStage({ domain, stage: 'flipped', percent, who, reason, override, decision: id, after });
  return { domain, percent, override, decision, decisionId: id };
}

/** Serves the domain from the primary again, whatever the gate says. @throws ShadowError SHADOW_DOMAIN, SHADOW_JOURNAL */
export async function rollback(
  request: Pick<FlipRequest, 'domain' | 'reason' | 'who' | 'domains'>,
  store: Pick<FlipStore, 'setStage'>,
): Promise<void> {
  const { domain, reason, who } = request;
  requireDomain(domain, request.domains);
  await store.setStage({ domain, stage: 'shadow', percent: 100, who, reason, override: false, decision: null });
}

/** Domains that span the others and are served by the twin though one of these is not, or not wholly. */
export async function leftFlipped(
  { domains, spanning }: Pick<FlipRequest, 'domains' | 'spanning'>,
  store: Pick<FlipStore, 'stages'>,
): Promise<readonly string[]> {
  const stages = await store.stages();
  const whole = domains.every((domain) => spanning.includes(domain) || isWhole(stages, domain));
  if (whole) return [];
  return spanning.filter((name) => stages.some(({ domain, stage }) => domain === name && stage === 'flipped'));
}

const isWhole = (stages: readonly StageNow[], name: string): boolean =>
  stages.some(({ domain, stage, percent }) => domain === name && stage === 'flipped' && percent === 100);

async function requireOthers(request: FlipRequest, store: FlipStore): Promise<void> {
  const stages = await store.stages();
  const waiting = request.domains.filter((other) => !request.spanning.includes(other) && !isWhole(stages, other));
  if (waiting.length === 0) return;
  throw new ShadowError('SHADOW_REFUSED', `${request.domain} spans all domains, so it flips after all others`, {
    expected: 'every other domain flipped to 100 %',
    actual: `${count(waiting.length)} that are not: ${waiting.slice(0, 12).join(', ')}`,
    exit: 1,
  });
}

function requireDomain(domain: string, domains: readonly string[]): void {
  if (domains.includes(domain)) return;
  throw new ShadowError('SHADOW_DOMAIN', 'there is no domain of this name', {
    expected: `one of ${domains.join(', ')}`,
    actual: domain,
  });
}

function some(missing: readonly string[]): string {
  if (missing.length === 0) return 'no evidence';
  const more = missing.length - 3;
  return `missing ${missing.slice(0, 3).join('; ')}${more > 0 ? ` and ${more} more` : ''}`;
}
