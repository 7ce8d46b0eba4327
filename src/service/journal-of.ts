/** The journal that a config names, opened for what a process writes. */
import type { LoadedApi } from '../api/load.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config.ts';
import { type Journal, openJournal } from '../journal/journal.ts';
import type { ReadSource, UnknownReads, Verdict } from '../types.ts';
import { rulesByDomain } from './deciding.ts';

export interface JournalParts {
  readonly config: Config;
  readonly api: LoadedApi;
  readonly url: string;
  readonly instance: string;
  /** The backfill that a domain's rows came from; null while unknown. */
  readonly backfillOf: (domain: string) => string | null;
  /** Reads of no route so far. */
  readonly unknown?: () => UnknownReads;
  readonly log: Log;
}

export function journalOf({ config, api, url, instance, backfillOf, unknown, log }: JournalParts): Journal {
  const rules = rulesByDomain(api, config);
  return openJournal({
    url,
    instance,
    limits: {
      journalBuffer: config.limits.journalBuffer,
      flushMs: config.journal.flushMs,
      evidenceTtlMs: config.evidence.ttlHours * 3_600_000,
      distinctCap: config.journal.perRoute.distinctPerShape,
      perRoute: config.journal.perRoute,
    },
    log: (level, message) => log[level](message),
    backfillOf: (domain) => backfillOf(domainProper(domain)),
    ...(unknown === undefined ? {} : { unknown }),
    rulesOf: ({ route }) => rules[domainProper(route.domain)] ?? null,
  });
}

/**
 * The verdict as the journal stores it. If its source is not in `gate.sources`, it is stored under a separate domain
 * (`payments@recorded`) with separate fingerprints: people can find it, and no gate counts it.
 */
export function forJournal(verdict: Verdict, sources: readonly ReadSource[]): Verdict {
  const source = verdict.source ?? 'live';
  if (sources.includes(source)) return verdict;
  const domain = `${verdict.route.domain}@${source}`;
  const own = (fingerprint: string): string => `${source}-${fingerprint}`;
  return {
    ...verdict,
    route: { ...verdict.route, domain },
    fingerprint: verdict.fingerprint === null ? null : own(verdict.fingerprint),
    patterns: verdict.patterns.map((pattern) => ({ ...pattern, fingerprint: own(pattern.fingerprint) })),
  };
}

function domainProper(domain: string): string {
  return domain.split('@', 1)[0] ?? domain;
}
