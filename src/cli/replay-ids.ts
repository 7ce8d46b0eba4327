/** The pairs of ids that stored pairs are judged by: of the config's `ids`, from the journal, and of `id_map`. */
import { openPostgresPool } from '../base/postgres.ts';
import type { Config } from '../config.ts';
import { IdPairs as KeptPairs } from '../journal/id-pairs.ts';
import type { IdPairs, WantedId } from '../rules/rule.ts';
import { idKindsOf } from '../service/pairing.ts';
import { ReadIds } from '../verifier/ids/known-ids.ts';
import { RelatedIds } from '../verifier/ids/related-ids.ts';

export interface ReplayIds {
  /** As reads that were sent to this host know them. */
  idsAt(host: string): IdPairs;
  /** Looks up what a query of the config answers; true where new ids came in. @throws ShadowError SHADOW_POSTGRES */
  lookUp(wanted: readonly WantedId[]): Promise<boolean>;
  close(): Promise<void>;
}

/** Reads what is kept once; nothing that a replay sees is kept. */
export async function openReplayIds(config: Config, journal: string): Promise<ReplayIds> {
  const mapped = await idMap(config.stores.postgres);
  const related = new RelatedIds(idKindsOf(config), config.stores.postgres ?? null);
  if (related.kept.length > 0) await KeptPairs.open(journal, related).then((pairs) => pairs.close());
  const idsAt = (host: string): IdPairs => {
    const read = new ReadIds(null, related, host);
    return {
      relates: (collection) => read.relates(collection),
      looksUp: (collection) => read.looksUp(collection),
      relate: (collection, primary, twin) => read.relate(collection, primary, twin),
      uuidOf: (collection, id) => (read.relates(collection) ? read : mapped).uuidOf(collection, id),
      objectIdOf: (collection, id) => (read.relates(collection) ? read : mapped).objectIdOf(collection, id),
    };
  };
  const asking = new ReadIds(null, related);
  return { idsAt, lookUp: (wanted) => asking.lookUp(wanted), close: () => related.close() };
}

/** All of `id_map`, read once; unknown without the migration's Postgres. */
async function idMap(url: string | undefined): Promise<IdPairs> {
  if (url === undefined) return { uuidOf: () => undefined, objectIdOf: () => undefined };
  const sql = openPostgresPool(url, { name: 'shadowread-replay', max: 1 });
  try {
    const uuids = new Map<string, string>();
    const objectIds = new Map<string, string>();
    for await (const rows of sql<
      { collection: string; mongo_id: string; uuid: string }[]
    >`select collection, mongo_id, uuid from id_map`.cursor(5_000)) {
      for (const { collection, mongo_id, uuid } of rows) {
        uuids.set(`${collection} ${mongo_id}`, uuid);
        objectIds.set(`${collection} ${uuid}`, mongo_id);
      }
    }
    return {
      uuidOf: (collection, id) => uuids.get(`${collection} ${id}`) ?? null,
      objectIdOf: (collection, id) => objectIds.get(`${collection} ${id}`) ?? null,
    };
  } finally {
    await sql.end({ timeout: 1 });
  }
}
