/**
 * Single faults, of which it is known whether the data or the twin's logic is wrong, and what the real look-up of the
 * cause says of each: changed columns, lost rows and known gaps in Postgres, changed documents in Mongo, changed answers.
 */
import { type Db, type Document, ObjectId } from 'mongodb';
import type { Sql } from 'postgres';
import type { Random } from '../../src/amanat/demo/random.ts';
import type { ModelMapping } from '../../src/api/mapping.ts';
import type { RouteEntry } from '../../src/api/route.ts';
import type { Cause, CauseFinding, Representation } from '../../src/types.ts';
import { readAnswer } from '../../src/verifier/answers.ts';
import type { CauseFinder } from '../../src/verifier/cause/cause.ts';
import { Comparing } from '../../src/verifier/comparing.ts';
import type { KnownIds } from '../../src/verifier/ids/known-ids.ts';
import { readingOf } from '../../src/verifier/reading.ts';
import type { RouteTable } from '../../src/verifier/table.ts';
import { VIEWS, type View } from './cause-views.ts';
import type { Pair, Raw } from './pair.ts';
import { ask } from './pair.ts';
import { type Column, columnChange, otherValue } from './stored.ts';
import type { Operator } from './variations.ts';

export interface CauseSystem {
  readonly reference: string;
  readonly twin: string;
  readonly routes: readonly RouteEntry[];
  readonly table: RouteTable;
  readonly mappings: readonly ModelMapping[];
  readonly mongo: Db;
  readonly sql: Sql;
  readonly ids: KnownIds;
  readonly finder: CauseFinder;
  readonly admin: string;
}

export interface Trial {
  readonly fault: string;
  readonly what: string;
  readonly domain: string;
  readonly target: string;
  readonly representation: string;
  readonly truth: Cause;
  readonly said: Cause;
  readonly note: string | null;
}

/** What the look-up says of a pair; null where the two answers mean the same. */
export async function causeOf(system: CauseSystem, pair: Pair, twin: Raw): Promise<CauseFinding | null> {
  const route = system.table.get(pair.route.key);
  if (route === undefined) throw new Error(`no route ${pair.route.key}`);
  const { key, method, pattern, domain } = pair.route;
  const rawHeaders = [
    'Host',
    'api.example',
    ...(pair.caller === undefined ? [] : ['Authorization', `Bearer ${pair.caller}`]),
  ];
  const [primary, its] = await Promise.all([answerOf(pair.primary), answerOf(twin)]);
  // An answer that cannot be read, or a twin that fails, is a twin_error, which has no cause.
  if (primary === null || its === null || its.status >= 500) return null;
  const exchange = {
    id: 'trial',
    route: { key, method, pattern, domain },
    served: 'primary' as const,
    request: { method, target: pair.target, rawHeaders, body: null },
    answer: rawAnswer(pair.primary),
    trace: {
      traceId: '1'.repeat(32),
      parentSpanId: null,
      spanId: '1'.repeat(16),
      twinSpanId: '2'.repeat(16),
      sampled: true,
    },
    overheadMs: 0,
  };
  const reading = readingOf(exchange, route, pair.representation);
  const compared = await new Comparing(reading, system.ids).compare(primary, its);
  if (compared.count === 0) return null;
  return system.finder.find({ reading, primary, twin: its, compared });
}

const rawAnswer = (raw: Raw) => ({
  status: raw.status,
  rawHeaders: raw.headers,
  body: new TextEncoder().encode(raw.text),
  askedAt: 0,
  headersMs: 1,
  totalMs: 1,
});

const answerOf = (raw: Raw) => readAnswer(rawAnswer(raw), { limit: Number.MAX_SAFE_INTEGER, head: false });

/** Faults of the data: a changed column or field, a lost row with or without a known gap, a lost document, an added row. */
export async function dataTrials(system: CauseSystem, random: Random, turns: number): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const mapping of system.mappings) {
    const docs = await system.mongo
      .collection(mapping.collection)
      .find(shownOf(mapping))
      .sort({ _id: 1 })
      .limit(60)
      .toArray();
    for (const view of VIEWS[mapping.collection] ?? []) {
      for (let turn = 0; turn < turns; turn += 1) {
        const doc = random.pick(docs);
        const clean = await seen(system, view, doc, random.pick(['primary', 'twin'] as const));
        if ((await causeOf(system, clean, clean.twin)) !== null) continue;
        const told: Tell = async (fault, what, truth, changed) => {
          const pair = { ...clean, [changed]: await answer(system, clean, changed) };
          const said = await causeOf(system, pair, pair.twin);
          if (said === null) return false;
          const { target, representation } = clean;
          trials.push({
            fault,
            what,
            domain: mapping.domain,
            target,
            representation,
            truth,
            said: said.cause,
            note: said.note,
          });
          return true;
        };
        await changeColumn(system, mapping, doc, random, told);
        await changeField(system, mapping, doc, random, told);
        await loseRow(system, mapping, doc, random.chance(0.5), told);
        await loseDocument(system, mapping, doc, told);
        await addRow(system, mapping, doc, told);
      }
    }
  }
  return trials;
}

export const shownOf = ({ collection, expiresAt }: ModelMapping): Document =>
  collection === 'blogposts'
    ? { status: 'published' }
    : expiresAt === null
      ? {}
      : { [expiresAt]: { $gt: new Date(Date.now() + 600_000) } };

/** Asks the side that was changed again; resolves to false where its answer still means the same. */
type Tell = (fault: string, what: string, truth: Cause, changed: 'primary' | 'twin') => Promise<boolean>;

export async function seen(
  system: CauseSystem,
  view: View,
  doc: Document,
  representation: Representation,
): Promise<Pair> {
  const about = asking(system, view, doc, representation);
  const [primary, twin] = await Promise.all([answer(system, about, 'primary'), answer(system, about, 'twin')]);
  return { ...about, primary, twin };
}

/** What the twin alone answers, in its own form. */
export const seenByTwin = (system: CauseSystem, view: View, doc: Document): Promise<Raw> =>
  answer(system, asking(system, view, doc, 'twin'), 'twin');

type Asking = Omit<Pair, 'primary' | 'twin'>;

function asking(system: CauseSystem, view: View, doc: Document, representation: Representation): Asking {
  const route = system.routes.find(({ key }) => key === view.route);
  if (route === undefined) throw new Error(`no route ${view.route}`);
  const target = view.target.replace(/\{([\w.]+)\}/g, (_, path: string) => encodeURIComponent(fieldText(doc, path)));
  const caller =
    view.caller === undefined ? undefined : view.caller === 'admin' ? system.admin : fieldText(doc, view.caller);
  return { route, target, caller, representation };
}

function answer(system: CauseSystem, about: Asking, side: 'primary' | 'twin'): Promise<Raw> {
  return ask(`${side === 'primary' ? system.reference : system.twin}${about.target}`, {
    ...(about.caller === undefined ? {} : { authorization: `Bearer ${about.caller}` }),
    ...(side === 'twin' && about.representation === 'primary' ? { 'x-twin-representation': 'primary' } : {}),
  });
}

function fieldText(doc: Document, path: string): string {
  const [field = '', at] = path.split('.');
  const value: unknown = doc[field];
  return String(Array.isArray(value) ? value[Number(at ?? 0)] : value);
}

/** Triggers and keys aside, as whoever breaks a row by hand would. */
export async function forced(sql: Sql, run: (tx: Pick<Sql, 'unsafe'>) => Promise<unknown>): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await run(tx);
  });
}

/** Runs with the row as it was kept, and puts it back. */
async function withRow(
  system: CauseSystem,
  mapping: ModelMapping,
  doc: Document,
  run: (id: string) => Promise<void>,
): Promise<void> {
  const id = String(doc._id);
  const { sql } = system;
  const key = mapping.identity === 'objectId' ? 'mongo_id' : 'id';
  const [kept] = await sql.unsafe(`select row_to_json(t)::text as row from "${mapping.table}" t where ${key} = $1`, [
    id,
  ]);
  if (kept === undefined) return;
  try {
    await run(id);
  } finally {
    await forced(sql, async (tx) => {
      await tx.unsafe(`delete from "${mapping.table}" where ${key} = $1`, [id]);
      await tx.unsafe(
        `insert into "${mapping.table}" select * from json_populate_record(null::"${mapping.table}", $1::text::json)`,
        [String(kept.row)],
      );
    });
  }
}

/** Columns in turn until one shows. */
async function changeColumn(
  system: CauseSystem,
  mapping: ModelMapping,
  doc: Document,
  random: Random,
  told: Tell,
): Promise<void> {
  const { sql } = system;
  const columns = (
    await sql<Column[]>`
    select column_name, data_type, numeric_scale from information_schema.columns
    where table_schema = 'public' and table_name = ${mapping.table}`
  ).filter((column) => column.column_name !== 'messages' && columnChange(column, mapping.table) !== null);
  for (let left = 6; left > 0 && columns.length > 0; left -= 1) {
    const [column] = columns.splice(random.below(columns.length), 1);
    if (column === undefined) return;
    let shown = false;
    await withRow(system, mapping, doc, async (id) => {
      const change = columnChange(column, mapping.table);
      // Another row may hold the value already where it must be unique.
      const done = await forced(sql, (tx) =>
        tx.unsafe(`update "${mapping.table}" set "${column.column_name}" = ${change} where mongo_id = $1`, [id]),
      ).then(
        () => true,
        () => false,
      );
      if (!done) return;
      shown = await told('a column changed', `${mapping.table}.${column.column_name}`, 'data_drift', 'twin');
    });
    if (shown) return;
  }
}

async function changeField(
  system: CauseSystem,
  mapping: ModelMapping,
  doc: Document,
  random: Random,
  told: Tell,
): Promise<void> {
  const collection = system.mongo.collection(mapping.collection);
  const fields = Object.entries(doc).filter(
    ([name, value]) => !name.startsWith('_') && name !== 'slug' && otherValue(value) !== undefined,
  );
  for (let left = 6; left > 0 && fields.length > 0; left -= 1) {
    const [field] = fields.splice(random.below(fields.length), 1);
    if (field === undefined) return;
    const [name, value] = field;
    const done = await collection.updateOne({ _id: doc._id }, { $set: { [name]: otherValue(value) } }).then(
      () => true,
      () => false,
    );
    if (!done) continue;
    try {
      if (await told('a field changed', `${mapping.collection}.${name}`, 'data_drift', 'primary')) return;
    } finally {
      await collection.updateOne({ _id: doc._id }, { $set: { [name]: value } });
    }
  }
}

async function loseRow(
  system: CauseSystem,
  mapping: ModelMapping,
  doc: Document,
  known: boolean,
  told: Tell,
): Promise<void> {
  const { sql } = system;
  await withRow(system, mapping, doc, async (id) => {
    await forced(sql, (tx) => tx.unsafe(`delete from "${mapping.table}" where mongo_id = $1`, [id]));
    if (known) {
      await sql`insert into pg_dualwrite_gaps (collection, mongo_id, operation, error) values (${mapping.collection}, ${id}, 'drain', 'test')`;
    }
    try {
      await told(
        known ? 'a row lost, the gap known' : 'a row lost',
        mapping.table,
        known ? 'known_gap' : 'missing_row',
        'twin',
      );
    } finally {
      await sql`delete from pg_dualwrite_gaps where mongo_id = ${id}`;
    }
  });
}

/** The row stays when its document goes. */
async function loseDocument(system: CauseSystem, mapping: ModelMapping, doc: Document, told: Tell): Promise<void> {
  const collection = system.mongo.collection(mapping.collection);
  await collection.deleteOne({ _id: doc._id });
  try {
    await told('a document lost', mapping.collection, 'extra_row', 'primary');
  } finally {
    await collection.insertOne(doc);
  }
}

/** A copy of a row that no document ever was, and that id_map does not know. */
async function addRow(system: CauseSystem, mapping: ModelMapping, doc: Document, told: Tell): Promise<void> {
  const { sql } = system;
  const invented = { id: crypto.randomUUID(), mongo_id: new ObjectId().toHexString() };
  const added = await forced(sql, (tx) =>
    tx.unsafe(
      `insert into "${mapping.table}" select n.* from "${mapping.table}" t,
        json_populate_record(t, $1::text::json) n where t.mongo_id = $2`,
      [JSON.stringify(invented), String(doc._id)],
    ),
  ).then(
    () => true,
    // What must be unique cannot be there twice.
    () => false,
  );
  if (!added) return;
  try {
    await told('a row that never was', mapping.table, 'extra_row', 'twin');
  } finally {
    await forced(sql, (tx) => tx.unsafe(`delete from "${mapping.table}" where mongo_id = $1`, [invented.mongo_id]));
  }
}

/** Faults of the twin's logic: answers changed on their way, over stores that agree. */
export async function logicTrials(
  system: CauseSystem,
  pairs: readonly Pair[],
  operators: readonly Operator[],
  random: Random,
  count: number,
): Promise<Trial[]> {
  const drawn: Promise<Trial | null>[] = [];
  const at: Record<string, number> = {};
  while (drawn.length < count) {
    // Domains in turn, else the ones with many endpoints would be all there is.
    const domains = [...new Set(pairs.map((pair) => pair.route.domain))];
    const domain = domains[drawn.length % domains.length] ?? '';
    at[domain] = (at[domain] ?? 0) + 1;
    const pair = random.pick(pairs.filter((one) => one.route.domain === domain));
    const operator = random.pick(operators);
    const [changed] = operator.apply(pair, random, 1);
    if (changed === undefined) continue;
    drawn.push(
      causeOf(system, pair, changed).then((said) =>
        said === null
          ? null
          : {
              fault: operator.name,
              what: pair.route.key,
              domain,
              target: pair.target,
              representation: pair.representation,
              truth: 'twin_logic' as const,
              said: said.cause,
              note: said.note,
            },
      ),
    );
  }
  return (await Promise.all(drawn)).filter((trial) => trial !== null);
}
