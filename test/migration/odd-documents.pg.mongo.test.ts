/** Documents as nobody expects them: ids of every type, values that only Postgres refuses, outboxes that others wrote. */
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type Db, Decimal128, type Document, Long, MongoClient, ObjectId, UUID } from 'mongodb';
import type { Sql } from 'postgres';
import { field, type ModelMapping, optional } from '../../src/api/mapping.ts';
import { again } from '../../src/base/postgres.ts';
import { type BackfillReport, backfill } from '../../src/migration/backfill.ts';
import { openMigrationDatabase } from '../../src/migration/db.ts';
import { drainAll } from '../../src/migration/drain.ts';
import { carriedOver, clockOf, noteGap, openGaps, repairGaps } from '../../src/migration/gaps.ts';
import { reconcile } from '../../src/migration/reconcile/reconcile.ts';
import { requireColumns } from '../../src/migration/schema/columns.ts';
import { prepareMigration } from '../../src/migration/schema/migrate.ts';
import { verify } from '../../src/migration/verify/verify.ts';
import { freshDatabase, freshMongo } from '../support/stores.ts';
import { until } from '../support/until.ts';

const common = { domain: 'things', children: [], appendOnly: false, expiresAt: null } as const;
const name = optional('name', 'name', { kind: 'text' });
const things: ModelMapping = {
  ...common,
  ...{ model: 'Thing', collection: 'things', table: 'things', identity: 'objectId', expiresAt: 'expiresAt' },
  fields: [
    name,
    optional('expiresAt', 'expires_at', { kind: 'instant' }),
    optional('amount', 'amount', { kind: 'money', currency: { fixed: 'USD' } }),
    optional('ratio', 'ratio', { kind: 'double' }),
    optional('wei', 'wei', { kind: 'baseUnits' }),
    optional('blob', 'blob', { kind: 'jsonb' }),
    optional('owner', 'owner_id', { kind: 'ref', collection: 'things' }),
    optional('peers', 'peer_ids', { kind: 'refSet', collection: 'things' }),
  ],
};
const books: ModelMapping = {
  ...common,
  ...{ model: 'Book', collection: 'books', table: 'books', identity: 'column', key: 'old_id', fields: [name] },
};
const notes: ModelMapping = {
  ...common,
  ...{ model: 'Note', collection: 'notes', table: 'notes', identity: 'text', fields: [name] },
};
const mappings = [things, books, notes];
const entangled: readonly ModelMapping[] = [
  { ...books, fields: [optional('author', 'author_id', { kind: 'ref', collection: 'authors' })] },
  {
    ...books,
    ...{ model: 'Author', collection: 'authors', table: 'authors' },
    fields: [optional('best', 'best_id', { kind: 'ref', collection: 'books' })],
  },
];
const TABLES = `
  create table things (id uuid primary key, mongo_id char(24) collate "C" unique not null, mongo_rev bigint not null,
    name text, expires_at timestamptz, amount numeric(38,18), ratio float8, wei numeric(78,0), blob jsonb,
    owner_id uuid references things deferrable initially deferred, peer_ids uuid[]);
  create index on things (name);
  create table books (id bigserial primary key, old_id text unique not null, mongo_rev bigint not null default 0, name text,
    author_id bigint);
  create table authors (id bigserial primary key, old_id text unique not null, mongo_rev bigint not null default 0, best_id bigint);
  create table notes (id text collate "C" primary key, mongo_rev bigint not null default 0, name text)`;

let mongoUri: string;
let databaseUrl: string;
let client: MongoClient;
let mongo: Db;
let sql: Sql;

/** The documents are all that their collection holds; pages are of three documents. */
async function copied(mapping: ModelMapping, docs: readonly Document[]): Promise<BackfillReport> {
  await mongo.collection(mapping.collection).deleteMany({});
  await sql.unsafe(`truncate ${mapping.table}; delete from id_map; delete from pg_dualwrite_gaps`);
  if (docs.length > 0) await mongo.collection(mapping.collection).insertMany([...docs]);
  return backfill({ mongoUri, databaseUrl, mappings: [mapping], batch: 3 });
}

const rejected = ({ rejects }: BackfillReport): string[] => rejects.map((one) => `${one.mongoId} ${one.path}`).sort();

async function verified(mapping: ModelMapping): Promise<Document> {
  const { models } = await verify({ mongo, sql, mappings: [mapping], settleMs: 100, batch: 3, restart: true });
  const { documents, agree, missing, extra, drift, excused } = models[0] ?? {};
  return { documents, agree, missing, extra, drift, excused };
}

const names = async (mapping: ModelMapping): Promise<string[]> =>
  (await sql.unsafe(`select name from ${mapping.table} order by 1`)).map((row) => String(row.name));

const agreed = (documents: number, excused = 0): Document => {
  return { documents, agree: documents - excused, missing: 0, extra: 0, drift: 0, excused };
};

const hex = (): string => new ObjectId().toHexString();
const entry = (): Document => ({ id: new ObjectId(), op: 'update', at: new Date(), pending: true });

describe('odd documents', () => {
  before(async () => {
    [mongoUri, databaseUrl] = await Promise.all([freshMongo(), freshDatabase()]);
    client = await MongoClient.connect(mongoUri);
    mongo = client.db();
    sql = openMigrationDatabase(databaseUrl, 4);
    await sql.unsafe(TABLES);
    await prepareMigration(sql);
  });

  after(() => Promise.all([client.close(), sql.end({ timeout: 1 })]));

  describe('with ids of many types', () => {
    for (const mapping of [books, notes]) {
      it(`${mapping.collection} whose ids are texts of 24 hex digits are all copied and verified`, async () => {
        const docs = Array.from({ length: 10 }, (_, i) => ({ _id: i % 2 === 0 ? hex() : `b${i}`, name: `n${i}` }));
        const report = await copied(mapping, [...docs, { _id: ' a ', name: 'blanks' }, { name: 'ObjectId' }]);
        expect([report.documents, report.rejects]).to.deep.equal([12, []]);
        expect(await names(mapping)).to.have.lengthOf(12);
        expect(await verified(mapping)).to.deep.equal(agreed(12));
        await sql`insert into ${sql(mapping.table)} ${sql({ [mapping.key ?? 'id']: 'zz', name: 'extra' })}`;
        await sql`delete from ${sql(mapping.table)} where name in ('n3', 'ObjectId')`;
        expect(await verified(mapping)).to.deep.equal({ ...agreed(13), agree: 10, missing: 2, extra: 1 });
      });
    }

    it('those that no row can have are rejects, one by one, and hide nothing behind them', async () => {
      const odd = [1, 2, 3, 4.5, Decimal128.fromString('NaN'), 'x'.repeat(40), 'a\0b', { a: 1 }, new UUID(), true];
      const ids = [...odd, false, new Date(0)];
      const docs = [...ids.map((_id) => ({ _id })), ...Array.from({ length: 7 }, (_, i) => ({ name: `n${i}` }))];
      for (const mapping of [things, books]) {
        const report = await copied(mapping, docs);
        const wanted = mapping === things ? ids.length : ids.length - 1;
        expect(rejected(report), mapping.collection).to.have.lengthOf(wanted);
        expect(rejected(report)).to.include('{"_id":{"$numberInt":"3"}} _id').and.include('{"_id":"a\\u0000b"} _id');
        expect(await names(mapping)).to.have.lengthOf(docs.length - wanted);
        expect(await verified(mapping), mapping.collection).to.deep.equal(agreed(docs.length, wanted));
        const again = await backfill({ mongoUri, databaseUrl, mappings: [mapping], batch: 3 });
        expect(rejected(again)).to.deep.equal(rejected(report));
      }
    });

    it('one that is the text of another takes nothing from it', async () => {
      const _id = new ObjectId();
      const same = [
        { _id, name: 'ObjectId' },
        { _id: _id.toHexString(), name: 'text' },
        { _id: `${_id.toHexString()}-copy`, name: 'longer' },
      ];
      expect(rejected(await copied(things, same))).to.deep.equal([
        `${_id.toHexString()}-copy _id`,
        `{"_id":"${_id.toHexString()}"} _id`,
      ]);
      expect(await names(things)).to.deep.equal(['ObjectId']);
      expect(await sql`select mongo_id from id_map`).to.have.lengthOf(1);
      expect(await verified(things)).to.deep.equal(agreed(3, 2));
      expect(rejected(await copied(books, same))).to.deep.equal([`{"_id":"${_id.toHexString()}"} _id`]);
      expect(await names(books)).to.deep.equal(['ObjectId', 'longer']);
    });

    it('a gap of one stays open while its document cannot be carried over', async () => {
      await copied(things, [{ _id: 5, _rev: 1, _outbox: [entry()] }]);
      expect(await drainAll({ mongo, sql, mappings })).to.deep.include({ drained: 0, failed: 1 });
      expect(await repairGaps({ mongo, sql, mappings })).to.deep.equal({ repaired: 0, refused: 1 });
      expect(await openGaps(sql)).to.have.lengthOf(1);
    });
  });

  it('of tables and columns with names that nobody expects are copied, verified, carried over and removed', async () => {
    await sql.unsafe(`create schema "My Shop";
      create table "My Shop"."Order ""x""" ("Own Id" bigserial primary key, "select" text unique not null,
        mongo_rev bigint not null default 0, "größe ""y""" text)`);
    const odd: ModelMapping = {
      ...{ ...books, model: 'Odd', collection: 'odd', table: 'My Shop.Order "x"', key: 'select', own: 'Own Id' },
      fields: [optional('name', 'größe "y"', { kind: 'text' })],
    };
    const [first, second] = [hex(), hex()];
    const held = mongo.collection<{ _id: string; name: string; _rev?: number; _outbox?: Document[] }>('odd');
    await held.insertMany([first, second].map((_id) => ({ _id, name: 'a' })));
    await requireColumns(sql, [odd]);
    expect((await backfill({ mongoUri, databaseUrl, mappings: [odd] })).rejects).to.deep.equal([]);
    await held.updateOne({ _id: first }, { $set: { name: 'b', _rev: 1, _outbox: [entry()] } });
    await drainAll({ mongo, sql, mappings: [odd] });
    await held.deleteOne({ _id: second });
    await noteGap(sql, { collection: 'odd', mongoId: second, operation: 'delete', error: 'lost' });
    expect(await repairGaps({ mongo, sql, mappings: [odd] })).to.deep.equal({ repaired: 1, refused: 0 });
    expect(await verified(odd)).to.deep.equal(agreed(1));
  });

  it('with a value that is too long for an index are rejects, and gaps of the drain', async () => {
    const long = randomBytes(20_000).toString('base64');
    const report = await copied(things, [{ name: long }, { name: 'a' }, { name: long, _rev: 1, _outbox: [entry()] }]);
    expect(report.rejects.map(({ reason }) => reason.replace(/\d+/g, 'n'))).to.deep.equal(
      Array(2).fill('index row requires n bytes, maximum size is n'),
    );
    expect(await names(things)).to.deep.equal(['a']);
    expect(await drainAll({ mongo, sql, mappings })).to.deep.include({ drained: 0, failed: 1 });
  });

  it('with values that a row would hold otherwise are rejects; those at the edge are kept', async () => {
    const [large, year1, far] = [Long.fromString('9007199254740993'), new Date('0001-01-01'), new Date(8.64e15)];
    const kept = [{ amount: large }, { blob: { at: year1 } }, { wei: '-120' }, { ratio: -0 }];
    const changed = [{ ratio: large }, { blob: { at: far } }, { blob: far }, { wei: '00012' }, { wei: '-0' }];
    const report = await copied(things, [...kept, ...changed, { name: 'year 1', expiresAt: year1 }]);
    expect(report.rejects.map(({ reason }) => reason).sort()).to.deep.equal([
      ...Array(1).fill('a 64-bit integer past 2^53'),
      ...Array(2).fill('a whole number with zeros that numeric does not keep'),
      ...['at is a date out of range: the year 275760', 'the blob is a date out of range: the year 275760'],
    ]);
    expect(await verified({ ...things, expiresAt: null })).to.deep.equal(agreed(10, 5));
  });

  it('that refer to each other, or to one that is rejected, leave no reference to what has no row', async () => {
    const ids = Array.from({ length: 7 }, () => new ObjectId());
    const docs: Document[] = ids.map((_id, i) => ({ _id, name: `n${i}`, owner: ids[6 - i] }));
    docs[1] = { ...docs[1], peers: [ids[5], ids[0], ids[4]] };
    docs[4] = { ...docs[4], name: 'a\0' };
    const report = await copied(things, docs);
    expect(rejected(report)).to.deep.equal([`${ids[4]} name`]);
    expect(report.orphans.map(({ mongoId, path }) => `${mongoId} ${path}`).sort()).to.deep.equal(
      [`${ids[1]} peers`, `${ids[2]} owner`].sort(),
    );
    expect(await verified(things)).to.deep.equal(agreed(7, 1));
    const rows = () => sql`select * from things order by name`;
    const before = await rows();
    await backfill({ mongoUri, databaseUrl, mappings: [things] });
    expect(await rows()).to.deep.equal(before);
  });

  it('that are gone keep their row where others refer to it, though the table checks that only at the end', async () => {
    const [parent, child] = [new ObjectId(), new ObjectId()];
    await copied(things, [{ _id: parent }, { _id: child, owner: parent }]);
    await mongo.collection('things').deleteOne({ _id: parent });
    await noteGap(sql, { collection: 'things', mongoId: String(parent), operation: 'drain', error: 'gone' });
    expect(await repairGaps({ mongo, sql, mappings })).to.deep.equal({ repaired: 0, refused: 1 });
    expect((await openGaps(sql))[0]?.error).to.match(/cannot be removed: .* violates foreign key constraint/);
  });

  it('are written again where another transaction was in the way', async () => {
    await copied(notes, [{ _id: 'a' }, { _id: 'b' }]);
    let arrived = 0;
    const both = (first: string, second: string): Promise<unknown> =>
      again(() =>
        sql.begin(async (tx) => {
          await tx`update notes set name = 'x' where id = ${first}`;
          arrived += 1;
          await until(() => arrived >= 2);
          await tx`update notes set name = 'x' where id = ${second}`;
        }),
      );
    await Promise.all([both('a', 'b'), both('b', 'a')]);
    expect(arrived).to.equal(3);
  });

  it('that were found to agree at the end are counted, though the run is ended before it says so', async () => {
    await copied(notes, [{ _id: 'a', _rev: 2, _outbox: [entry()] }, { _id: 'b' }, { _id: 'c' }, { _id: 'd' }]);
    await sql`update notes set name = 'behind', mongo_rev = 1 where id = 'a'`;
    const another = openMigrationDatabase(databaseUrl, 4);
    const run = verify({ mongo, sql: another, mappings: [notes], settleMs: 60_000, batch: 3, restart: true });
    const ended = run.catch(() => 'ended');
    await until(async () => (await sql`select from verify_progress where last_id = 'd'`).length === 1);
    await sql.begin(async (tx) => {
      await tx`lock table verify_progress in exclusive mode`;
      await sql`update notes set name = null, mongo_rev = 2 where id = 'a'`;
      const end = () => tx`
        select pg_cancel_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      await until(async () => (await end()).length > 0);
      expect(await ended).to.equal('ended');
    });
    await another.end({ timeout: 1 });
    const { models } = await verify({ mongo, sql, mappings: [notes], settleMs: 100, batch: 3 });
    expect(models[0]).to.include({ documents: 4, agree: 4 });
  });

  it('that a trigger of the table refuses are rejects with what it says', async () => {
    await sql.unsafe(`
      create function no_cats() returns trigger language plpgsql as
        $$ begin if new.name = 'cat' then raise exception 'no cats'; end if; return new; end $$;
      create trigger no_cats before insert on books for each row execute function no_cats()`);
    const { rejects } = await copied(books, [
      { _id: 'a', name: 'cat' },
      { _id: 'b', name: 'dog' },
    ]);
    expect(rejects.map(({ mongoId, reason }) => [mongoId, reason])).to.deep.equal([['a', 'no cats']]);
    expect(await names(books)).to.deep.equal(['dog']);
    await sql.unsafe('drop trigger no_cats on books');
  });

  it('whose outbox entries cannot be told apart are carried over once', async () => {
    await copied(notes, [
      { _id: 'a', _rev: 2, name: 'a', _outbox: [{ pending: true }] },
      { _id: 'b', _rev: 2, name: 'b', _outbox: { pending: true } },
      { _id: 'c', _rev: 2, name: 'c', _outbox: [entry(), { pending: true }, { id: 7, at: 'today', pending: true }] },
    ]);
    await sql`update notes set mongo_rev = 1, name = 'old'`;
    expect(await drainAll({ mongo, sql, mappings })).to.deep.include({ drained: 3, failed: 0 });
    expect(await names(notes)).to.deep.equal(['a', 'b', 'c']);
    expect(await mongo.collection('notes').countDocuments({ '_outbox.pending': true })).to.equal(0);
  });

  it('that were rejected are rejected no more once their correction is carried over', async () => {
    const _id = new ObjectId();
    expect(rejected(await copied(things, [{ _id, _rev: 1, name: 'a\0' }]))).to.have.lengthOf(1);
    await mongo
      .collection('things')
      .updateOne({ _id }, { $set: { name: 'a', _outbox: [entry()] }, $inc: { _rev: 1 } } as Document);
    expect(await drainAll({ mongo, sql, mappings })).to.deep.include({ drained: 1, failed: 0 });
    expect(await sql`select from backfill_rejects where collection = 'things'`).to.have.lengthOf(0);
    await sql`delete from things`;
    expect(await verified(things)).to.deep.equal({ ...agreed(1), agree: 0, missing: 1 });
  });

  it('that live on have no expired row, and none that is past its time is missed', async () => {
    const [soon, past] = [new Date(Date.now() + 3_600_000), new Date(0)];
    await copied(things, [
      { name: 'renewed', expiresAt: soon },
      { name: 'kept', expiresAt: null },
      { expiresAt: past },
    ]);
    await sql`update things set expires_at = ${past} where name is not null`;
    await sql`delete from things where name is null`;
    expect(await verified(things)).to.deep.equal({ ...agreed(3), agree: 1, drift: 2 });
  });

  it('that were deleted and made again under their id are no silent success', async () => {
    await copied(notes, [{ _id: 'a', _rev: 7, name: 'old' }]);
    await mongo.collection<Document & { _id: string }>('notes').deleteOne({ _id: 'a' });
    await mongo
      .collection<Document>('notes')
      .insertOne({ _id: 'a', _rev: 1, name: 'new', _outbox: [entry()] } as Document);
    await mongo.collection<Document>('notes').insertOne({ _id: 'b', _rev: 1, name: 7, _outbox: [entry()] } as Document);
    expect(await drainAll({ mongo, sql, mappings })).to.deep.include({ drained: 0, failed: 2 });
    await sql`delete from pg_dualwrite_gaps where mongo_id = 'b'`;
    const [gap] = await openGaps(sql);
    expect(gap?.error).to.match(/^_rev: the row was made from revision 7 and the document is at revision 1/);
    expect(await repairGaps({ mongo, sql, mappings })).to.deep.equal({ repaired: 0, refused: 1 });
    await sql`update notes set mongo_rev = 0`;
    expect(await repairGaps({ mongo, sql, mappings })).to.deep.equal({ repaired: 1, refused: 0 });
    expect(await names(notes)).to.deep.equal(['new']);
  });

  it('whose gap is of a later write than the one that was carried over keep it', async () => {
    await copied(notes, []);
    const readAt = await clockOf(sql);
    await noteGap(sql, { collection: 'notes', mongoId: 'a', operation: 'drain', error: 'later' });
    await carriedOver(sql, 'notes', ['a'], readAt);
    expect(await openGaps(sql)).to.have.lengthOf(1);
    await carriedOver(sql, 'notes', ['a'], await clockOf(sql));
    expect(await openGaps(sql)).to.have.lengthOf(0);
  });

  it('that refer to each other keep both references, whichever is carried over first', async () => {
    const [book, author] = [new ObjectId(), new ObjectId()];
    await mongo.collection('books').deleteMany({});
    await sql`truncate books`;
    await mongo.collection('books').insertOne({ _id: book, _rev: 1, author, _outbox: [entry()] } as Document);
    await mongo.collection('authors').insertOne({ _id: author, _rev: 1, best: book, _outbox: [entry()] } as Document);
    for (const order of [entangled, entangled.toReversed()]) {
      await sql`truncate books, authors`;
      for (const { collection } of order)
        await mongo.collection(collection).updateOne({}, { $set: { _outbox: [entry()] } });
      await drainAll({ mongo, sql, mappings: order });
      const [held] = await sql`select a.best_id = b.id and b.author_id = a.id as both from authors a, books b`;
      expect(held, order[0]?.collection).to.deep.equal({ both: true });
    }
  });

  it('of an API with tables of its own have sums by text and reference, which name each entry that differs', async () => {
    await sql`create table shops (own bigserial primary key, old_id char(30) unique, mongo_rev bigint not null default 0)`;
    await sql`create type kind as enum ('new', 'used')`;
    await sql`
      create table sales (id bigserial primary key, old_id text unique, mongo_rev bigint not null default 0, kind kind,
        paid numeric(12, 2), pieces int, shop bigint not null references shops)`;
    const refersTo = { kind: 'ref', collection: 'shops' } as const;
    const declared: readonly ModelMapping[] = [
      { ...books, model: 'Shop', collection: 'shops', table: 'shops', own: 'own', fields: [] },
      {
        ...books,
        ...{ model: 'Sale', collection: 'sales', table: 'sales' },
        fields: [
          optional('how.kind', 'kind', { kind: 'text' }),
          optional('paid', 'paid', { kind: 'money', currency: { fixed: 'EUR' } }),
          field('pieces', 'pieces', { kind: 'int' }),
          field('shop', 'shop', refersTo),
        ],
        sums: [
          { amount: 'paid', by: ['shop', 'how.kind'] },
          { amount: 'pieces', by: ['how.kind'] },
        ],
      },
    ];
    const [north, south] = [new ObjectId(), new ObjectId()];
    await mongo.collection('shops').insertMany([{ _id: north }, { _id: south }]);
    const sale = (shop: ObjectId, paid: number | null, kind?: unknown): Document => {
      return { _id: new ObjectId(), paid, pieces: 1, shop, ...(kind === undefined ? {} : { how: { kind } }) };
    };
    const sales = [sale(north, 10.5, 'new'), sale(north, 0.25, 'new'), sale(south, null, 'used'), sale(south, 4)];
    await mongo.collection('sales').insertMany(sales);
    expect((await backfill({ mongoUri, databaseUrl, mappings: declared })).rejects).to.deep.equal([]);
    const reconciled = () => reconcile({ mongo, sql, mappings: declared, settleMs: 0 });
    const { declared: compared, drift: none } = await reconciled();
    expect(none).to.deep.equal([]);
    expect(compared.map(({ amount, sums, documents }) => [amount, sums, documents])).to.deep.equal([
      ['paid', 3, 4],
      ['pieces', 3, 4],
    ]);
    const [first, second, third, fourth] = sales.map(({ _id }) => String(_id));
    await sql`update sales set paid = 10.51 where old_id = ${first ?? ''}`;
    await sql`update sales set kind = 'used' where old_id = ${second ?? ''}`;
    await sql`update sales set paid = 3 where old_id = ${third ?? ''}`;
    await sql`update sales set old_id = null, paid = 5 where old_id = ${fourth ?? ''}`;
    const list = await mongo.collection('sales').insertOne(sale(north, 1, ['new', 'used']));
    const [lone] = await sql<{ id: string }[]>`select id::text from sales where old_id is null`;
    const { drift } = await reconciled();
    const entries = drift.map((sum) => {
      const said = sum.entries.map(({ mongoId, kind }) => `${kind} ${mongoId}`).sort();
      return [sum.amount, Object.values(sum.of).join(' '), ...said];
    });
    expect(entries.map(String).sort()).to.deep.equal(
      [
        ['paid', `${north} new`, `amount ${first}`, `moved ${second}`],
        ['paid', `${north} used`, `extra ${second}`],
        ['paid', `${north} ["new","used"]`, `missing ${list.insertedId}`],
        ['paid', `${south} used`, `amount ${third}`],
        ['paid', `${south} (none)`, `extra ${lone?.id}`, `missing ${fourth}`],
        ['pieces', 'new', `moved ${second}`],
        ['pieces', 'used', `extra ${second}`],
        ['pieces', '["new","used"]', `missing ${list.insertedId}`],
      ]
        .map(String)
        .sort(),
    );
  });
});
