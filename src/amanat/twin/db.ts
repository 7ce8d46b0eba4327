import postgres, { type Sql } from 'postgres';

/** The twin's connections. Instants are exchanged in UTC, counts (int8) are numbers, numerics stay text. */
export function openDatabase(url: string, max = 10): Sql {
  const sql = postgres(url, {
    max,
    onnotice: () => undefined,
    connection: { TimeZone: 'UTC', application_name: 'shadowread' },
    types: { int8: { to: 20, from: [20], serialize: String, parse: Number } },
  });
  // The parser of int8 changes what comes back, not what may be asked: handlers see the plain type.
  return sql as unknown as Sql;
}
