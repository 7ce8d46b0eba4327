import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import postgres, { type Sql } from 'postgres';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { seedAll } from '../../src/amanat/reference/seed/index.ts';
import { type BackfillProgress, type BackfillReport, backfill } from '../../src/migration/backfill.ts';
import { endOf, startProgram } from '../support/child.ts';
import { freshMongo } from '../support/stores.ts';
import { freshTwinTables } from '../support/twin-database.ts';

let mongoUri: string;
/** What one run from beginning to end left, and reported. */
let whole: { databaseUrl: string; sql: Sql; report: BackfillReport; rows: Map<string, string> };
const seen: BackfillProgress[] = [];
const open: Sql[] = [];

async function freshTwin(): Promise<{ databaseUrl: string; sql: Sql }> {
  const databaseUrl = await freshTwinTables();
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  open.push(sql);
  return { databaseUrl, sql };
}

/** Every table's rows, as text that shows any difference. */
async function contents(sql: Sql): Promise<Map<string, string>> {
  const tables = amanatMappings
    .filter(({ identity }) => identity !== 'sequence')
    .flatMap(({ table, children }) => [table, ...children.map((child) => child.table)]);
  const all = new Map<string, string>();
  for (const table of [...tables, 'id_map']) {
    const rows = await sql.unsafe(`select t::text as row from "${table}" t order by 1`);
    all.set(table, rows.map(({ row }) => String(row)).join('\n'));
  }
  // How many values the sequence has logged ahead is its own affair.
  const [sequence] = await sql`select last_value, is_called from derived_destination_index`;
  all.set('derived_destination_index', JSON.stringify(sequence));
  return all;
}

describe('the backfill', () => {
  before(async () => {
    mongoUri = await freshMongo();
    await seedAll(mongoUri, { seed: 3, size: 'small', rejects: true });
    const { databaseUrl, sql } = await freshTwin();
    const report = await backfill({
      mongoUri,
      databaseUrl,
      mappings: amanatMappings,
      onProgress: (progress) => seen.push(progress),
    });
    whole = { databaseUrl, sql, report, rows: await contents(sql) };
  });

  after(async () => {
    for (const sql of open) await sql.end({ timeout: 1 });
  });

  it('has a row for each document but the rejects, which it names with their reasons, and shows its progress', async () => {
    const { sql, report } = whole;
    expect(report.complete).to.equal(true);
    const client = await new MongoClient(mongoUri).connect();
    for (const { collection, table, identity } of amanatMappings) {
      if (identity === 'sequence') continue;
      const documents = await client.db().collection(collection).countDocuments();
      const rejected = new Set(report.rejects.filter((one) => one.collection === collection).map((one) => one.mongoId));
      const [row] = await sql.unsafe(`select count(*)::int as count from "${table}"`);
      expect(row?.count, collection).to.equal(documents - rejected.size);
      const [mapped] = await sql`select count(*)::int as count from id_map where collection = ${collection}`;
      expect(mapped?.count, collection).to.equal(documents - rejected.size);
    }
    await client.close();
    const reasons = report.rejects
      .filter((one) => one.collection === 'payments')
      .map(({ path, reason }) => `${path}: ${reason.replace(/[0-9a-f]{24}/, '<id>')}`);
    expect(reasons.sort()).to.deep.equal([
      'amount: Infinity is not a finite number',
      'amount: NaN is not a finite number',
      'amount: more than 20 digits before the point',
      'amountBaseUnits: not a whole number of at most 78 digits',
      'buyer: refers to users <id>, which is gone',
      'fee: more than 18 decimals (19)',
      'metadata: deep.list[1] holds a NUL, which jsonb cannot',
      'metadata: the blob has a key that begins with $',
      'note: text with a NUL, which Postgres cannot hold',
      'paidAt: a date out of range: the year 275760',
    ]);
    const last = seen.findLast(({ collection, phase }) => collection === 'payments' && phase === 'rows');
    expect(last?.documents).to.equal(last?.total);
    expect(last?.rate).to.be.greaterThan(0);
    expect(report.documents).to.equal(
      seen
        .filter(({ phase }) => phase === 'rows')
        .reduce((sum, one, index, all) => {
          const next = all[index + 1];
          return next?.collection === one.collection ? sum : sum + one.documents;
        }, 0),
    );
  });

  it('killed half way and taken up again, it leaves what one run leaves', async () => {
    const killed = await freshTwin();
    const lives: string[] = [];
    for (const stopAfter of [4, 30, 60]) lives.push(await runAndKill(killed.databaseUrl, stopAfter));
    expect(lives).to.deep.equal(['SIGKILL', 'SIGKILL', 'SIGKILL']);
    const before = await killed.sql`select collection from backfill_progress where not done or phase = 'ids'`;
    expect(before.length).to.be.greaterThan(0);
    const progress: string[] = [];
    const report = await backfill({
      mongoUri,
      databaseUrl: killed.databaseUrl,
      mappings: amanatMappings,
      onProgress: ({ collection, phase }) => progress.push(`${phase} ${collection}`),
    });
    expect(progress, 'what was done is not done again').not.to.include('ids users');
    expect(report.complete).to.equal(true);
    const rows = await contents(killed.sql);
    for (const [table, expected] of whole.rows) expect(rows.get(table), table).to.equal(expected);
  });

  it('done again, it changes nothing where rows agree and repairs those that do not', async () => {
    const { databaseUrl, sql, report: first, rows: before } = whole;
    const broken = await sql`
      update payments set amount = amount + 0.01 where provider = 'stripe' and status = 'completed' returning id`;
    expect(broken.length).to.be.greaterThan(0);
    await sql`update dispute_evidence set position = 1000 - position`;
    const again = await backfill({ mongoUri, databaseUrl, mappings: amanatMappings });
    expect(again.rejects).to.deep.equal(first.rejects);
    expect(again.orphans).to.deep.equal(first.orphans);
    const after = await contents(sql);
    for (const [table, rows] of before) expect(after.get(table), table).to.equal(rows);
  });

  it('stops after the current batch when it is told to, and says that it is not complete', async () => {
    const { databaseUrl } = await freshTwin();
    const stop = new AbortController();
    const options = { mongoUri, databaseUrl, mappings: amanatMappings, batch: 50, domains: ['identity'] };
    const report = await backfill({
      ...options,
      signal: stop.signal,
      onProgress: ({ collection, phase }) => collection === 'telegramlinks' && phase === 'rows' && stop.abort(),
    });
    expect(report.complete).to.equal(false);
    expect(report.documents).to.be.greaterThan(0);
    expect((await backfill(options)).complete).to.equal(true);
  });

  it('of one domain, it brings what the rows refer to as well', async () => {
    const { databaseUrl, sql } = await freshTwin();
    await backfill({ mongoUri, databaseUrl, mappings: amanatMappings, domains: ['ledger'] });
    const counts = await sql`
      select (select count(*) from funds_ledger_entries)::int as ledger, (select count(*) from payments)::int as payments,
        (select count(*) from users)::int as users, (select count(*) from chats)::int as chats`;
    expect(counts[0]?.ledger).to.be.greaterThan(1000);
    expect(counts[0]?.payments).to.be.greaterThan(500);
    expect(counts[0]?.users).to.be.greaterThan(100);
    expect(counts[0]?.chats).to.equal(0);
  });

  it('a row whose parent comes later in the same collection is written in the end', async () => {
    const uri = await freshMongo();
    const client = await new MongoClient(uri).connect();
    const { databaseUrl, sql } = await freshTwin();
    const { ObjectId } = await import('mongodb');
    const ids = Array.from({ length: 40 }, (_, index) => new ObjectId(index.toString(16).padStart(24, '0')));
    await client
      .db()
      .collection('categories')
      .insertMany(
        ids.map((_id, index) => ({
          _id,
          slug: `c${index}`,
          name: 'x',
          position: index,
          createdAt: new Date(0),
          // Each is below the one after it: no row can be written before the last one's.
          ...(index + 1 < ids.length ? { parent: ids[index + 1] } : {}),
        })),
      );
    await client.close();
    const report = await backfill({
      mongoUri: uri,
      databaseUrl,
      mappings: amanatMappings,
      batch: 7,
      domains: ['marketplace'],
    });
    expect(report.rejects).to.deep.equal([]);
    const [row] = await sql`select count(*)::int as count from categories`;
    expect(row?.count).to.equal(40);
  });
});

/** Resolves to how the process ended, killed after so many lines of progress. */
async function runAndKill(databaseUrl: string, stopAfter: number): Promise<string> {
  const child = startProgram(import.meta.url, './backfill-main.ts', [mongoUri, databaseUrl]);
  let lines = 0;
  if (child.stdout !== null) {
    for await (const _line of createInterface({ input: child.stdout })) {
      lines += 1;
      if (lines === stopAfter) child.kill('SIGKILL');
    }
  }
  return endOf(child);
}
