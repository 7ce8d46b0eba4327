/** Changes of single rows that stay, each a fact that some answer shows, and what they are called as faults. */
import { type Document, ObjectId } from 'mongodb';
import type { Random } from '../../src/amanat/demo/random.ts';
import type { ModelMapping } from '../../src/api/mapping.ts';
import type { Fault } from '../../src/types.ts';
import { VIEWS, type View } from './cause-views.ts';
import { type CauseSystem, forced, seenByTwin, shownOf } from './causes.ts';
import { type Column, columnChange } from './stored.ts';

export interface RowChange {
  readonly cause: Fault['cause'];
  readonly collection: string;
  readonly entity: string;
  readonly field: string | null;
  /** Where it shows. */
  readonly doc: Document;
  readonly views: readonly View[];
}

/** Changes up to `count` rows of all tables in turn, so that each shows in some answer; all of them stay. */
export async function changeRows(system: CauseSystem, random: Random, count: number): Promise<readonly RowChange[]> {
  const made: RowChange[] = [];
  const tables = system.mappings.filter(
    ({ collection, identity }) => identity === 'objectId' && (VIEWS[collection]?.length ?? 0) > 0,
  );
  const used = new Set<string>([system.admin]);
  for (let turn = 0; made.length < count && turn < count * 6; turn += 1) {
    const mapping = tables[turn % tables.length];
    if (mapping === undefined) break;
    const docs = await system.mongo
      .collection(mapping.collection)
      .find(shownOf(mapping))
      .sort({ _id: 1 })
      .limit(60)
      .toArray();
    const free = docs.filter((doc) => !used.has(String(doc._id)));
    if (free.length === 0) continue;
    const doc = random.pick(free);
    used.add(String(doc._id));
    const change = await one(system, mapping, doc, random);
    if (change !== null) made.push(change);
  }
  return made;
}

type Kind = (system: CauseSystem, mapping: ModelMapping, doc: Document, random: Random) => Promise<Undo | null>;
interface Undo {
  readonly told: Pick<RowChange, 'cause' | 'entity' | 'field'>;
  undo(): Promise<unknown>;
}

async function one(
  system: CauseSystem,
  mapping: ModelMapping,
  doc: Document,
  random: Random,
): Promise<RowChange | null> {
  const views = VIEWS[mapping.collection] ?? [];
  const before = await texts(system, views, doc);
  const kind = random.pick([otherColumn, otherColumn, otherColumn, otherColumn, noRow, oneRowMore]);
  const change = await kind(system, mapping, doc, random);
  if (change === null) return null;
  const after = await texts(system, views, doc);
  if (after.every((text, i) => text === before[i])) {
    await change.undo();
    return null;
  }
  return { ...change.told, collection: mapping.collection, doc, views };
}

async function texts(system: CauseSystem, views: readonly View[], doc: Document): Promise<readonly string[]> {
  const answers = await Promise.all(views.map((view) => seenByTwin(system, view, doc)));
  return answers.map(({ status, text }) => `${status} ${text}`);
}

const otherColumn: Kind = async ({ sql }, mapping, doc, random) => {
  const columns = await sql<Column[]>`
    select column_name, data_type, numeric_scale from information_schema.columns
    where table_schema = 'public' and table_name = ${mapping.table}`;
  const mapped = mapping.fields.flatMap((field) => {
    const column = columns.find(({ column_name: name }) => name === field.column);
    // A message that is no message makes the twin fail, which is no mismatch.
    const set = column === undefined || field.path === 'messages' ? null : columnChange(column, mapping.table);
    return set === null ? [] : [{ field, set }];
  });
  const { field, set } = random.pick(mapped);
  const id = String(doc._id);
  const [kept] = await sql.unsafe(
    `select to_json("${field.column}")::text as held from "${mapping.table}" where mongo_id = $1`,
    [id],
  );
  if (kept === undefined || kept.held === null) return null;
  const done = await forced(sql, (tx) =>
    tx.unsafe(`update "${mapping.table}" set "${field.column}" = ${set} where mongo_id = $1`, [id]),
  ).then(
    () => true,
    () => false,
  );
  if (!done) return null;
  return {
    told: { cause: 'data_drift', entity: id, field: field.path },
    undo: () =>
      forced(sql, (tx) =>
        tx.unsafe(
          `update "${mapping.table}" t set "${field.column}" = k."${field.column}"
           from json_populate_record(null::"${mapping.table}", json_build_object('${field.column}', $1::text::json)) k where t.mongo_id = $2`,
          [String(kept.held), id],
        ),
      ),
  };
};

const noRow: Kind = async ({ sql }, mapping, doc) => {
  const id = String(doc._id);
  const [kept] = await sql
    .unsafe(`delete from "${mapping.table}" t where mongo_id = $1 returning row_to_json(t)::text as row`, [id])
    .catch(() => []);
  if (kept === undefined) return null;
  return {
    told: { cause: 'missing_row', entity: id, field: null },
    undo: () =>
      sql.unsafe(
        `insert into "${mapping.table}" select * from json_populate_record(null::"${mapping.table}", $1::text::json)`,
        [String(kept.row)],
      ),
  };
};

const oneRowMore: Kind = async ({ sql }, mapping, doc) => {
  const invented = { id: crypto.randomUUID(), mongo_id: new ObjectId().toHexString() };
  const added = await forced(sql, (tx) =>
    tx.unsafe(
      `insert into "${mapping.table}" select n.* from "${mapping.table}" t, json_populate_record(t, $1::text::json) n where t.mongo_id = $2`,
      [JSON.stringify(invented), String(doc._id)],
    ),
  ).then(
    () => true,
    () => false,
  );
  if (!added) return null;
  return {
    told: { cause: 'extra_row', entity: invented.mongo_id, field: null },
    undo: () => sql.unsafe(`delete from "${mapping.table}" where mongo_id = $1`, [invented.mongo_id]),
  };
};
