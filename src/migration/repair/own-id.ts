/**
 * The own id of a lost row, where Postgres gives a row its id: rows that refer to it still hold it. Under a new one they
 * would refer to nothing.
 */
import type { Db } from 'mongodb';
import type { TransactionSql } from 'postgres';
import { keyColumn, type ModelMapping, ownColumn } from '../../api/mapping.ts';
import { keysOf } from '../../api/rows/document-id.ts';

/** Documents of each collection that are asked for what their rows hold. */
const REFERRERS = 20;
/** A collection without an index on the reference must not hold up a repair. */
const MONGO_MS = 2_000;

export interface LostRow {
  readonly mapping: ModelMapping;
  readonly mongoId: string;
}

/** Null where no row holds it, where they do not agree on it, or where it is the id of another row. */
export async function heldId(
  tx: TransactionSql,
  mongo: Db,
  mappings: readonly ModelMapping[],
  { mapping, mongoId }: LostRow,
): Promise<string | null> {
  if (mapping.identity !== 'column') return null;
  const held = new Set<string>();
  for (const other of mappings.filter(({ identity }) => identity === 'column')) {
    for (const { path, column, type } of other.fields) {
      if (type.kind !== 'ref' || type.collection !== mapping.collection) continue;
      const referrers = await mongo
        .collection(other.collection)
        .find(
          { [path]: { $in: keysOf(mongoId, mapping) } },
          { projection: { _id: 1 }, limit: REFERRERS, maxTimeMS: MONGO_MS },
        )
        .toArray()
        .catch(() => []);
      const rows = await tx<{ held: string }[]>`
        select distinct r.${tx(column)}::text as held from ${tx(other.table)} r
        where r.${tx(keyColumn(other))} = any(${referrers.map(({ _id }) => String(_id))}::text[]) and r.${tx(column)} is not null
          and not exists (select from ${tx(mapping.table)} l where l.${tx(ownColumn(mapping))} = r.${tx(column)})`;
      for (const row of rows) held.add(row.held);
    }
  }
  return held.size === 1 ? ([...held][0] ?? null) : null;
}

/** Gives the row this id. A table that lets nobody set its ids keeps the new one. */
export async function takeId(tx: TransactionSql, { mapping, mongoId }: LostRow, id: string): Promise<void> {
  const [table, own, key] = [tx(mapping.table), tx(ownColumn(mapping)), tx(keyColumn(mapping))];
  const take = (inner: TransactionSql) =>
    inner`update ${table} set ${own} = r.${own} from json_populate_record(null::${table}, ${JSON.stringify({ [ownColumn(mapping)]: id })}::text::json) r where ${table}.${key} = ${mongoId}`;
  await tx.savepoint(take).catch(() => undefined);
}
