import { expect } from 'chai';
import postgres from 'postgres';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import type { JournalLimits } from '../../src/journal/options.ts';
import { type JournalReader, openReader } from '../../src/journal/reader.ts';
import { migrate } from '../../src/journal/schema/migrate.ts';
import { v1 } from '../../src/journal/schema/v1.ts';
import { type JournalWriter, openWriter } from '../../src/journal/writer.ts';
import type { Verdict } from '../../src/types.ts';
import { freshJournal } from '../support/journal-database.ts';
import { amountDiffers, mismatch, pattern, verdict } from '../support/verdicts.ts';

const DAY = 86_400_000;
const ROUTE = 'GET /api/payments/:id';
const at = (path: string) => pattern(`fp${path}`, { ...amountDiffers, path, rule: 'strict' });
/** A mismatch of these paths. */
const differing = (...paths: readonly string[]): Verdict =>
  mismatch({ patterns: paths.map(at), fingerprint: `fp${paths[0]}`, fatal: false });

describe('fingerprints of a route', () => {
  let url: string;
  let reader: JournalReader;
  let writer: JournalWriter;
  let journal: Journal;
  let sql: postgres.Sql;

  const open = (limits: Partial<JournalLimits> = {}): Journal =>
    openJournal({ url, instance: 'a', limits: { journalBuffer: 10_000, ...limits }, log: () => undefined });

  beforeEach(async () => {
    url = await freshJournal();
    reader = openReader({ url, max: 1 });
    writer = openWriter({ url });
    sql = postgres(url, { max: 1, onnotice: () => undefined });
    journal = open();
  });
  afterEach(async () => {
    await journal.close(2_000);
    await Promise.all([reader.close(), writer.close(), sql.end()]);
  });

  const accept = (path: string) =>
    writer.patchFingerprint(
      `fp${path}`,
      { state: 'acknowledged', owner: 'ada', reason: 'known', expiresAt: Date.now() + DAY },
      'ada',
    );

  it('are one a place, however the same causes come together', async () => {
    const causes = ['/a', '/b', '/c', '/d', '/e', '/f', '/g', '/h'];
    for (const [i, one] of causes.entries())
      for (const other of causes.slice(i + 1)) journal.record(differing(one, other));
    expect(await journal.flush(120_000)).to.equal(true);
    const { rows } = await reader.fingerprints({});
    expect(rows.map(({ fingerprint }) => fingerprint).toSorted()).to.deep.equal(causes.map((path) => `fp${path}`));
    for (const row of rows) {
      expect(row.count).to.equal(7);
      expect(row.sample).to.have.length(1);
    }
    const { rows: found } = await reader.mismatches({ fingerprint: 'fp/c', limit: 100 });
    expect(found).to.have.length(7);
    for (const row of found) expect(row.fingerprints).to.include('fp/c').and.have.length(2);
  });

  it('can be accepted one by one: a mismatch counts until every place of it is accepted', async () => {
    for (let i = 0; i < 3; i += 1) journal.record(differing('/a'));
    for (let i = 0; i < 2; i += 1) journal.record(differing('/a', '/b'));
    journal.record(differing('/b', '/c'));
    for (let i = 0; i < 10; i += 1) journal.record(verdict());
    expect(await journal.flush(120_000)).to.equal(true);
    const counts = async () => (await reader.evidence('payments')).counts;
    expect(await counts()).to.include({ mismatch: 6, acknowledged: 0 });
    await accept('/a');
    expect(await counts(), 'only /a').to.include({ mismatch: 3, acknowledged: 3 });
    expect((await reader.evidence('payments')).lastDay).to.include({ mismatch: 3, acknowledged: 3 });
    expect((await reader.evidence('payments')).routes[0]).to.include({ distinct: 13, distinctMismatches: 3 });
    await accept('/b');
    expect(await counts(), '/a and /b').to.include({ mismatch: 1, acknowledged: 5 });
    expect((await reader.evidence('payments')).routes[0]).to.include({ distinct: 11, distinctMismatches: 1 });
    await sql`update shadowread.fingerprints set expires_at = now() - interval '1 hour' where fingerprint = 'fp/a'`;
    expect(await counts(), '/a has expired').to.include({ mismatch: 6, acknowledged: 0 });
  });

  it('are bounded, over batches and replicas: the rest is one row, which nobody can accept', async () => {
    await journal.close();
    journal = open({ perRoute: { fingerprints: 5, shapes: 4, noisyPaths: 3 } });
    const other = open({ perRoute: { fingerprints: 5, shapes: 4, noisyPaths: 3 } });
    for (const one of [journal, other]) {
      for (let i = 0; i < 400; i += 1) {
        one.record(differing(`/${one === other ? 'x' : 'y'}${i}`));
        one.record(verdict({ shape: `q=${i}` }));
        one.record(verdict({ control: { agreed: false, paths: [`/noise${i}`] } }));
      }
      expect(await one.flush(120_000)).to.equal(true);
    }
    for (let i = 0; i < 50; i += 1) journal.record(differing(`/z${i}`, `/u${i}`));
    expect(await journal.flush(120_000)).to.equal(true);
    await other.close();
    const { rows } = await reader.fingerprints({ limit: 1_000 });
    expect(rows).to.have.length(6);
    const rest = rows.find(({ others }) => others);
    expect(rest).to.deep.include({ route: ROUTE, kinds: ['value'], count: 845 });
    expect(rest?.sample[0]?.path).to.equal('(others)');
    // Every mismatch is still counted, and found by the row it is counted under.
    expect((await reader.evidence('payments')).counts).to.include({ mismatch: 850 });
    expect((await reader.mismatches({ fingerprint: rest?.fingerprint ?? '', limit: 1_000 })).rows).to.have.length(845);
    const { routes } = await reader.evidence('payments');
    expect(routes[0]?.shapes.map(({ shape }) => shape))
      .to.include('(overflow)')
      .and.have.length(5);
    expect(routes[0]?.compared).to.equal(2_450);
    const noisy = await reader.noisyPaths();
    expect(noisy).to.have.length(4);
    expect(noisy.reduce((sum, { count }) => sum + count, 0)).to.equal(800);
    const refused = await writer
      .patchFingerprint(
        rest?.fingerprint ?? '',
        { state: 'acknowledged', owner: 'ada', reason: 'all of it', expiresAt: Date.now() + DAY },
        'ada',
      )
      .catch((error: unknown) => error);
    expect(refused).to.have.property('message').that.contains('stands for many fingerprints');
    expect((await reader.evidence('payments')).counts).to.include({ acknowledged: 0 });
  });

  it('lose no mismatch where a route has more combinations than are told apart', async () => {
    await journal.close();
    journal = open({ perRoute: { fingerprints: 3, shapes: 10, noisyPaths: 3 } });
    const paths = Array.from({ length: 40 }, (_, i) => `/p${i}`);
    for (let i = 0; i < 3; i += 1) journal.record(differing(paths[i] ?? ''));
    expect(await journal.flush(120_000)).to.equal(true);
    for (let i = 0; i < 40; i += 1) journal.record(differing(...paths.slice(0, 1 + (i % 5)), `/p${i}`));
    expect(await journal.flush(120_000)).to.equal(true);
    for (const path of ['/p0', '/p1', '/p2']) await accept(path);
    const { counts } = await reader.evidence('payments');
    expect(counts.mismatch + counts.acknowledged).to.equal(43);
    expect(counts.acknowledged).to.be.within(3, 10);
    const { rows } = await reader.fingerprints({});
    expect(rows.filter(({ others }) => others)).to.have.length(1);
    expect(rows).to.have.length(4);
    expect((await sql`select count(*)::int as n from shadowread.combinations`)[0]?.n).to.be.at.most(20);
  });

  it('of a journal of the first version keep their state: each becomes a combination of itself', async () => {
    await journal.close();
    await sql`drop schema if exists shadowread cascade`;
    await sql`create schema shadowread`;
    await sql`create table shadowread.schema_version (version int primary key, at timestamptz not null default now())`;
    await sql.begin(async (tx) => {
      await tx`set local search_path to shadowread`;
      await tx.unsafe(v1);
      await tx`insert into schema_version (version) values (1)`;
      await tx`select ensure_day(current_date)`;
      await tx`insert into epochs (domain, ordinal, began_at, last_seen) values ('payments', 1, now(), now())`;
      await tx`insert into fingerprints (fingerprint, domain, route, kinds, sample, fatal, first_seen, last_seen, n)
        values ('old', 'payments', ${ROUTE}, '{value}', '[]', false, now(), now(), 4)`;
      await tx`insert into fingerprint_counts values (date_trunc('hour', now()), 'old', 1, 'primary', 'primary', 'unknown', 4)`;
      await tx`insert into fingerprint_evidence values (1, 'old', 'primary', 'primary', 4, now())`;
      await tx`insert into count_keys (domain, route, served, representation, verdict, reason, fatal, epoch)
        values ('payments', ${ROUTE}, 'primary', 'primary', 'mismatch', '', false, 1)`;
      await tx`insert into evidence values (1, 0, 4, now())`;
    });
    await migrate(sql);
    expect((await reader.evidence('payments')).counts).to.include({ mismatch: 4, acknowledged: 0 });
    await writer.patchFingerprint(
      'old',
      { state: 'acknowledged', owner: 'ada', reason: 'known', expiresAt: Date.now() + DAY },
      'ada',
    );
    expect((await reader.evidence('payments')).counts).to.include({ mismatch: 0, acknowledged: 4 });
  });
});
