/** What a verifier has where the stores are configured: pairs of ids, and causes. Loaded only there. */
import type { LoadedApi } from '../api/load.ts';
import { CauseFinder } from './cause/cause.ts';
import { Stores } from './cause/stores.ts';
import { KnownIds } from './ids/known-ids.ts';
import { openReadOnly, PostgresIdMap } from './ids/postgres-source.ts';
import type { Redactor } from './redactor.ts';
import type { VerifierSettings } from './settings.ts';

export interface WithStores {
  readonly ids: KnownIds;
  /** Null without MongoDB, or for an API without mappings. */
  readonly finder: CauseFinder | null;
  close(): Promise<void>;
}

/** What only looks wrong, because it was on its way, has come by then where the sync has no lag to speak of. */
const LOOK_AGAIN_MS = 100;
/** Reading this many documents takes some seconds of one worker; above it the cause of an aggregate is `unknown`. */
const SWEEP_DOCUMENTS = 50_000;

/** `postgresUrl`: where `id_map` is. */
export function openWithStores(
  postgresUrl: string,
  { mongodbUri }: VerifierSettings,
  api: LoadedApi,
  { redactor, lagMs }: { readonly redactor: Redactor; readonly lagMs: () => number },
): WithStores {
  const sql = openReadOnly(postgresUrl, 2, 5_000);
  const ids = new KnownIds(new PostgresIdMap(sql));
  const stores = mongodbUri === null ? null : new Stores(mongodbUri, sql);
  const finder =
    stores === null || api.mappings.length === 0
      ? null
      : new CauseFinder({
          source: stores,
          mappings: api.mappings,
          callerOf: api.callerOf,
          ids,
          redactor,
          lagMs,
          pauseMs: LOOK_AGAIN_MS,
          sweepDocuments: SWEEP_DOCUMENTS,
        });
  return {
    ids,
    finder,
    close: async () => {
      await Promise.all([stores?.close(), sql.end({ timeout: 1 })]);
    },
  };
}
