import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import postgres from 'postgres';
import { ShadowError } from '../../src/errors.ts';
import { dropDatabase, openPostgres } from '../../src/stores/postgres.ts';
import { sized } from '../support/sized.ts';
import { freshDatabase, sharedPostgres } from '../support/stores.ts';
import { until } from '../support/until.ts';

const HOLDER = fileURLToPath(new URL('../support/holds-store.ts', import.meta.url));

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** The command lines of all processes that name a folder. */
function processesOf(folder: string): string[] {
  return execFileSync('ps', ['-eo', 'args'])
    .toString()
    .split('\n')
    .filter((line) => line.includes(folder));
}

describe('stores/postgres', () => {
  it('gives a UTF-8 database that orders text by its bytes and knows the case of every letter', async () => {
    const sql = postgres(await freshDatabase());
    const rows =
      await sql`select lower('ÄЖ') as lower, array(select x from unnest(array['b','B','a','é']) x order by x) as sorted`;
    await sql.end();
    expect(rows[0]).to.deep.equal({ lower: 'äж', sorted: ['B', 'a', 'b', 'é'] });
  });

  it('gives databases that know nothing of each other, and drops them', async () => {
    const [one, two] = [await freshDatabase(), await freshDatabase()];
    const [first, second] = [postgres(one), postgres(two)];
    await first`create table t (id int)`;
    expect(await second`select to_regclass('t') as there`).to.deep.equal([{ there: null }]);
    await Promise.all([first.end(), second.end()]);
    await dropDatabase((await sharedPostgres()).url, new URL(one).pathname.slice(1));
    const gone = postgres(one);
    const error = await gone`select 1`.catch((thrown: unknown) => thrown);
    expect(error).to.be.an('error').with.property('message').that.includes('does not exist');
  });

  it('leaves no process and no folder behind when it is closed', async () => {
    const store = await openPostgres();
    const sql = postgres(store.url);
    const [row] = await sql`show data_directory`;
    await sql.end();
    const folder = String(row?.data_directory);
    // A child that it has just forked still has its command line.
    expect(processesOf(folder)).not.to.deep.equal([]);
    await store.close();
    await store.close();
    expect(existsSync(folder)).to.equal(false);
    expect(processesOf(folder)).to.deep.equal([]);
    expect(await answers(Number(new URL(store.url).port))).to.equal(false);
  });

  it('keeps its data in a folder that is configured', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'shadowread-keep-'));
    const folder = join(parent, 'data');
    execFileSync('chmod', ['755', parent]);
    try {
      for (const expected of [0, 1]) {
        const store = await openPostgres({ folder });
        const sql = postgres(store.url, { onnotice: () => undefined });
        await sql`create table if not exists kept (id int)`;
        const [row] = await sql`select count(*)::int as n from kept`;
        await sql`insert into kept values (1)`;
        await sql.end();
        await store.close();
        expect(row).to.deep.equal({ n: expected });
      }
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  });

  // A process that dies of any signal closes its pipe alike; each try starts a server from nothing.
  for (const signal of sized(['SIGKILL'], ['SIGINT', 'SIGTERM', 'SIGKILL']) satisfies readonly NodeJS.Signals[]) {
    it(`leaves nothing behind when its owner dies of ${signal}`, async () => {
      const owner = spawn(process.execPath, [HOLDER, 'postgres'], { stdio: ['pipe', 'pipe', 'inherit'] });
      const [line] = await once(owner.stdout, 'data');
      const { port, folder } = JSON.parse(String(line));
      expect(await answers(port)).to.equal(true);
      const ended = once(owner, 'exit');
      owner.kill(signal);
      await ended;
      await until(() => !existsSync(folder) && processesOf(folder).length === 0);
      expect(await answers(port)).to.equal(false);
    });
  }

  const MISTAKES: readonly [name: string, url: string, words: string][] = [
    ['no URL of Postgres', 'mysql://root:secret@127.0.0.1/x', 'expected a postgres:// URL'],
    ['a server that is not there', 'postgres://me:secret@127.0.0.1:1/x', 'ECONNREFUSED'],
  ];
  for (const [name, url, words] of MISTAKES) {
    it(`says what is wrong with ${name}, and not the password`, async () => {
      const error = await openPostgres({ url }).catch((thrown: unknown) => thrown);
      if (!(error instanceof ShadowError)) throw error;
      expect(error.code).to.equal('SHADOW_POSTGRES');
      expect(error.message).to.include(words).and.include('for example').and.not.include('secret');
    });
  }

  it('uses the server it is given, and leaves it running', async () => {
    const url = await freshDatabase();
    const store = await openPostgres({ url });
    expect(store.kind).to.equal('external');
    await store.close();
    expect(await answers(Number(new URL(url).port))).to.equal(true);
  });
});
