import { expect } from 'chai';
import postgres from 'postgres';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import type { JournalLimits } from '../../src/journal/options.ts';
import { prune } from '../../src/journal/prune.ts';
import { type JournalReader, openReader } from '../../src/journal/reader.ts';
import { openWriter } from '../../src/journal/writer.ts';
import { freshJournal } from '../support/journal-database.ts';
import { amountDiffers, mismatch, pattern, verdict } from '../support/verdicts.ts';

const DAY = 86_400_000;
const id = (i: number): string => `${i.toString(16).padStart(2, '0')}`.repeat(8);
const differing = (i: number, change: Parameters<typeof mismatch>[0] = {}) =>
  mismatch({
    patterns: [pattern(id(i), { ...amountDiffers, path: `/p${i}`, rule: 'strict' })],
    fingerprint: id(i),
    fatal: false,
    ...change,
  });

describe('lists of the journal', () => {
  let url: string;
  let reader: JournalReader;
  let journal: Journal;
  let sql: postgres.Sql;
  const open = (limits: Partial<JournalLimits> = {}): Journal =>
    openJournal({
      url,
      instance: 'a',
      limits: { journalBuffer: 10_000, ...limits },
      log: () => undefined,
      rulesOf: ({ rulesDigest }) => rulesDigest,
    });

  beforeEach(async () => {
    url = await freshJournal();
    reader = openReader({ url, max: 1 });
    sql = postgres(url, { max: 1, onnotice: () => undefined });
    journal = open();
  });
  afterEach(async () => {
    await journal.close(2_000);
    await Promise.all([reader.close(), sql.end()]);
  });

  it('page through fingerprints, each once, in either order', async () => {
    for (let i = 0; i < 60; i += 1) for (let n = 0; n <= i % 7; n += 1) journal.record(differing(i));
    expect(await journal.flush(120_000)).to.equal(true);
    for (const sort of ['weight', 'last'] as const) {
      const seen: string[] = [];
      let after: string | null = null;
      do {
        const page = await reader.fingerprints({ sort, limit: 7, ...(after === null ? {} : { after }) });
        seen.push(...page.rows.map(({ fingerprint }) => fingerprint));
        after = page.next;
      } while (after !== null);
      const whole = (await reader.fingerprints({ sort, limit: 1_000 })).rows.map(({ fingerprint }) => fingerprint);
      expect(seen).to.deep.equal(whole);
      expect(new Set(seen).size).to.equal(60);
    }
    const trends = await reader.trends([id(1), id(6), 'none'], 'day', Date.now() - DAY);
    expect([...trends].map(([of, points]) => [of, points.reduce((sum, { count }) => sum + count, 0)])).to.deep.equal([
      [id(1), 2],
      [id(6), 7],
      ['none', 0],
    ]);
  });

  it('take any beginning of an id that no other has, and name candidates where several begin so', async () => {
    for (const at of [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1) + 1, Date.UTC(2026, 5, 1)])
      journal.record(differing(at % 7, { at }));
    // At two moments: ids of one begin alike, and by chance for twelve characters.
    const now = Date.now();
    journal.record(differing(0x1a, { at: now - 1 }));
    journal.record(differing(0x1b, { at: now }));
    expect(await journal.flush(120_000)).to.equal(true);
    const ids = (await reader.mismatches({ limit: 10 })).rows.map((row) => row.id);
    for (const whole of ids) {
      expect((await reader.mismatch(whole))?.id).to.equal(whole);
      const shortest =
        [...whole].findIndex((_, n) => ids.every((one) => one === whole || !one.startsWith(whole.slice(0, n + 1)))) + 1;
      expect((await reader.mismatch(whole.slice(0, shortest)))?.id, whole.slice(0, shortest)).to.equal(whole);
      expect((await reader.mismatch(whole.slice(0, 12)))?.id).to.equal(whole);
      // The same as a cursor of a list.
      const olderThan = async (cursor: string) =>
        (await reader.mismatches({ before: cursor, limit: 10 })).rows.map((row) => row.id);
      expect(await olderThan(whole.slice(0, shortest))).to.deep.equal(await olderThan(whole));
    }
    const told = async (asked: Promise<unknown>): Promise<string> => {
      const error = await asked.catch((thrown: unknown) => thrown);
      return error instanceof Error ? error.message : 'nothing was thrown';
    };
    expect(await told(reader.mismatch('0')))
      .to.contain('more than one mismatch begins with this')
      .and.contain(ids[0]);
    expect((await reader.fingerprint('1a'))?.fingerprint).to.equal(id(0x1a));
    const of = async (fingerprint: string) => (await reader.mismatches({ fingerprint, limit: 10 })).rows;
    expect(await of('1a'))
      .to.have.length(1)
      .and.deep.equal(await of(id(0x1a)));
    expect(await told(reader.mismatches({ fingerprint: '1' }))).to.contain('more than one fingerprint');
    expect(await told(reader.mismatches({ before: '0' }))).to.contain('more than one mismatch');
    expect((await reader.fingerprints({ after: '1a', limit: 10 })).rows).to.deep.equal(
      (await reader.fingerprints({ after: id(0x1a), limit: 10 })).rows,
    );
    expect(await told(reader.fingerprint('1')))
      .to.contain(id(0x1a))
      .and.contain(id(0x1b));
    for (const none of ['', 'zzz', '0-0', '%', '_', "'", 'A']) {
      expect(await reader.mismatch(none), none).to.equal(null);
      expect(await reader.fingerprint(none), none).to.equal(null);
    }
    const writer = openWriter({ url });
    try {
      expect((await writer.patchFingerprint('1b', { state: 'fixed' }, 'ada')).fingerprint).to.equal(id(0x1b));
      expect(await told(writer.patchFingerprint('1', { state: 'fixed' }, 'ada'))).to.contain('more than one');
    } finally {
      await writer.close();
    }
  });

  it('lose by prune the names that nothing refers to, and nothing else', async () => {
    const old = Date.now() - 60 * DAY;
    const writer = openWriter({ url });
    journal.record(differing(1, { at: old, shape: 'old=1' }));
    journal.record(differing(2, { at: old }));
    journal.record(verdict({ at: old, shape: 'old=2', control: { agreed: false, paths: ['/old'] } }));
    expect(await journal.flush(120_000)).to.equal(true);
    await writer.patchFingerprint(
      id(2),
      { state: 'acknowledged', owner: 'ada', reason: 'known', expiresAt: Date.now() + DAY },
      'ada',
    );
    await writer.close();
    // Still the domain's epoch: what its evidence counts stays, however old.
    await prune({ url, olderThan: Date.now() - 30 * DAY, evidenceBytes: 0 });
    expect((await reader.evidence('payments')).fingerprints).to.have.length(2);
    expect((await reader.fingerprints({})).rows).to.have.length(2);
    for (let i = 0; i < 3; i += 1) journal.record(verdict({ rulesDigest: 'rules-2', shape: 'new=1' }));
    journal.record(differing(3, { rulesDigest: 'rules-2' }));
    expect(await journal.flush(120_000)).to.equal(true);
    await sql`update shadowread.epochs set last_seen = ${new Date(old).toISOString()} where ordinal = 1`;
    const pruned = await prune({ url, olderThan: Date.now() - 30 * DAY, evidenceBytes: 0 });
    expect(pruned).to.deep.include({ fingerprints: 1, shapes: 1, notes: 0 });
    expect((await reader.fingerprints({})).rows.map(({ fingerprint }) => fingerprint).toSorted()).to.deep.equal([
      id(2),
      id(3),
    ]);
    expect((await reader.evidence('payments')).counts).to.include({ match: 3, mismatch: 1 });
    // The writer, which remembers what is gone, goes on.
    journal.record(differing(1));
    journal.record(verdict({ shape: 'old=2', rulesDigest: 'rules-2' }));
    expect(await journal.flush(120_000)).to.equal(true);
    expect((await reader.fingerprints({})).rows).to.have.length(3);
  });

  it('keep distinct units within their bound, and count the mismatches beyond it', async () => {
    await journal.close();
    journal = open({ distinctCap: 20 });
    for (let batch = 0; batch < 4; batch += 1) {
      for (let i = 0; i < 30; i += 1) {
        journal.record(verdict());
        journal.record(differing(i));
      }
      expect(await journal.flush(120_000)).to.equal(true);
    }
    const { counts, routes } = await reader.evidence('payments');
    expect(counts).to.include({ match: 120, mismatch: 120 });
    const [held] = await sql`select count(*)::int as n from shadowread.distinct_hashes where kind = 2`;
    // The cap is looked up before a batch, which may bring some more.
    expect(held?.n).to.be.within(40, 130);
    expect(routes[0]?.distinctMismatches).to.equal(120);
  });
});
