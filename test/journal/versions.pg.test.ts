/**
 * What is promised of the journal's versions: tables of each older version are brought up to date with all that is in them,
 * and replicas of an older version that run go on writing beside the present one, as in a rolling update. Only a version
 * that `startsFrom` names may also start then.
 *
 * fixtures/writer-vN.json holds the statements that the program of version N sent for two batches of ten verdicts
 * (fixtures/record.ts).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import postgres from 'postgres';
import { bringUpToDate, versionOf } from '../../src/base/schema-versions.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { openReader } from '../../src/journal/reader.ts';
import { JOURNAL_SCHEMA, migrate } from '../../src/journal/schema/migrate.ts';
import { sumsBy } from '../support/journal-sums.ts';
import { freshDatabase } from '../support/stores.ts';
import { mismatch, skipped, verdict } from '../support/verdicts.ts';

type Parameter = string | number | boolean | null | number[];
interface Fixture {
  readonly verdictsPerBatch: number;
  readonly batches: readonly (readonly { readonly query: string; readonly parameters: readonly Parameter[] }[])[];
}

const FOLDER = new URL('fixtures/', import.meta.url);
const fixtures = readdirSync(FOLDER)
  .flatMap((name) => /^writer-v(\d+)\.json$/.exec(name)?.[1] ?? [])
  .map(Number)
  .sort((a, b) => a - b)
  .map((version) => ({
    version,
    ...(JSON.parse(readFileSync(new URL(`writer-v${version}.json`, FOLDER), 'utf8')) as Fixture),
  }));
const PRESENT = JOURNAL_SCHEMA.versions.length;
/** Version 2 gave a column another name: what the program of version 1 sends is refused since. */
const WRITES_FROM = 2;

/** What is written now, by the present program: three verdicts. */
async function writeNow(url: string): Promise<number> {
  const journal = openJournal({ url, instance: 'present', limits: { journalBuffer: 10 }, log: () => undefined });
  for (const one of [verdict(), mismatch(), skipped('overload')]) journal.record(one);
  expect(await journal.close(), 'the present program writes').to.equal(true);
  return 3;
}

describe('versions of the journal', () => {
  let sql: postgres.Sql;
  let url: string;
  beforeEach(async () => {
    url = await freshDatabase();
    sql = postgres(url, { max: 1, onnotice: () => undefined });
  });
  afterEach(() => sql.end({ timeout: 1 }));

  const upTo = (version: number): Promise<void> =>
    bringUpToDate(sql, { ...JOURNAL_SCHEMA, versions: JOURNAL_SCHEMA.versions.slice(0, version) });
  const replay = async (batch: Fixture['batches'][number] = []): Promise<void> => {
    for (const { query, parameters } of batch) await sql.unsafe(query, [...parameters]);
  };

  it('have each the statements of their program kept', () => {
    // Whoever adds a version keeps what the program before it sent: the promise below is about that one above all.
    expect(fixtures.map(({ version }) => version)).to.include.members(
      Array.from({ length: PRESENT - 1 }, (_, i) => i + 1),
    );
  });

  for (const { version, batches, verdictsPerBatch } of fixtures.filter(({ version: of }) => of <= PRESENT)) {
    const goesOn = version >= WRITES_FROM;
    it(`version ${version} with data in it becomes the present one and loses nothing${goesOn ? '; its program keeps writing beside' : ''}`, async () => {
      // Two connections at most: each costs Postgres a process.
      const reader = openReader({ url, max: 1 });
      const kept = async (reads: number): Promise<void> => {
        expect((await sumsBy(sql)).total).to.equal(reads);
        const routes = await reader.report({ from: 0 });
        expect(routes.map(({ route }) => route)).to.deep.equal(['GET /api/payments/:id', 'GET /api/levels']);
        expect(await reader.stages()).to.deep.include.members([
          { ...(await reader.stages())[0], domain: 'points', stage: 'flipped', percent: 50 },
        ]);
        expect((await reader.audit({ limit: 5 })).map(({ who }) => who)).to.deep.equal(['fixture']);
        expect((await reader.fault('0')) ?? null).to.equal(null);
      };
      const mismatches = async (): Promise<readonly [n: number, count: number | undefined]> => {
        const pattern = (await reader.fingerprints({ limit: 10 })).rows.find(
          ({ fingerprint: of }) => of === 'fp-amount',
        );
        if (pattern !== undefined) expect(pattern).to.include({ state: 'open' });
        return [(await reader.mismatches({ limit: 10 })).rows.length, pattern?.count];
      };
      const [first, second] = batches;
      try {
        await upTo(version);
        await replay(first);
        if (!goesOn) await replay(second);
        const before = await sumsBy(sql);
        const reads = (goesOn ? 1 : 2) * verdictsPerBatch;
        expect(before.total).to.equal(reads);
        await migrate(sql);
        expect(await versionOf(sql, JOURNAL_SCHEMA)).to.equal(PRESENT);
        expect(await sumsBy(sql)).to.deep.equal(before);
        const [rows, count] = await mismatches();
        expect([rows, count]).to.deep.equal(goesOn ? [2, 2] : [4, 4]);
        await kept(reads);
        // It was there before: the update came between its batches.
        const now = await writeNow(url);
        if (goesOn) await replay(second);
        await kept(2 * verdictsPerBatch + now);
        expect(await mismatches()).to.deep.equal([5, 5]);
      } finally {
        await reader.close();
      }
    });
  }

  /** Hours whose sum is not that of their minutes, from where the hours are said to be complete. */
  const differing = async () =>
    await sql`
      with minutes as (select date_trunc('hour', minute, 'UTC') as hour, key, sum(n) as n from shadowread.counts group by 1, 2),
        hours as (select hour, key, sum(n) as n from shadowread.count_hours group by 1, 2)
      select * from minutes m full join hours h using (hour, key)
      where m.n is distinct from h.n and hour >= (select complete_from from shadowread.count_hours_from)`;

  it('version 10 has the hours of the last two days, and what a program of version 9 writes is in them', async () => {
    await upTo(9);
    for (const ago of ['3 days', '1 hour']) {
      await sql`select shadowread.ensure_day(((now() - ${ago}::interval) at time zone 'UTC')::date)`;
      await sql`insert into shadowread.counts
        select date_trunc('minute', now() - ${ago}::interval), key, 0, 5 from generate_series(1, 3) key`;
    }
    await migrate(sql);
    expect(await sql`select n::int from shadowread.count_hours`).to.have.length(3);
    expect(await differing()).to.deep.equal([]);
    const before = fixtures.find(({ version }) => version === 9);
    for (const batch of before?.batches ?? []) await replay(batch);
    await writeNow(url);
    expect(await differing()).to.deep.equal([]);
    const [sum] = await sql`select sum(n)::int as n from shadowread.count_hours`;
    expect(sum?.n).to.equal(15 + 2 * (before?.verdictsPerBatch ?? 0) + 3);
  });

  it('a program older than `startsFrom` does not start on the present tables, and says so', async () => {
    await migrate(sql);
    expect(await started(upTo(JOURNAL_SCHEMA.startsFrom - 1)))
      .to.contain('was made by a later version of shadowread')
      .and.to.contain(`version ${PRESENT}`);
    expect(await started(upTo(JOURNAL_SCHEMA.startsFrom))).to.equal('started');
  });

  it('a later version says itself which programs may start on its tables', async () => {
    const older = { ...JOURNAL_SCHEMA, schema: 'later', versions: ['create table a (n int)'], startsFrom: 1 };
    const later = { ...older, versions: [...older.versions, 'alter table a add column m int'] };
    await bringUpToDate(sql, later);
    expect(await started(bringUpToDate(sql, older))).to.equal('started');
    const breaking = { ...later, versions: [...later.versions, 'alter table a drop column n'], startsFrom: 3 };
    await bringUpToDate(sql, breaking);
    for (const one of [older, later]) expect(await started(bringUpToDate(sql, one))).to.contain('a later version');
    expect(await started(bringUpToDate(sql, breaking))).to.equal('started');
  });
});

const started = (starting: Promise<void>): Promise<string> => starting.then(() => 'started', String);
