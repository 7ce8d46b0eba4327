/** Everything of the demo as real processes on embedded stores, with a door before the twin and one before the journal. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Stack, startStack } from '../../src/amanat/demo/stack.ts';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { migrate } from '../../src/amanat/twin/migrate.ts';
import { backfill } from '../../src/migration/backfill.ts';
import type { Status } from '../support/proxy-process.ts';
import { startTcpGate, type TcpGate } from '../support/tcp-gate.ts';

const BIN = fileURLToPath(new URL('../../bin/shadowread.js', import.meta.url));
const DEMO = new URL('../../config/demo.yaml', import.meta.url);

/** Matches that a worker remembers: full when the warm-up ends, else the memory would fill for hours and look like a leak. */
const REMEMBERED = 200;

export interface Stage {
  readonly stack: Stack;
  readonly twin: TcpGate;
  readonly journal: TcpGate;
  status(): Promise<Status>;
  /** Changes what the admin port may change. Rejects where it is refused. */
  control(patch: Readonly<Record<string, unknown>>): Promise<void>;
  /** Writes another config and has it read; resolves when it is in force. */
  reload(): Promise<void>;
  /** A command of ours against the journal itself, past the door; rejects where it fails. */
  command(...args: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(options: {
  readonly seed: number;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
}): Promise<Stage> {
  const config = join(options.folder, 'soak.yaml');
  const demo = await readFile(DEMO, 'utf8');
  const written = demo
    .replace('verifier: { ', `verifier: { memory: { entries: ${REMEMBERED} }, `)
    // A twin that hangs is one of the troubles: reads do not wait for it longer than they do by default.
    .replace(/waitMs: \d+, /, '');
  if (!written.includes('memory: {')) throw new Error(`the soak finds no verifier in ${DEMO.pathname}`);
  const write = (control: number): void =>
    writeFileSync(config, written.replace(/control: [\d.]+/, `control: ${control}`));
  write(0.01);
  const doors: TcpGate[] = [];
  const behindDoor = async (url: string): Promise<string> => {
    const address = new URL(url);
    const door = await startTcpGate(address.hostname, Number(address.port));
    doors.push(door);
    address.hostname = '127.0.0.1';
    address.port = String(door.port);
    return address.href.replace(/\/$/, '');
  };
  const stack = await startStack({
    seed: options.seed,
    onStep: options.tell,
    prepare: migrate,
    backfill: async (mongoUri, databaseUrl) =>
      void (await backfill({ mongoUri, databaseUrl, mappings: amanatMappings })),
    config,
    proxyEnvironment: async (own) => ({
      ...options.environment,
      SHADOWREAD_TWIN_URL: await behindDoor(own.SHADOWREAD_TWIN_URL ?? ''),
      SHADOWREAD_JOURNAL_URL: await behindDoor(own.SHADOWREAD_JOURNAL_URL ?? ''),
    }),
  });
  const [twin, journal] = doors;
  if (twin === undefined || journal === undefined) throw new Error('the proxy was started without its doors');
  const status = async (): Promise<Status> => (await (await fetch(`${stack.admin}/api/status`)).json()) as Status;
  let control = 0.01;
  return {
    stack,
    twin,
    journal,
    status,
    async control(patch) {
      const answer = await fetch(`${stack.admin}/api/control`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(patch),
      });
      if (!answer.ok) throw new Error(`control: ${answer.status} ${await answer.text()}`);
      await answer.text();
    },
    async reload() {
      const { configDigest } = await status();
      control = control === 0.01 ? 0.02 : 0.01;
      write(control);
      stack.proxyProcess.signal('SIGHUP');
      await until('the config is read again', async () => (await status()).configDigest !== configDigest);
    },
    command: (...args) =>
      new Promise((resolve, reject) => {
        const environment = { ...process.env, SHADOWREAD_JOURNAL_URL: stack.journal, MIGRATION_PG_URL: stack.postgres };
        execFile(process.execPath, [BIN, ...args, '--config', config], { env: environment }, (error, out, err) =>
          error === null ? resolve() : reject(new Error(`shadowread ${args.join(' ')}: ${out}${err}`)),
        );
      }),
    async close() {
      await stack.close();
      for (const door of doors) await door.close();
    },
  };
}

/** Looks until it holds. Rejects after three minutes, more than a slow machine takes. */
export async function until(what: string, holds: () => Promise<boolean>, withinMs = 180_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${withinMs / 1_000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
