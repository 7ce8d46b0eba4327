import { openPostgresPool } from '../../base/postgres.ts';
import { EXIT, messageOf, ShadowError } from '../../errors.ts';
import { prepareMigration } from '../../migration/schema/migrate.ts';
import { applyMigrations } from './migrations.ts';

/** Brings the tables of the database to the present schema; does nothing where they are. Fails with SHADOW_POSTGRES. */
export async function migrate(url: string): Promise<void> {
  const sql = openPostgresPool(url, { name: 'shadowread-migrate', max: 2 });
  try {
    await sql.begin(async (tx) => {
      // Two processes that start at once would both try to create the tables. A lock of the session would outlive it behind a pooler.
      await tx`select pg_advisory_xact_lock(hashtext('shadowread.migrate'))`;
      await prepareMigration(sql);
      await applyMigrations(sql);
    });
  } catch (error) {
    throw new ShadowError('SHADOW_POSTGRES', 'the tables of the twin cannot be made', {
      expected: 'an empty database, or one that this program made',
      actual: messageOf(error),
      cause: error,
      exit: EXIT.undecided,
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
}
