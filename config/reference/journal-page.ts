/** docs/reference/journal.md: the tables of the journal, from the catalog of a Postgres that was really migrated. */
import postgres, { type Sql } from 'postgres';
import { JOURNAL_SCHEMA, migrate } from '../../src/journal/schema/migrate.ts';
import { openPostgres } from '../../src/stores/postgres.ts';
import { SHARED, TABLES } from './journal-meanings.ts';
import { code, page, table } from './markdown.ts';

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly required: boolean;
  readonly key: boolean;
  readonly partitioned: boolean;
}

/** Starts a Postgres for the moment, or uses the given one. */
export async function journalPage(url?: string): Promise<string> {
  const store = url === undefined ? await openPostgres() : null;
  const sql = postgres(url ?? store?.url ?? '', { max: 1, onnotice: () => undefined });
  try {
    await migrate(sql);
    return written(await columnsOf(sql));
  } finally {
    await sql.end();
    await store?.close();
  }
}

function columnsOf(sql: Sql): Promise<readonly Column[]> {
  return sql<Column[]>`
    select c.relname as "table", a.attname as "column", format_type(a.atttypid, a.atttypmod) as "type",
      a.attnotnull as "required", c.relkind = 'p' as "partitioned",
      exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any(i.indkey)) as "key"
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = ${JOURNAL_SCHEMA.schema}::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.attnum > 0 and not a.attisdropped
    order by c.relname, a.attnum`;
}

/** @throws Error where a table or column has no meaning in journal-meanings.ts, or one of those is not there. */
function written(columns: readonly Column[]): string {
  const tables = Map.groupBy(columns, (column) => column.table);
  const gone = Object.keys(TABLES).filter((name) => !tables.has(name));
  if (gone.length > 0) throw new Error(`journal-meanings.ts tells of tables that are not there: ${gone.join(', ')}`);
  return page('Journal tables', 'Find out what a table of the journal holds, to look into it or to query it.', [
    [
      `All tables are in the schema \`${JOURNAL_SCHEMA.schema}\`, version ${JOURNAL_SCHEMA.versions.length}. They change between versions: use the HTTP API or the`,
      'commands where they will do. *By day* means that the table is partitioned by UTC day; `shadowread prune` drops whole days.',
    ].join('\n'),
    ...[...tables].map(([name, held]) => section(name, held)),
  ]);
}

function section(name: string, columns: readonly Column[]): string {
  const meaning = TABLES[name];
  if (meaning === undefined) throw new Error(`journal-meanings.ts says nothing of the table ${name}`);
  const own = meaning.columns ?? {};
  const left = Object.keys(own).filter((key) => !columns.some(({ column }) => column === key));
  if (left.length > 0) throw new Error(`journal-meanings.ts tells of columns that ${name} has not: ${left.join(', ')}`);
  const rows = columns.map(({ column, type, required, key }) => {
    const told = own[column] ?? SHARED[column];
    if (told === undefined) throw new Error(`journal-meanings.ts says nothing of ${name}.${column}: add one sentence`);
    return [code(column), type, key ? 'key' : required ? '' : 'may be null', told];
  });
  return `## ${name}\n\n${meaning.what}${columns.some(({ partitioned }) => partitioned) ? ' *By day.*' : ''}\n\n${table(['column', 'type', '', 'meaning'], rows)}`;
}
