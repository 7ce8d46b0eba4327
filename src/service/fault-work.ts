/** What the admin port may do about faults: repair their rows, where the config allows it, and recheck their reads. */
import type { FaultWork } from '../admin/context.ts';
import type { ApiModule } from '../api/module.ts';
import { faultText } from '../base/crash-text.ts';
import type { Config } from '../config.ts';
import { ShadowError } from '../errors.ts';
import type { Repair } from '../migration/repair/repair.ts';
import { createFaultDesk, type FaultDesk, type RecheckRead } from './fault-desk.ts';
import { type OpenStores, openMigrationStores } from './migration-stores.ts';

/** One for the repairs, which run one after the other, and one for a look at a row meanwhile. */
const CONNECTIONS = 2;

/** @throws ShadowError SHADOW_CONFIG where repairs are enabled and cannot be done. */
export function createFaultWork(config: Config, api: ApiModule, recheck: RecheckRead): FaultWork {
  const urls = urlsOf(config, api);
  const mapped = new Set(urls === null ? [] : api.mappings.map(({ collection }) => collection));
  let stores: Promise<OpenStores> | null = null;
  const opened = (): Promise<OpenStores> => {
    if (urls === null) {
      throw new ShadowError('SHADOW_REFUSED', 'the admin port repairs nothing here', {
        expected: 'repair.enabled: true in the config, or `shadowread repair`',
        actual: 'repair.enabled: false',
      });
    }
    // If it failed, the next call tries again.
    stores ??= openMigrationStores(api, urls, CONNECTIONS).catch((error: unknown) => {
      stores = null;
      throw error;
    });
    return stores;
  };
  return {
    mayRepair: ({ collection }) => collection !== null && mapped.has(collection),
    async repair(id, { dryRun, deleteGone, reason, who }, journal) {
      const given = await opened();
      const desk = createFaultDesk({ ...journal, recheck, who, reason });
      const row = await desk.rowOf(id);
      const done = await repaired(given, row, { dryRun, deleteGone }, desk);
      const isAsItsDocument = done.result === 'repaired' || done.result === 'agrees';
      return { repair: done, faults: !dryRun && isAsItsDocument ? await desk.settle([done]) : [] };
    },
    recheck: (id, who, journal) => createFaultDesk({ ...journal, recheck, who }).recheck(id),
    async close() {
      await (await stores?.catch(() => null))?.close();
    },
  };
}

async function repaired(
  { mongo, sql, mappings }: OpenStores,
  row: string,
  wish: { readonly dryRun: boolean; readonly deleteGone: boolean },
  { onChange }: FaultDesk,
): Promise<Repair> {
  const [{ repairRow }, { targetOf }] = await Promise.all([
    import('../migration/repair/row.ts'),
    import('../migration/repair/target.ts'),
  ]);
  try {
    return await repairRow({ mongo, sql, mappings, ...wish, onChange }, await targetOf(sql, mappings, row));
  } catch (error) {
    if (error instanceof ShadowError) throw error;
    // A store's own message may quote the row.
    throw new ShadowError('SHADOW_POSTGRES', 'the row could not be repaired; nothing was changed', {
      expected: 'both stores, and a Postgres that MIGRATION_PG_URL may write to',
      actual: faultText(error).split('\n')[0] ?? 'a failure',
      cause: error,
    });
  }
}

function urlsOf({ repair, stores, journal }: Config, { mappings }: ApiModule): UrlsOfStores | null {
  if (!repair.enabled) return null;
  const missing = [
    ...(stores.mongo === undefined ? ['stores.mongo (MONGODB_URI)'] : []),
    ...(stores.postgres === undefined ? ['stores.postgres (MIGRATION_PG_URL)'] : []),
    ...(journal.url === undefined ? ['journal.url (SHADOWREAD_JOURNAL_URL)'] : []),
    ...(mappings.length === 0 ? ['mappings, in the config or in the API module'] : []),
  ];
  if (stores.mongo !== undefined && stores.postgres !== undefined && missing.length === 0) {
    return { mongo: stores.mongo, postgres: stores.postgres };
  }
  throw new ShadowError('SHADOW_CONFIG', 'repair.enabled is true, and nothing can be repaired', {
    expected: missing.join(', '),
    actual: 'not set',
    example: 'repair: { enabled: false }',
  });
}

type UrlsOfStores = Parameters<typeof openMigrationStores>[1];
