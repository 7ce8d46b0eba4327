/** `payments/66d4…` as a person writes it: the collection, and the document's ObjectId or the row's uuid. */
import { keyColumn, type ModelMapping, ownColumn } from '../../api/mapping.ts';
import { isTypedId } from '../../api/rows/document-id.ts';
import type { Queryable } from '../../base/postgres.ts';
import { ShadowError } from '../../errors.ts';
import type { RepairTarget } from './repair.ts';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const OBJECT_ID = /^[0-9a-f]{24}$/i;

/** @throws ShadowError SHADOW_USAGE, SHADOW_NOT_FOUND for a uuid that no document has. */
export async function targetOf(
  sql: Queryable,
  mappings: readonly ModelMapping[],
  written: string,
): Promise<RepairTarget> {
  const slash = written.indexOf('/');
  const collection = written.slice(0, Math.max(0, slash));
  const id = written.slice(slash + 1);
  if (slash < 1 || id === '') {
    throw new ShadowError('SHADOW_USAGE', 'this names no row', {
      expected: 'collection/id; with SHADOWREAD_JOURNAL_URL also the id of a fault',
      actual: written,
      example: 'shadowread repair payments/66d4f0c2a1b2c3d4e5f60718',
    });
  }
  const mapping = mappings.find((candidate) => candidate.collection === collection);
  if (mapping === undefined) throw unknownCollection(mappings, collection, id);
  if (mapping.identity === 'column') return { mapping, mongoId: (await documentOf(sql, mapping, id)) ?? id };
  if (mapping.identity !== 'objectId') return { mapping, mongoId: id };
  if (OBJECT_ID.test(id)) return { mapping, mongoId: id.toLowerCase() };
  if (isTypedId(id)) return { mapping, mongoId: id };
  if (!UUID.test(id)) {
    throw new ShadowError('SHADOW_USAGE', `this is no id of ${collection}`, {
      expected: 'an ObjectId of 24 hex digits, or the uuid of the row',
      actual: id,
    });
  }
  return { mapping, mongoId: await objectIdOf(sql, mapping, id) };
}

/** What the row is called, whichever of its two ids was written; null where there is no such row. */
async function documentOf(sql: Queryable, mapping: ModelMapping, id: string): Promise<string | null> {
  const [key, own] = [sql(keyColumn(mapping)), sql(ownColumn(mapping))];
  const [row] = await sql<{ id: string }[]>`
    select coalesce(${key}::text, ${own}::text) as id from ${sql(mapping.table)} where ${key} = ${id} or ${own}::text = ${id}
    order by ${key} <> ${id} limit 1`;
  return row?.id ?? null;
}

async function objectIdOf(sql: Queryable, { collection, table }: ModelMapping, uuid: string): Promise<string> {
  const [known] = await sql<{ id: string }[]>`
    select mongo_id as id from id_map where collection = ${collection} and uuid = ${uuid}
    union all select mongo_id from ${sql(table)} where id = ${uuid} limit 1`;
  if (known !== undefined) return known.id;
  throw new ShadowError('SHADOW_NOT_FOUND', `${collection} has no row or document of this uuid`, {
    expected: 'an id that id_map or the table holds',
    actual: uuid,
  });
}

function unknownCollection(mappings: readonly ModelMapping[], collection: string, id: string): ShadowError {
  const parent = mappings.find(({ children }) =>
    children.some((child) => child.collection === collection || child.table === collection),
  );
  if (parent !== undefined) {
    return new ShadowError('SHADOW_USAGE', `${collection} are embedded in ${parent.collection}`, {
      expected: `the document that holds them: ${parent.collection}/<id>`,
      actual: `${collection}/${id}`,
    });
  }
  const byTable = mappings.find(({ table, model }) => table === collection || model === collection);
  return new ShadowError('SHADOW_USAGE', 'no collection of this name has a mapping', {
    expected: `one of ${mappings.map((mapping) => mapping.collection).join(', ')}`,
    actual: collection,
    ...(byTable === undefined ? {} : { example: `shadowread repair ${byTable.collection}/${id}` }),
  });
}
