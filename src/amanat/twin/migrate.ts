import { fileURLToPath } from 'node:url';
import { openPostgresPool } from '../../base/postgres.ts';
import { messageOf, ShadowError } from '../../errors.ts';
import { prepareMigration } from '../../migration/schema/migrate.ts';
import { isMigrated } from './migrated.ts';

/** Brings the tables of the database to the present schema; does nothing where they are. Fails with SHADOW_POSTGRES. */
export async function migrate(url: string): Promise<void> {
  const sql = openPostgresPool(url, { name: 'shadowread-migrate', max: 1 });
  try {
    // Two processes that start at once would both try to create the tables.
    await sql`select pg_advisory_lock(hashtext('shadowread.migrate'))`;
    await prepareMigration(sql);
    if (await isMigrated(sql)) return;
    // Loaded only where there is something to do: its many modules take a second and 200 MB.
    const [{ drizzle }, { migrate: run }] = await Promise.all([
      import('drizzle-orm/postgres-js'),
      import('drizzle-orm/postgres-js/migrator'),
    ]);
    await run(drizzle(sql), { migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)) });
  } catch (error) {
    throw new ShadowError('SHADOW_POSTGRES', 'the tables of the twin cannot be made', {
      expected: 'an empty database, or one that this program made',
      actual: messageOf(error),
      cause: error,
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
}
