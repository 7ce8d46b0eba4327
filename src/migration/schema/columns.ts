/** Checks tables that exist already: whether they have the columns that the mappings name. */
import { keyColumn, type ModelMapping, ownColumn } from '../../api/mapping.ts';
import { type Queryable, quoted } from '../../base/postgres.ts';
import { EXIT, ShadowError } from '../../errors.ts';

/** Where rows are written, the revision that each was made from, so that an older document never replaces a newer row. */
const REVISION = 'mongo_rev';

/** @throws ShadowError SHADOW_CONFIG that names each table, column and unique index that is missing */
export async function requireColumns(sql: Queryable, mappings: readonly ModelMapping[]): Promise<void> {
  const missing: string[] = [];
  for (const mapping of mappings.filter(({ identity }) => identity === 'column')) {
    const { table } = mapping;
    const rows = await sql<{ name: string; unique: boolean }[]>`
      select a.attname as name, exists (
        select from pg_index i where i.indrelid = a.attrelid and i.indisunique and i.indpred is null
          and i.indnkeyatts = 1 and i.indkey[0] = a.attnum) as unique
      from pg_attribute a where a.attrelid = to_regclass(${quoted(table)}) and a.attnum > 0 and not a.attisdropped`;
    if (rows.length === 0) {
      missing.push(`the table ${table}`);
      continue;
    }
    const known = new Map(rows.map(({ name, unique }) => [name, unique]));
    const wanted = [keyColumn(mapping), ownColumn(mapping), REVISION, ...mapping.fields.map(({ column }) => column)];
    missing.push(...wanted.filter((name) => !known.has(name)).map((name) => `${table}.${name}`));
    if (known.get(keyColumn(mapping)) === false) missing.push(`a unique index on ${table}.${keyColumn(mapping)}`);
  }
  if (missing.length === 0) return;
  throw new ShadowError('SHADOW_CONFIG', 'the tables do not have all that the mappings say', {
    expected: `${missing.join(', ')}`,
    actual: 'not there',
    example: `alter table ${mappings[0]?.table ?? 'books'} add column ${REVISION} bigint not null default 0`,
  });
}

/** @throws ShadowError SHADOW_POSTGRES where the tables of the migration are made and this role does not find them */
export async function requireSearchPath(sql: Queryable): Promise<void> {
  const [found] = await sql<{ there: boolean; path: string }[]>`
    select to_regclass('id_map') is not null as there, current_setting('search_path') as path`;
  if (found?.there === true) return;
  throw new ShadowError('SHADOW_POSTGRES', "the migration's tables are not in the search path of this role", {
    expected: "the schema public in the search path, after that of the API's own tables",
    actual: `search_path ${found?.path}`,
    example: 'alter role migration set search_path to app, public',
    exit: EXIT.undecided,
  });
}
