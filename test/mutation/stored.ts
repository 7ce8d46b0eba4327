/**
 * Mutants of stored data: one column of one row in Postgres, or one field of one document in Mongo after the backfill.
 * Where the answer's own bytes change, the comparators must report it; where they do not, nobody can see it.
 */
import { type Db, Decimal128, type Document, ObjectId } from 'mongodb';
import type { Sql } from 'postgres';
import type { Random } from '../../src/amanat/demo/random.ts';
import type { RouteEntry } from '../../src/api/route.ts';
import type { IdPairs } from '../../src/rules/rule.ts';
import { judge } from './judge.ts';
import { pairsOf } from './pair.ts';

/** One way to look at a stored thing: the endpoint that shows it, asked for it. */
export interface Look {
  readonly table: string;
  readonly collection: string;
  readonly route: string;
  /** `{id}` is the thing's own ObjectId. */
  readonly target: string;
  /** Text instead of the ObjectId: a slug. */
  readonly by?: string;
}

/** Tables whose rows one endpoint shows by id or slug. */
export const LOOKS: readonly Look[] = [
  { table: 'payments', collection: 'payments', route: 'GET /api/payments/:id', target: '/api/payments/{id}' },
  { table: 'disputes', collection: 'disputes', route: 'GET /api/disputes/:id', target: '/api/disputes/{id}' },
  {
    table: 'derived_destinations',
    collection: 'deriveddestinations',
    route: 'GET /api/wallet/destinations/:id',
    target: '/api/wallet/destinations/{id}',
  },
  {
    table: 'purchase_requests',
    collection: 'purchaserequests',
    route: 'GET /api/requests/:id',
    target: '/api/requests/{id}',
  },
  { table: 'seller_offers', collection: 'selleroffers', route: 'GET /api/offers/:id', target: '/api/offers/{id}' },
  { table: 'users', collection: 'users', route: 'GET /api/users/:id', target: '/api/users/{id}' },
  {
    table: 'request_templates',
    collection: 'requesttemplates',
    route: 'GET /api/templates/:slug',
    target: '/api/templates/{by}',
    by: 'slug',
  },
  { table: 'blog_posts', collection: 'blogposts', route: 'GET /api/blog/:slug', target: '/api/blog/{by}', by: 'slug' },
];

export interface StoredSources {
  readonly reference: string;
  readonly twin: string;
  readonly routes: readonly RouteEntry[];
  readonly mongo: Db;
  readonly sql: Sql;
  readonly ids: IdPairs;
}

export interface StoredResult {
  readonly place: 'row' | 'document';
  readonly operator: string;
  readonly domain: string;
  readonly outcome: 'caught' | 'missed' | 'unseen';
  readonly detail: string;
}

/** Changes `each` rows and documents a look, each column and field in its turn, and puts every one back. */
export async function mutateStored(
  sources: StoredSources,
  random: Random,
  each: number,
  onDone: () => void,
): Promise<StoredResult[]> {
  const results: StoredResult[] = [];
  for (const look of LOOKS) {
    const docs = await sources.mongo
      .collection(look.collection)
      .find(look.table === 'blog_posts' ? { status: 'published' } : {})
      .sort({ _id: 1 })
      .limit(60)
      .toArray();
    for (let turn = 0; turn < each; turn++) {
      const doc = random.pick(docs);
      results.push(...(await mutateRow(sources, look, doc, random)));
      results.push(...(await mutateDocument(sources, look, doc)));
      onDone();
    }
  }
  return results;
}

async function see(sources: StoredSources, look: Look, doc: Document) {
  const route = sources.routes.find(({ key }) => key === look.route);
  if (route === undefined) throw new Error(`no route ${look.route}`);
  const target = look.target
    .replace('{id}', String(doc._id))
    .replace('{by}', encodeURIComponent(String(doc[look.by ?? '_id'])));
  return { route, pairs: await pairsOf(sources, route, target, undefined, Number.POSITIVE_INFINITY) };
}

export type Column = {
  readonly column_name: string;
  readonly data_type: string;
  readonly numeric_scale: number | null;
};

/** The change of a column by its type; null where there is none to make. Written in SQL, over the column `"c"`. */
export function columnChange(
  { column_name: name, data_type: type, numeric_scale: scale }: Column,
  table: string,
): string | null {
  const c = `"${name}"`;
  if (['id', 'mongo_id', 'mongo_rev', 'search_tokens', 'slug'].includes(name)) return null;
  switch (type) {
    case 'numeric':
      return scale === 0 ? `${c} + 1` : `${c} + 0.01`;
    case 'integer':
    case 'bigint':
      return `${c} + 1`;
    case 'timestamp with time zone':
      return `${c} + interval '1 millisecond'`;
    case 'boolean':
      return `not ${c}`;
    case 'text':
    case 'character':
      return `${c} || ' '`;
    case 'uuid':
      return `(select ${c} from ${table} o where o.${c} is distinct from ${table}.${c} and o.${c} is not null limit 1)`;
    case 'jsonb':
      return `case when jsonb_typeof(${c}) = 'object' then ${c} || '{"mutant": true}' else ${c} || '["mutant"]' end`;
    case 'ARRAY':
      return name.endsWith('_ids') ? null : `array_append(${c}, 'mutant')`;
    default:
      return null;
  }
}

async function mutateRow(sources: StoredSources, look: Look, doc: Document, random: Random): Promise<StoredResult[]> {
  const { sql } = sources;
  const columns = await sql<
    Column[]
  >`select column_name, data_type, numeric_scale from information_schema.columns where table_schema = 'public' and table_name = ${look.table}`;
  const column = random.pick(columns.filter((one) => columnChange(one, look.table) !== null));
  const change = columnChange(column, look.table);
  const before = await see(sources, look, doc);
  const name = `"${column.column_name}"`;
  const [kept] = await sql.unsafe(
    `select ${name}::text as held, ${name} is null as empty from ${look.table} where mongo_id = $1`,
    [String(doc._id)],
  );
  if (kept === undefined || kept.empty === true) return [];
  const connection = await sql.reserve();
  try {
    await connection`set session_replication_role = replica`;
    await connection.unsafe(`update ${look.table} set ${name} = ${change} where mongo_id = $1`, [String(doc._id)]);
    const after = await see(sources, look, doc);
    return after.pairs.map((pair, at) => ({
      place: 'row' as const,
      operator: `${column.data_type} changed in a row`,
      domain: after.route.domain,
      outcome:
        pair.twin.text === before.pairs[at]?.twin.text
          ? 'unseen'
          : judge(pair, pair.twin, sources.ids).length > 0
            ? 'caught'
            : 'missed',
      detail: `${look.table}.${column.column_name} ${pair.target} ${pair.representation}`,
    }));
  } finally {
    const cast = column.data_type === 'ARRAY' ? 'text[]' : column.data_type;
    await connection.unsafe(`update ${look.table} set ${name} = $1::text::${cast} where mongo_id = $2`, [
      kept.held,
      String(doc._id),
    ]);
    await connection`set session_replication_role = origin`;
    connection.release();
  }
}

/** Another value of the same BSON type; undefined where there is none to make. */
export function otherValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value + 1 : value + 0.01;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return `${value} `;
  if (value instanceof Date) return new Date(value.getTime() + 1);
  if (value instanceof ObjectId) return new ObjectId('ffffffffffffffffffffffff');
  if (value instanceof Decimal128) return Decimal128.fromString(`${value.toString()}1`);
  if (Array.isArray(value)) return value.length > 0 ? value.slice(1) : undefined;
  return undefined;
}

async function mutateDocument(sources: StoredSources, look: Look, doc: Document): Promise<StoredResult[]> {
  const before = await see(sources, look, doc);
  const collection = sources.mongo.collection(look.collection);
  const results: StoredResult[] = [];
  for (const [field, value] of Object.entries(doc)) {
    const other = field.startsWith('_') || field === look.by ? undefined : otherValue(value);
    if (other === undefined) continue;
    await collection.updateOne({ _id: doc._id }, { $set: { [field]: other } });
    try {
      const after = await see(sources, look, doc);
      for (const [at, pair] of after.pairs.entries()) {
        results.push({
          place: 'document',
          operator: `${kindOf(value)} changed in a document`,
          domain: after.route.domain,
          outcome:
            pair.primary.text === before.pairs[at]?.primary.text
              ? 'unseen'
              : judge(pair, pair.twin, sources.ids).length > 0
                ? 'caught'
                : 'missed',
          detail: `${look.collection}.${field} ${pair.target} ${pair.representation}`,
        });
      }
    } finally {
      await collection.updateOne({ _id: doc._id }, { $set: { [field]: value } });
    }
  }
  return results;
}

function kindOf(value: unknown): string {
  if (value instanceof Date) return 'date';
  if (value instanceof ObjectId) return 'ObjectId';
  if (value instanceof Decimal128) return 'Decimal128';
  return Array.isArray(value) ? 'array' : typeof value;
}
