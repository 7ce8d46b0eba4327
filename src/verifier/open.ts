/** Opens a verifier from its settings: route table, connections to both sides, id pairs, stores. */
import { type LoadedApi, loadApi } from '../api/load.ts';
import { prepareReads } from '../api/reads.ts';
import { declareCallers, declareRenamed } from '../base/caller.ts';
import type { PairStore } from '../rules/pair-store.ts';
import type { RawHeaders, Side, Verdict } from '../types.ts';
import { loadCredentials } from './credentials.ts';
import { Hashes } from './hashes.ts';
import { RelatedIds } from './ids/related-ids.ts';
import { MatchMemory } from './memory.ts';
import { recheck } from './recheck.ts';
import { Redactor } from './redactor.ts';
import { sealPair } from './seal-pair.ts';
import { openEvidence } from './sealed-pair.ts';
import { MEMORY_DEFAULTS, type VerifierSettings } from './settings.ts';
import { SideClient } from './side-client.ts';
import { AutoTable, originsOf, type RouteTable, tableOf } from './table.ts';
import type { Outcome } from './verdict-body.ts';
import type { Hooks, Job, VerifierParts } from './verifier-parts.ts';
import { Verifier } from './verify.ts';
import type { WithStores } from './with-stores.ts';

export interface OpenVerifier {
  readonly digests: Readonly<Record<string, string>>;
  readonly table: RouteTable;
  /** Where pairs of ids are hypotheses, what keeps them for others asks for them here. */
  readonly pairs: PairStore;
  verify(job: Job, hooks: Hooks): Promise<Outcome>;
  /** Asks both sides now for the read that this evidence is of. @throws ShadowError SHADOW_KEY, SHADOW_REFUSED, … */
  recheck(evidence: Uint8Array, credentials: RawHeaders): Promise<Verdict>;
  /** The sync's lag as measured, milliseconds. */
  setLag(ms: number): void;
  /** Forgets earlier matches. */
  forget(): void;
  close(): Promise<void>;
}

/** Connections of one worker to the primary: re-reads and control reads only. */
const PRIMARY_CONNECTIONS = 16;
/** A settle time counts as the lag for so long. */
const REMEMBER_MS = 60_000;

export async function openVerifier(settings: VerifierSettings): Promise<OpenVerifier> {
  const api = await loadApi(settings.api);
  prepareReads(api.routes, false);
  declareRenamed(settings.headers.primary?.rename, settings.headers.twin?.rename);
  declareCallers(settings.callerFields ?? []);
  const origins = originsOf(settings.primaryUrl, settings.twinUrl, api.routes, settings.origins);
  const declared = tableOf(api.routes, origins);
  const table = api.source.auto === true ? new AutoTable(declared, origins) : declared;
  const clientOf = (side: Side, url: string, connections: number | null): SideClient =>
    new SideClient({
      ...settings,
      // A primary that takes longer than a twin may is read again all the same: else none of its mismatches would be believed.
      ...(side === 'primary' ? settings.primaryTimeouts : {}),
      tls: settings.tls[side],
      url,
      connections,
    });
  const clients = {
    primary: clientOf('primary', settings.primaryUrl, Math.max(PRIMARY_CONNECTIONS, settings.connections)),
    // As many as there are slots, which may become more while it runs.
    twin: clientOf('twin', settings.twinUrl, null),
  };
  const lag = new Lag();
  const related = new RelatedIds(settings.ids, settings.migrationPgUrl);
  const redactor = new Redactor({ key: settings.redaction.key, shown: settings.redaction.showPaths });
  const lagMs = (): number => lag.ms(performance.now());
  const stores = await storesOf(settings, api, { redactor, lagMs });
  const ids = stores?.ids ?? null;
  const finder = stores?.finder ?? null;
  const key = settings.evidenceKey;
  const memory = new MatchMemory(settings.memory ?? MEMORY_DEFAULTS);
  const parts: VerifierParts = {
    settings,
    table,
    clients,
    hashes: new Hashes(settings.redaction.key),
    ids,
    related,
    credentials: settings.credentials === null ? null : await loadCredentials(settings.credentials),
    redactor,
    noCause: api.mappings.length === 0 ? 'mappings' : 'stores',
    memory,
    causeOf: finder === null ? null : (pair) => finder.find(pair),
    lagOf: finder === null ? null : (entry) => finder.lagOf(entry),
    seal: key === null ? null : (pair, settled) => sealPair(pair, settled, key, Date.now() + settings.evidenceTtlMs),
    lagMs,
    onSettled: (ms) => lag.settled(ms, performance.now()),
  };
  const verifier = new Verifier(parts);
  return {
    digests: Object.fromEntries([...table].map(([key, route]) => [key, route.digest])),
    table,
    pairs: related,
    verify: (job, hooks) => verifier.verify(job, hooks),
    recheck: async (sealed, credentials) => recheck(openEvidence(sealed, key, Date.now()), parts, credentials),
    forget: () => memory.forget(),
    setLag: (ms) => lag.measured(ms),
    close: async () => {
      await Promise.all([clients.primary.close(), clients.twin.close(), stores?.close(), related.close()]);
    },
  };
}

/** Null where no Postgres is configured: its driver and the search for causes are then not even loaded. */
async function storesOf(
  settings: VerifierSettings,
  api: LoadedApi,
  parts: { readonly redactor: Redactor; readonly lagMs: () => number },
): Promise<WithStores | null> {
  if (settings.migrationPgUrl === null) return null;
  const { openWithStores } = await import('./with-stores.ts');
  return openWithStores(settings.migrationPgUrl, settings, api, parts);
}

/** How long the sync takes, from its measured lag and from the pairs that settled lately. */
class Lag {
  #measured = 0;
  #settled = 0;
  #at = 0;

  measured(ms: number): void {
    this.#measured = ms;
  }

  settled(ms: number, now: number): void {
    if (ms < this.#settled && now - this.#at < REMEMBER_MS) return;
    this.#settled = ms;
    this.#at = now;
  }

  ms(now: number): number {
    return Math.max(this.#measured, now - this.#at < REMEMBER_MS ? this.#settled : 0);
  }
}
