/** A Postgres and a hot standby that streams from it, both real, on loopback; Linux only, as the server's program is found there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import postgres from 'postgres';
import { openPostgres } from '../../src/stores/postgres.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

/** What a server that is kept in a folder has: see postgres-main. */
const WHO = 'postgres:postgres';

export interface StreamingPair {
  /** URL of a database on both, which a driver with several hosts takes; without a password and user. */
  readonly hosts: string;
  /** One connection to the standby, for its administrator. */
  readonly standby: postgres.Sql;
  /** Ends the primary as a crash does. */
  crash(): Promise<void>;
  /** Stops what was the standby, and starts it with these settings. */
  restart(settings: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Every commit on the primary waits for the standby to have it: what was answered survives. */
export async function openStreamingPair(): Promise<StreamingPair> {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-pair-'));
  // Servers that root starts run as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  const [data, copy] = [join(folder, 'primary'), join(folder, 'standby')];
  const store = await openPostgres({ folder: data });
  const admin = postgres(store.url, { max: 1, onnotice: () => undefined });
  const port = await freePort();
  const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const program = readlinkSync(`/proc/${pid}/exe`);
  await copyOf(admin, data, copy);
  const source = `host=127.0.0.1 port=${new URL(store.url).port} user=postgres password=postgres application_name=copy`;
  let server = await start(program, copy, port, [
    `primary_conninfo=${source}`,
    'hot_standby=on',
    'max_connections=200',
  ]);
  await admin`alter system set synchronous_standby_names = 'copy'`;
  await admin`select pg_reload_conf()`;
  await until(async () => {
    const [row] = await admin<{ state: string }[]>`select sync_state as state from pg_stat_replication`;
    return row?.state === 'sync';
  }, 50);
  const standby = postgres(`postgres://${WHO}@127.0.0.1:${port}/postgres`, { max: 1, onnotice: () => undefined });
  return {
    hosts: `127.0.0.1:${new URL(store.url).port},127.0.0.1:${port}`,
    standby,
    async crash() {
      process.kill(pid, 'SIGQUIT');
      await admin.end({ timeout: 1 });
    },
    async restart(settings) {
      await stop(server);
      server = await start(program, copy, port, settings);
    },
    async close() {
      await Promise.all([admin.end({ timeout: 1 }), standby.end({ timeout: 1 })]);
      await stop(server);
      await store.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A copy of a running server's folder, as a base backup is. */
async function copyOf(admin: postgres.Sql, from: string, to: string): Promise<void> {
  await admin`select pg_backup_start('pair', true)`;
  cpSync(from, to, { recursive: true, filter: (file) => !basename(file).startsWith('postmaster.') });
  const [stopped] = await admin<{ labelfile: string }[]>`select labelfile from pg_backup_stop(false)`;
  writeFileSync(join(to, 'backup_label'), stopped?.labelfile ?? '');
  writeFileSync(join(to, 'standby.signal'), '');
  chmodSync(to, 0o700);
  const { uid, gid } = statSync(from);
  for (const file of files(to)) chownSync(file, uid, gid);
}

function* files(folder: string): Generator<string> {
  yield folder;
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) yield join(folder, entry);
}

async function start(program: string, data: string, port: number, settings: readonly string[]): Promise<ChildProcess> {
  const { uid, gid } = statSync(data);
  const given = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', ...settings];
  const child = spawn(program, ['-D', data, ...given.flatMap((setting) => ['-c', setting])], {
    stdio: ['ignore', 'ignore', 'pipe'],
    uid,
    gid,
  });
  let said = '';
  const ready = Promise.withResolvers<void>();
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
    if (/ready to accept (?:read-only )?connections/.test(said)) ready.resolve();
  });
  child.once('exit', () => ready.reject(new Error(said)));
  await ready.promise;
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
}
