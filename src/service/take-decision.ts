/** Takes a decision: reads the evidence, decides, and keeps it. */

import { messageOf } from '../errors.ts';
import { decide, type GateSetting } from '../gate/decide.ts';
import type { Decision } from '../gate/decision.ts';
import type { DomainEvidence, RouteDeclaration } from '../gate/evidence.ts';
import type { GateLimits } from '../gate/limits.ts';
import type { JournalReader } from '../journal/reader.ts';
import type { JournalWriter } from '../journal/writer.ts';

export interface TakenDecision {
  readonly decision: Decision;
  /** Null where the journal cannot be read. */
  readonly evidence: DomainEvidence | null;
  /** Id of the kept decision; null where it was not to be kept or could not. */
  readonly id: number | null;
}

/**
 * Decides on one domain. With a writer the decision is kept with its evidence; one that cannot be kept is undecided,
 * since nobody could look it up in a month. Never rejects.
 */
export async function takeDecision(options: {
  readonly reader: Pick<JournalReader, 'evidence' | 'idPairs'>;
  readonly domain: string;
  readonly limits: GateLimits;
  readonly setting: GateSetting;
  /** Collections of the domain's answers whose ids are paired by consistency. */
  readonly supposed?: readonly string[];
  /** For a domain whose routes are found by traffic: what a route of the evidence declares. */
  readonly found?: (key: string) => RouteDeclaration | null;
  readonly keep?: { readonly writer: Pick<JournalWriter, 'recordDecision'>; readonly who: string };
}): Promise<TakenDecision> {
  const { reader, domain, limits, found, supposed = [], keep } = options;
  let { setting } = options;
  try {
    const redirecting = setting.routes.filter(({ redirects }) => redirects === true).map(({ key }) => key);
    const read = await reader.evidence(domain, limits.representation, redirecting);
    const evidence = supposed.length === 0 ? read : { ...read, ids: await reader.idPairs(supposed) };
    if (found !== undefined) {
      const routes = evidence.routes.flatMap(({ key }) => found(key) ?? []);
      setting = { ...setting, routes: [...setting.routes, ...routes] };
    }
    const decision = decide(domain, evidence, limits, setting);
    const id = keep === undefined ? null : await keep.writer.recordDecision(decision, evidence, keep.who);
    return { decision, evidence, id };
  } catch (error) {
    return { decision: decide(domain, { unreadable: messageOf(error) }, limits, setting), evidence: null, id: null };
  }
}
