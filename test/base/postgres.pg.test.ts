/** A pool on a server that was set up in another way than ours, and one that loses its connections. */
import { expect } from 'chai';
import type { Sql } from 'postgres';
import { isWriteToClosed } from '../../src/base/driver-guard.ts';
import { openPostgresPool } from '../../src/base/postgres.ts';
import { sharedPostgres } from '../support/stores.ts';
import { until } from '../support/until.ts';

describe('a pool of Postgres', () => {
  let url: string;
  let admin: Sql;
  let role: string;
  let sql: Sql;
  before(async () => {
    url = (await sharedPostgres()).url;
    admin = openPostgresPool(url, { name: 'shadowread-tests', max: 1 });
    role = `odd_${process.pid}_${Date.now().toString(36)}`;
    await admin`create role ${admin(role)} login password 'odd'`;
    await admin`grant pg_signal_backend to ${admin(role)}`;
    const address = new URL(url);
    address.username = role;
    address.password = 'odd';
    sql = openPostgresPool(address.href, { name: 'shadowread-odd', max: 2, ownTypes: true });
  });
  after(async () => {
    await sql.end({ timeout: 1 });
    await admin`drop owned by ${admin(role)}`;
    await admin`drop role ${admin(role)}`;
    await admin.end({ timeout: 1 });
  });

  it('reads the same values whatever the role is set to', async () => {
    await admin.unsafe(`
      alter role ${role} set datestyle to 'SQL, DMY';
      alter role ${role} set timezone to 'Asia/Kathmandu';
      alter role ${role} set intervalstyle to 'iso_8601';
      alter role ${role} set bytea_output to 'escape';
      alter role ${role} set extra_float_digits to -15;
      alter role ${role} set standard_conforming_strings to off;
      alter role ${role} set array_nulls to off;
      alter role ${role} set transform_null_equals to on;
      alter role ${role} set default_transaction_isolation to 'serializable'`);
    const [row] = await sql`
      select '2026-11-27T10:00:00.123Z'::timestamptz as at, '2026-11-27T10:00:00.123Z'::timestamptz::text as written,
        extract(epoch from '2026-11-27T10:00:00.123Z'::timestamptz)::float8 as seconds, 0.1::float8 + 0.2::float8 as sum,
        '1 day 02:00:00'::interval::text as pause, '\\x00ff'::bytea as bytes, array['\\x00ff']::bytea[] as pieces,
        '{a,null}'::text[] as texts, null::int = null as same, current_setting('transaction_isolation') as isolation`;
    expect(row).to.deep.equal({
      at: new Date('2026-11-27T10:00:00.123Z'),
      written: '2026-11-27 10:00:00.123+00',
      seconds: 1795773600.123,
      sum: 0.1 + 0.2,
      pause: '1 day 02:00:00',
      bytes: Buffer.from([0, 255]),
      pieces: [Buffer.from([0, 255])],
      texts: ['a', null],
      same: null,
      isolation: 'read committed',
    });
  });

  it('behind a pooler leaves out what such a one refuses: prepared statements, and settings that it does not know', async () => {
    const address = new URL(url);
    address.searchParams.set('pgbouncer', 'true');
    const pooled = openPostgresPool(address.href, {
      name: 'shadowread-pooled',
      max: 1,
      statementMs: 4_000,
      readOnly: true,
    });
    try {
      const asked = () => pooled`
        select (select count(*)::int from pg_prepared_statements) as prepared, current_setting('TimeZone') as zone,
          array(select name from pg_settings where source = 'client' order by name collate "C") as sent, ${1}::int as n`;
      await asked();
      const [row] = await asked();
      expect(row).to.deep.equal({
        prepared: 0,
        zone: 'UTC',
        sent: ['DateStyle', 'TimeZone', 'application_name', 'client_encoding', 'standard_conforming_strings'],
        n: 1,
      });
    } finally {
      await pooled.end({ timeout: 1 });
    }
  });

  it('that loses a connection in a transaction, between two statements, fails that one and serves the next', async () => {
    // The driver throws from a timer, where nobody but the process can catch it.
    const mochas = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const thrown: unknown[] = [];
    process.on('uncaughtException', (error) => thrown.push(error));
    try {
      const failed = await sql
        .begin(async (tx) => {
          const [own] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
          const pid = own?.pid ?? 0;
          await admin`select pg_terminate_backend(${pid}::int)`;
          await until(async () => (await admin`select from pg_stat_activity where pid = ${pid}`).length === 0);
          await new Promise((resolve) => setTimeout(resolve, 50));
          await tx`select 2`;
        })
        .catch((error: unknown) => error);
      expect(failed).to.be.an('error');
      const answers = await Promise.all([1, 2, 3, 4].map((n) => sql<{ n: number }[]>`select ${n}::int as n`));
      expect(answers.map(([row]) => row?.n)).to.deep.equal([1, 2, 3, 4]);
      expect(thrown.filter((error) => !isWriteToClosed(error))).to.deep.equal([]);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of mochas) process.on('uncaughtException', listener);
    }
  });
});
