/** Reads the journal's evidence, decides on a domain, and keeps the decision. */

import { AUTO, autoEntry } from '../api/auto-routes.ts';
import { declaredFeatures, featuresOf, hasFewQuestions } from '../api/declared.ts';
import type { ApiModule } from '../api/module.ts';
import type { RouteEntry } from '../api/route.ts';
import type { Config } from '../config.ts';
import type { RouteDeclaration } from '../gate/evidence.ts';
import { domainRules } from '../journal/domain-rules.ts';
import type { JournalReader } from '../journal/reader.ts';
import type { JournalWriter } from '../journal/writer.ts';
import { rulesDigest } from '../rules/digest.ts';
import { collectionsIn } from '../rules/walk.ts';
import { furtherOrigins, idKindsOf } from './pairing.ts';
import { type TakenDecision, takeDecision } from './take-decision.ts';

/** What the API's routes declare, for coverage. */
export function declarationsOf(api: ApiModule): readonly RouteDeclaration[] {
  return api.routes.map(declarationOf);
}

function declarationOf(entry: RouteEntry): RouteDeclaration {
  return {
    key: entry.key,
    domain: entry.domain,
    fewAnswers: entry.fewAnswers,
    shapes: declaredFeatures(entry),
    shows: featuresOf,
    fewQuestions: hasFewQuestions(entry),
    perCaller: entry.perCaller,
    parameters: [...Object.keys(entry.query), ...(entry.ignoredQuery ?? [])],
    redirects: entry.redirects === true,
  };
}

/** The declaration of a route that was found by its path: no config declares it, so only the journal names it. */
function foundRoute(key: string): RouteDeclaration | null {
  const entry = autoEntry(key);
  // That its answers depend on who asks is only supposed there.
  return entry === null ? null : { ...declarationOf(entry), perCaller: false };
}

/**
 * One digest over what each domain is compared by: its rules, and what the config says of the ids that they name and of
 * the origins in URLs. A change of any begins an evidence epoch of the domain.
 */
export function rulesByDomain(api: ApiModule, config: Config): Readonly<Record<string, string>> {
  const origins = furtherOrigins(config);
  const kinds = idKindsOf(config);
  // Where they are asked for is no part of how ids are paired, and may hold a password.
  const written = (value: unknown): string => JSON.stringify(value, (key, part) => (key === 'url' ? undefined : part));
  const beside = (route: RouteEntry): string[] => [
    ...(origins.primary.length + origins.twin.length > 0 ? [written(origins)] : []),
    ...collectionsOf(route)
      .filter((collection) => Object.hasOwn(kinds, collection))
      .sort()
      .map((collection) => `${collection} ${written(kinds[collection])}`),
  ];
  return domainRules(
    api.routes.map((route) => ({
      key: route.key,
      domain: route.domain,
      digest: [rulesDigest(route.comparator), ...beside(route)].join(' '),
    })),
  );
}

/** The config and the API that a decision is made under. */
export interface DecisionSetting {
  readonly config: Config;
  /** Of the config. */
  readonly digest: string;
  readonly api: ApiModule;
}

/** The twin's forms in which comparisons count, where the config does not say: those that it can answer in. */
function countingOf(config: Config): 'primary' | 'twin' | 'any' {
  if (config.gate.representation !== undefined) return config.gate.representation;
  // The twin is asked for its own forms only where ids can be paired.
  const pairs = config.stores.postgres !== undefined || Object.keys(config.ids).length > 0;
  return config.twin.representation === 'twin' && pairs ? 'twin' : 'primary';
}

/** Collections that the domain's answers name and whose ids are paired by consistency. */
function supposedOf(domain: string, config: Config, api: ApiModule): readonly string[] {
  const named = new Set(api.routes.filter((route) => route.domain === domain).flatMap(collectionsOf));
  return [...named].filter((collection) => config.ids[collection]?.by === 'consistent');
}

/** Collections whose ids the route's answers and parameters name. */
function collectionsOf({ comparator, ids }: RouteEntry): string[] {
  return [...new Set([...collectionsIn(comparator.body), ...Object.values(ids)])];
}

/** Decides on one domain; an unreadable journal is a decision too: undecided. With `by` the decision is kept. */
export function decideOn(
  domain: string,
  reader: JournalReader,
  { config, digest, api }: DecisionSetting,
  by?: { readonly writer: JournalWriter; readonly who: string },
): Promise<TakenDecision> {
  const setting = { routes: declarationsOf(api), configDigest: digest };
  return takeDecision({
    reader,
    domain,
    limits: { ...config.gate, representation: countingOf(config) },
    setting,
    supposed: supposedOf(domain, config, api),
    ...(domain === AUTO ? { found: foundRoute } : {}),
    ...(by === undefined ? {} : { keep: by }),
  });
}
