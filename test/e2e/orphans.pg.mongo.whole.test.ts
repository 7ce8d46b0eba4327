/** Whatever way the parent goes, everything that was started ends, and its data with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { until } from '../support/until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = fileURLToPath(new URL('../../bin/shadowread.js', import.meta.url));

/** Milliseconds between two looks at the processes of the machine, which cost something where there are many. */
const LOOK_MS = 150;

interface Living {
  readonly pid: number;
  readonly parent: number;
  readonly startedAt: string;
}

describe('a started process ends with the process that started it', () => {
  let folder: string;

  before(async function () {
    if (!existsSync('/proc/self/stat')) this.skip();
    folder = await mkdtemp(join(tmpdir(), 'shadowread-orphans-'));
    // The embedded Postgres runs as a user of its own.
    await chmod(folder, 0o755);
  });
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const DEMO = ['demo', '--requests', '0', '--json'] as const;
  const NPM = ['npm', 'run', '-s', 'demo', '--', ...DEMO.slice(1)] as const;
  // Once all of it serves, when both sides run, and in the middle of starting, when the stores are there.
  for (const [what, command, signal, whom, when] of [
    ['npm ended by SIGTERM', NPM, 'SIGTERM', 'first', serving],
    ['npm killed', NPM, 'SIGKILL', 'first', starting],
    ['the demo killed', [process.execPath, BIN, ...DEMO], 'SIGKILL', 'first', serving],
    ['a closed terminal', [process.execPath, BIN, ...DEMO], 'SIGHUP', 'group', starting],
    [
      'the first of two proxy processes killed',
      [process.execPath, BIN, 'proxy', '--processes', '2', '--json'],
      'SIGKILL',
      'first',
      serving,
    ],
  ] as const) {
    it(`${what}: nothing lives on, no folder is left`, async () => {
      const child = start(command);
      const all = await when(child);
      expect(all.length).to.be.greaterThan(2);
      const began = performance.now();
      if (whom === 'group') process.kill(-(child.pid ?? 0), signal);
      else child.kill(signal);
      try {
        await until(() => all.every(({ pid, startedAt }) => of(pid)?.startedAt !== startedAt), LOOK_MS);
        // What was started after that look, too.
        await until(() => inFolder(folder).length === 0, LOOK_MS);
        // npm keeps a compile cache there.
        await until(() => readdirSync(folder).every((name) => !name.startsWith('shadowread')), LOOK_MS);
      } finally {
        for (const { pid, startedAt } of all) if (of(pid)?.startedAt === startedAt) process.kill(pid, 'SIGKILL');
        for (const pid of inFolder(folder)) process.kill(pid, 'SIGKILL');
      }
      process.stdout.write(
        `      ${what}: ${all.length} processes gone after ${((performance.now() - began) / 1_000).toFixed(1)} s\n`,
      );
    });
  }

  it('a command that is still starting ends at once, and not when a store it waits for is given up', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const silent = createServer(() => resolve()).listen(0, '127.0.0.1');
    try {
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const args = [BIN, 'reference', '--port', '0', '--json', '--until-stdin-ends'];
      const env = { ...process.env, MONGODB_URI: `mongodb://127.0.0.1:${port}/amanat?directConnection=true` };
      const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
      const said: string[] = [];
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(String(chunk)));
      await asked;
      child.stdin.end();
      expect([...(await once(child, 'close')), said.join('')]).to.deep.equal([1, null, '']);
    } finally {
      silent.close();
    }
  });

  /** In a process group of its own, so that a signal to the group does not reach the tests. */
  function start([program, ...args]: readonly string[]): ChildProcess {
    return spawn(program ?? '', args, {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        ...process.env,
        TMPDIR: folder,
        npm_lifecycle_event: undefined,
        SHADOWREAD_PORT: '0',
        SHADOWREAD_ADMIN_PORT: '0',
        SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9',
        MONGODB_URI: '',
        MIGRATION_PG_URL: '',
        SHADOWREAD_JOURNAL_URL: '',
      },
    });
  }
});

/** The process and all below it, once it says where it serves. */
async function serving(child: ChildProcess): Promise<readonly Living[]> {
  if (child.stdout === null) throw new Error('no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    child.stdout.resume();
    return below(child.pid ?? 0);
  }
  throw new Error('it ended before it served');
}

/** The same, as soon as a Postgres server runs below it. */
function starting(child: ChildProcess): Promise<readonly Living[]> {
  return running(child, [/^postgres:/]);
}

async function running(child: ChildProcess, commands: readonly RegExp[]): Promise<readonly Living[]> {
  child.stdout?.resume();
  let all: readonly Living[] = [];
  await until(() => {
    all = below(child.pid ?? 0);
    const said = all.map(({ pid }) => commandOf(pid));
    return commands.every((command) => said.some((one) => command.test(one)));
  }, LOOK_MS);
  return all;
}

/** All processes that were started with `folder` for what is temporary. */
function inFolder(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/environ`).split('\0').includes(`TMPDIR=${folder}`))
    .map(Number)
    .filter((pid) => of(pid) !== null);
}

const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`);

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function below(root: number): readonly Living[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (of(Number(name)) ?? []) : []));
  const found = all.filter(({ pid }) => pid === root);
  for (let i = 0; i < found.length; i += 1) found.push(...all.filter(({ parent }) => parent === found[i]?.pid));
  return found;
}

/** Null for a process that is not there, or that has ended and waits for its parent to look. */
function of(pid: number): Living | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : { pid, parent: Number(fields[1]), startedAt: fields[19] ?? '' };
  } catch {
    return null;
  }
}
