import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const BIN = fileURLToPath(new URL('../../bin/shadowread.js', import.meta.url));

describe('the demo', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
    // Postgres runs as a user of its own where this runs as root.
    await chmod(folder, 0o755);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Its temporary folder is ours, so that whatever it leaves behind is seen: data, and processes that name it. */
  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [BIN, 'demo', ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: folder, MONGODB_URI: '', MIGRATION_PG_URL: '' },
    });
  const ended = (child: ChildProcess): Promise<number | null> =>
    new Promise((resolve) => child.once('exit', (status) => resolve(status)));
  const leftBehind = async (): Promise<string[]> => [...(await readdir(folder)), ...(await processesWith(folder))];

  /** All that it says, a document a line, and each as it comes; rejects where it ends before. */
  const documentsOf = (child: ChildProcess) => {
    const waiting: ((line: string) => void)[] = [];
    const lines: string[] = [];
    const log: string[] = [];
    if (child.stdout === null || child.stderr === null) throw new Error('the child has no output');
    createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      waiting.shift()?.(line);
    });
    const next = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        waiting.push((line) => resolve(JSON.parse(line)));
        child.once('close', (code) => reject(new Error(`it ended with ${code}: ${log.slice(-20).join('\n')}`)));
      });
    return { lines, next };
  };

  it('tells the whole story: gates pass, every fault is found and nothing else, gates fail, all is repaired, gates pass; it serves on, and ends on SIGINT with all that it started', async () => {
    const child = start('--requests', '150', '--seed', '2');
    const status = ended(child);
    const { lines, next } = documentsOf(child);
    const addresses = (await next()) as Addresses;
    expectWholeStory((await next()) as Told);
    await expectServing(addresses);
    expect(await leftBehind()).not.to.deep.equal([]);
    child.kill('SIGINT');
    expect(await status).to.equal(0);
    expect(lines).to.have.length(2);
    expect(await leftBehind()).to.deep.equal([]);
  });

  it('with --once says the outcome in one document and by its exit status', async () => {
    const child = start('--once', '--requests', '150', '--seed', '3');
    const status = ended(child);
    const { lines, next } = documentsOf(child);
    expectWholeStory((await next()) as Told);
    expect(await status).to.equal(0);
    expect(lines).to.have.length(1);
    expect(await leftBehind()).to.deep.equal([]);
  });

  it('with no requests prints its addresses, and serves', async () => {
    const child = start('--requests', '0');
    const status = ended(child);
    const { lines, next } = documentsOf(child);
    await expectServing((await next()) as Addresses);
    child.kill('SIGINT');
    expect(await status).to.equal(0);
    expect(lines).to.have.length(1);
  });
});

type Addresses = Readonly<Record<'proxy' | 'admin' | 'primary' | 'twin' | 'mongo' | 'postgres', string>>;

async function expectServing(addresses: Addresses): Promise<void> {
  expect(addresses).to.have.all.keys('proxy', 'admin', 'primary', 'twin', 'mongo', 'postgres');
  const { proxy, primary, twin, admin } = addresses;
  for (const side of [proxy, primary, twin]) expect((await fetch(`${side}/api/levels`)).status).to.equal(200);
  expect((await fetch(`${admin}/api/status`)).status).to.equal(200);
}

interface Told {
  readonly wrong?: readonly string[];
  readonly reads: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly injected: readonly { readonly domain: string; readonly what: string; readonly found: boolean }[];
  readonly unexpected: readonly unknown[];
  readonly faults: readonly {
    readonly id: string;
    readonly domain: string;
    readonly cause: string;
    readonly collection: string | null;
    readonly field: string | null;
    readonly routes: readonly string[];
  }[];
  readonly gates: Readonly<Record<string, string>>;
  readonly gatesBefore: Readonly<Record<string, string>>;
  readonly gatesFailed: readonly string[];
  readonly repaired: readonly string[];
  readonly open: readonly string[];
  readonly gatesAfter: Readonly<Record<string, string>>;
  readonly epochs: Readonly<Record<string, number>>;
  readonly seconds: number;
}

function expectWholeStory(said: Told): void {
  expect(said.wrong).to.equal(undefined);
  expect(said).to.have.all.keys(
    ...['reads', 'verdicts', 'injected', 'unexpected', 'faults', 'gates', 'gatesBefore', 'gatesFailed'],
    ...['repaired', 'open', 'gatesAfter', 'epochs', 'seconds'],
  );
  expect(said.reads).to.be.at.least(300);
  // A drawn path may have an encoded slash, which is of no route.
  expect(Object.values(said.verdicts).reduce((sum, n) => sum + n, 0)).to.be.at.least(said.reads * 0.99);
  for (const fault of said.injected) {
    expect(fault).to.have.all.keys('domain', 'what', 'found');
    expect(fault.found, fault.what).to.equal(true);
  }
  expect(new Set(said.injected.map(({ what }) => what)).size).to.be.at.least(8);
  expect(new Set(said.injected.map(({ domain }) => domain)).size).to.be.at.least(4);
  expect(said.unexpected).to.deep.equal([]);
  // As many as were injected, none twice and none else.
  expect(said.faults.length, JSON.stringify(said.faults)).to.equal(said.injected.length);
  expect(new Set(said.faults.map(({ id }) => id)).size).to.equal(said.faults.length);
  for (const fault of said.faults) {
    expect(fault).to.have.all.keys('id', 'domain', 'cause', 'collection', 'field', 'routes');
    expect(fault.cause).to.be.oneOf(['data_drift', 'missing_row']);
    expect(fault.routes).not.to.deep.equal([]);
  }
  expect(said.faults.map(({ domain }) => domain).toSorted()).to.deep.equal(
    said.injected.map(({ domain }) => domain).toSorted(),
  );
  for (const { domain } of said.injected) expect(said.gates[domain], domain).to.equal('fail');
  // At least three domains may flip, may not for their faults, and may again once all is repaired.
  const passing = (gates: Readonly<Record<string, string>>): string[] =>
    Object.keys(gates).filter((domain) => gates[domain] === 'pass');
  expect(said.gatesFailed.length, JSON.stringify(said.gatesBefore)).to.be.at.least(3);
  expect(passing(said.gatesBefore)).to.include.members([...said.gatesFailed]);
  for (const domain of said.gatesFailed) expect(said.gates[domain], domain).to.equal('fail');
  expect(said.repaired.toSorted()).to.deep.equal(said.faults.map(({ id }) => id).toSorted());
  expect(said.open).to.deep.equal([]);
  expect(passing(said.gatesAfter)).to.include.members(passing(said.gatesBefore));
  for (const domain of said.gatesFailed) expect(said.epochs[domain], domain).to.equal(2);
}

/** Processes that have the folder in their command line or environment (Linux; elsewhere none are known). */
async function processesWith(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found: string[] = [];
  for (const pid of pids) {
    const [said, environment] = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
    );
    if (`${said}\0${environment}`.includes(folder)) found.push(`${pid} ${said?.replaceAll('\0', ' ').slice(0, 100)}`);
  }
  return found;
}
