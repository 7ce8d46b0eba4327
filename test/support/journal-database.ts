/** A journal's database with its tables: made once for all lanes, copied for whoever asks. */
import { openPostgresPool } from '../../src/base/postgres.ts';
import { migrate } from '../../src/journal/schema/migrate.ts';
import { copyOfDatabase, freshDatabase, onceForAllLanes } from './stores.ts';

let original: Promise<string> | undefined;

/** The URL of a new journal that nothing was written to. Whoever tests how its tables are made asks for `freshDatabase`. */
export async function freshJournal(): Promise<string> {
  original ??= onceForAllLanes('journal', migrated);
  return copyOfDatabase(await original);
}

async function migrated(): Promise<string> {
  const url = await freshDatabase();
  const sql = openPostgresPool(url, { name: 'shadowread-tests', max: 1 });
  try {
    await migrate(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
  return url;
}
