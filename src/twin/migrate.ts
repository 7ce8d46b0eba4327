import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as run } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { messageOf, ShadowError } from '../errors.ts';

/** Brings the tables of the database to the present schema; does nothing where they are. Fails with SHADOW_POSTGRES. */
export async function migrate(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    // Two processes that start at once would both try to create the tables.
    await sql`select pg_advisory_lock(hashtext('shadowread.migrate'))`;
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
