/** A Postgres that is there and takes nothing: no connection is free, or it became a standby. Nothing is lost or counted twice. */
import { expect } from 'chai';
import postgres from 'postgres';
import { inTime } from '../../src/base/in-time.ts';
import { connectJournal } from '../../src/journal/connection.ts';
import { follow } from '../../src/journal/follow.ts';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import { prune } from '../../src/journal/prune.ts';
import { migrate } from '../../src/journal/schema/migrate.ts';
import { openWriter } from '../../src/journal/writer.ts';
import { journalSums } from '../support/journal-sums.ts';
import { freshDatabase } from '../support/stores.ts';
import { startTcpGate } from '../support/tcp-gate.ts';
import { mismatch, skipped, verdict } from '../support/verdicts.ts';

describe('a journal whose Postgres refuses', () => {
  let url: string;
  let own: string;
  let database: string;
  let role: string;
  let admin: postgres.Sql;
  let journal: Journal;
  const told: string[] = [];

  beforeEach(async () => {
    url = await freshDatabase();
    database = decodeURIComponent(new URL(url).pathname.slice(1));
    role = `role_${database}`;
    admin = postgres(url, { max: 1, onnotice: () => undefined });
    // Limits of connections do not hold for a superuser.
    await admin`create role ${admin(role)} login password 'journal'`;
    await admin`grant create on database ${admin(database)} to ${admin(role)}`;
    const address = new URL(url);
    address.username = role;
    address.password = 'journal';
    own = address.href;
    told.length = 0;
    journal = openJournal({
      url: own,
      instance: 'refused',
      limits: { journalBuffer: 100, flushMs: 20 },
      log: (level, message) => void told.push(`${level} ${message}`),
    });
  });
  afterEach(async () => {
    await journal.close();
    await admin`drop owned by ${admin(role)} cascade`;
    await admin`drop role ${admin(role)}`;
    await admin.end({ timeout: 1 });
  });

  const record = (times: number): void => {
    for (let i = 0; i < times; i += 1)
      for (const one of [verdict(), mismatch(), skipped('overload')]) journal.record(one);
  };
  /** Looks until it holds; what never does is told with the figures. */
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    const end = performance.now() + 300_000;
    while (!(await holds())) {
      expect(performance.now(), `never: ${holds}; ${JSON.stringify(journal.stats())}`).to.be.lessThan(end);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const backends = async (): Promise<readonly number[]> =>
    (
      await admin<{ pid: number }[]>`
        select pid from pg_stat_activity where usename = ${role} and datname = current_database() order by pid`
    ).map(({ pid }) => pid);
  /** Another journal, after the one of `beforeEach`. */
  const reopen = async (instance: string, at = own): Promise<void> => {
    await journal.close(0);
    journal = openJournal({
      url: at,
      instance,
      limits: { journalBuffer: 100, flushMs: 20 },
      log: (level, message) => void told.push(`${level} ${message}`),
    });
  };
  const cutAll = (): Promise<unknown> =>
    admin`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${role}`;
  const refusedWith = (code: string) =>
    until(() => told.some((line) => line.startsWith('warn') && line.includes(code)));

  it('without free connections (53300) is tried again, and has every verdict once when there are some', async () => {
    record(3);
    expect(await journal.flush(120_000)).to.equal(true);
    await admin`alter role ${admin(role)} connection limit 0`;
    await cutAll();
    record(4);
    await refusedWith('53300');
    record(5);
    expect(journal.stats()).to.include({ connected: false, lost: 0, droppedEvidence: 0, written: 9 });
    expect(journal.lagSeconds()).to.be.greaterThan(0);
    await admin`alter role ${admin(role)} connection limit 1`;
    await until(() => journal.stats().connected && journal.stats().pending === 0);
    expect((await journalSums(url)).byKind).to.deep.equal({ match: 12, mismatch: 12, overload: 12 });
    expect(told.at(-1)).to.match(/^info journal: writing again after \d+ failed attempts?$/);
  });

  it('without free connections at the start creates its tables later', async () => {
    await journal.close();
    await admin`alter role ${admin(role)} connection limit 0`;
    await cutAll();
    journal = openJournal({
      url: own,
      instance: 'late',
      limits: { journalBuffer: 100, flushMs: 20 },
      log: () => undefined,
    });
    record(2);
    await until(() => journal.stats().lastError !== null);
    await admin`alter role ${admin(role)} connection limit -1`;
    await until(() => journal.stats().pending === 0);
    expect((await journalSums(url)).total).to.equal(6);
  });

  it('as a standby after a failover (25006) is left for a new connection, which may find the new primary', async () => {
    record(1);
    expect(await journal.flush(120_000)).to.equal(true);
    const before = await backends();
    // Both what stands and what comes is read-only, as the connections to a server that became a standby are.
    await admin`alter role ${admin(role)} set default_transaction_read_only = on`;
    await cutAll();
    record(4);
    await refusedWith('25006');
    const during = await backends();
    await until(async () => (await backends()).some((pid) => !during.includes(pid) && !before.includes(pid)));
    expect(journal.stats()).to.include({ connected: false, lost: 0, droppedEvidence: 0 });

    // The writer of decisions and stages tells it too, and comes back by a connection of its own.
    const writer = openWriter({ url: own });
    const change = { domain: 'points', stage: 'flipped', percent: 100, who: 'test', reason: null } as const;
    try {
      const refused = await writer
        .setStage({ ...change, override: false, decision: null })
        .catch((error: unknown) => error);
      expect(String(refused)).to.contain('the journal cannot be read').and.to.contain('read-only');
      await admin`alter role ${admin(role)} reset default_transaction_read_only`;
      // Only new connections are read-write: without a new one both would be refused for ever.
      await writer.setStage({ ...change, override: false, decision: null });
    } finally {
      await writer.close();
    }
    record(2);
    await until(() => journal.stats().connected && journal.stats().pending === 0);
    expect((await journalSums(url)).byKind).to.deep.equal({ match: 7, mismatch: 7, overload: 7 });
  });

  it('is made in a schema that its administrator has made, without the right to make others', async () => {
    await journal.close(0);
    await admin`drop schema if exists shadowread cascade`;
    await admin`revoke create on database ${admin(database)} from ${admin(role)}`;
    await admin`create schema shadowread authorization ${admin(role)}`;
    await reopen('schema');
    record(1);
    await until(() => journal.stats().pending === 0);
    expect((await journalSums(url)).total).to.equal(3);
  });

  it('takes rows from a role that owns no table, of days that have none yet too; one that only looks makes none', async () => {
    await journal.close(0);
    await admin`drop schema if exists shadowread cascade`;
    await admin`revoke create on database ${admin(database)} from ${admin(role)}`;
    await reopen('without rights');
    record(1);
    await refusedWith('SHADOW_JOURNAL');
    expect(journal.stats().lastError)
      .to.contain('cannot be made or brought to version')
      .and.to.contain('permission denied');

    await migrate(admin);
    await admin`grant usage on schema shadowread to ${admin(role)}`;
    await admin`grant select on all tables in schema shadowread to ${admin(role)}`;
    const looking = postgres(own, { max: 1, onnotice: () => undefined });
    const made = await looking`select shadowread.ensure_day('2031-01-01')`.catch((error: unknown) => String(error));
    await looking.end({ timeout: 1 });
    expect(made).to.contain('permission denied');

    await admin`grant insert, update, delete on all tables in schema shadowread to ${admin(role)}`;
    await admin`grant usage on all sequences in schema shadowread to ${admin(role)}`;
    journal.record(mismatch({ at: Date.now() + 3 * 86_400_000 }));
    await until(() => journal.stats().pending === 0);
    expect((await journalSums(url)).byKind).to.deep.equal({ match: 1, mismatch: 2, overload: 1 });
  });

  it('is not made in a database that cannot hold every character', async () => {
    const name = `${database}_latin1`;
    await admin`create database ${admin(name)} encoding 'LATIN1' locale 'C' template template0`;
    const address = new URL(url);
    address.pathname = `/${name}`;
    try {
      await reopen('latin', address.href);
      record(1);
      await refusedWith('SHADOW_JOURNAL');
      expect(journal.stats().lastError).to.contain('UTF8').and.to.contain('LATIN1');
      expect(journal.stats()).to.include({ pending: 3, droppedEvidence: 0 });
    } finally {
      await journal.close(0);
      await admin`drop database ${admin(name)} with (force)`;
    }
  });

  it('that a network has forgotten is asked anew: who changes a stage then is heard, and who reads is answered', async () => {
    const door = await startTcpGate(new URL(url).hostname, Number(new URL(url).port));
    const through = new URL(url);
    through.port = String(door.port);
    through.hostname = '127.0.0.1';
    record(1);
    await until(() => journal.stats().pending === 0);
    const heard: string[] = [];
    const follower = follow({
      url: through.href,
      log: () => undefined,
      onChange: ({ stages }) => void heard.push(stages.map(({ domain, stage }) => `${domain} ${stage}`).join()),
    });
    const pool = connectJournal(through.href, { max: 1 });
    const writer = openWriter({ url });
    try {
      await until(() => heard.length === 1);
      await pool`select 1`;
      door.forget();
      const silent = await inTime(pool, 100, pool`select 2`).catch((error: unknown) => String(error));
      expect(silent).to.contain('no answer within 100 ms');
      expect(await pool`select 3 as n`).to.deep.equal([{ n: 3 }]);
      const change = { domain: 'points', stage: 'shadow', percent: 100, who: 'test', reason: null } as const;
      await writer.setStage({ ...change, override: false, decision: null });
      await until(() => heard.at(-1) === 'points shadow');
    } finally {
      await Promise.all([follower.close(), writer.close(), pool.end({ timeout: 0 })]);
      await door.close();
    }
  });

  it('whose clock, or that of the machine that prunes, is years ahead keeps the days that are not over', async () => {
    record(1);
    await until(() => journal.stats().pending === 0);
    const now = Date.now;
    try {
      Date.now = () => now() + 400 * 86_400_000;
      const pruned = await prune({ url, olderThan: Date.now() - 86_400_000, evidenceBytes: 1e9 });
      expect(pruned).to.include({ instances: 0, fingerprints: 0 }).and.to.deep.include({ partitions: [] });
    } finally {
      Date.now = now;
    }
    expect((await journalSums(url)).total).to.equal(3);
  });
});
