/** A journal's database with its tables: made once for all lanes, copied for whoever asks. */
import { openPostgresPool } from '../../src/base/postgres.ts';
import { migrate } from '../../src/journal/schema/migrate.ts';
import { copyOfMade } from './stores.ts';

/** The URL of a new journal that nothing was written to. Whoever tests how its tables are made asks for `freshDatabase`. */
export const freshJournal = (): Promise<string> => copyOfMade('journal', migrated);

async function migrated(url: string): Promise<void> {
  const sql = openPostgresPool(url, { name: 'shadowread-tests', max: 1 });
  try {
    await migrate(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
