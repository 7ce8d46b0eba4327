/** A journal on a Postgres with a hot standby: the primary crashes while it is written to, the standby is promoted. */
import { expect } from 'chai';
import postgres from 'postgres';
import { openJournal } from '../../src/journal/journal.ts';
import { journalSums } from '../support/journal-sums.ts';
import { openStreamingPair, type StreamingPair } from '../support/streaming-pair.ts';
import { until } from '../support/until.ts';
import { mismatch, skipped, verdict } from '../support/verdicts.ts';

describe('a journal on a Postgres with a hot standby', () => {
  let pair: StreamingPair;
  /** As a driver writes several hosts. */
  let url: string;
  /** The server that was promoted, for its administrator. */
  let promoted: string;

  before(async function () {
    // The program of the running server is found by its process.
    if (process.platform !== 'linux') return this.skip();
    pair = await openStreamingPair();
    url = `postgres://postgres:postgres@${pair.hosts}/postgres?target_session_attrs=read-write`;
    promoted = `postgres://postgres:postgres@${pair.hosts.split(',')[1]}/postgres`;
  });
  after(() => pair?.close());

  const journalAt = (address: string) =>
    openJournal({
      url: address,
      instance: 'failover',
      limits: { journalBuffer: 5_000, flushMs: 20 },
      log: () => undefined,
    });
  const write = (journal: ReturnType<typeof openJournal>): void => {
    for (const one of [verdict(), mismatch(), skipped('overload')]) journal.record(one);
  };

  it('goes on with the standby, and has each verdict once', async () => {
    const journal = journalAt(url);
    let rounds = 0;
    const busy = setInterval(() => {
      write(journal);
      rounds += 1;
    }, 5);
    try {
      await until(() => journal.stats().written > 60, 20);
      // Batches are under way: whether the last one was committed nobody has told the journal.
      await pair.crash();
      await until(() => !journal.stats().connected, 20);
      const before = rounds;
      await until(() => rounds > before + 20, 20);
      await pair.standby`select pg_promote()`;
      await until(() => journal.stats().connected, 20);
    } finally {
      clearInterval(busy);
    }
    await until(() => journal.stats().pending === 0, 20);
    expect(journal.stats()).to.include({ lost: 0, droppedEvidence: 0 });
    expect(await journal.close()).to.not.equal(false);
    expect((await journalSums(promoted)).byKind).to.deep.equal({ match: rounds, mismatch: rounds, overload: rounds });
  });

  it('waits while all connections of the server are taken, and has each verdict once', async () => {
    await pair.restart(['max_connections=10']);
    await pair.standby`create role writer login password 'w'`;
    await pair.standby`create database busy owner writer`;
    const own = promoted.replace('postgres:postgres', 'writer:w').replace(/\/postgres$/, '/busy');
    const journal = journalAt(own);
    write(journal);
    await until(() => journal.stats().written === 3, 20);
    // The places of ordinary users are all taken, then the journal loses its own.
    const taken: postgres.Sql[] = [];
    const take = async (): Promise<boolean> => {
      const sql = postgres(own, { max: 1, onnotice: () => undefined });
      taken.push(sql);
      return sql`select 1`.then(
        () => true,
        () => false,
      );
    };
    try {
      while (await take());
      await pair.standby`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'shadowread%'`;
      while (await take());
      write(journal);
      await until(() => /53300|too many|remaining connection slots/.test(journal.stats().lastError ?? ''), 20);
      write(journal);
      expect(journal.stats()).to.include({ lost: 0, written: 3 });
    } finally {
      await Promise.all(taken.map((sql) => sql.end({ timeout: 1 })));
    }
    await until(() => journal.stats().pending === 0, 20);
    await journal.close();
    expect((await journalSums(promoted.replace(/\/postgres$/, '/busy'))).byKind).to.deep.equal({
      match: 3,
      mismatch: 3,
      overload: 3,
    });
  });
});
