import postgres, { type Sql } from 'postgres';

/** The migration's connections: instants in UTC, int8 as numbers (revisions and counts), numerics as text. */
export function openMigrationDatabase(url: string, max = 4): Sql {
  const sql = postgres(url, {
    max,
    onnotice: () => undefined,
    connection: { TimeZone: 'UTC', application_name: 'shadowread-migration' },
    types: { int8: { to: 20, from: [20], serialize: String, parse: Number } },
  });
  return sql as unknown as Sql;
}
