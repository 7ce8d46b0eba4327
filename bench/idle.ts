/**
 * `node bench/idle.ts`: what each process costs while nothing is asked and nothing is written, from /proc. Seeds embedded
 * stores, copies them, and starts `drain --follow`, `twin` and `proxy` with a journal as anyone would. Then, if asked, how
 * long single writes take to Postgres, each after a quiet time.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { type Document, MongoClient } from 'mongodb';
import { numberFrom, toolOf } from '../config/tool.ts';
import { outboxed } from '../src/amanat/reference/outbox.ts';
import { seedAll } from '../src/amanat/reference/seed/index.ts';
import { migrate } from '../src/amanat/twin/migrate.ts';
import { openMigrationDatabase } from '../src/migration/db.ts';
import { PACE } from '../src/migration/pace.ts';
import { openMongo, withMongoDatabase } from '../src/stores/mongo.ts';
import { createDatabase, openPostgres } from '../src/stores/postgres.ts';

/** Percent of a core. */
const BUDGET = 0.5;
/** Until code is compiled, pools have come to rest, and the drain has been without work for long. */
const SETTLING_MS = PACE.restAfterMs + 8_000;

const tool = toolOf({
  usage: 'node bench/idle.ts',
  description:
    'Measures what proxy, twin and drain cost while nothing happens: percent of a core, and wake-ups a second.',
  exits: { 0: 'each keeps its budget', 1: 'one does not' },
})
  .argument('[seconds]', 'how long to look', numberFrom(1, 3_600), 30)
  .option('--replica-set', "the embedded MongoDB is a replica set of one: the drain's change streams are open")
  .addOption(
    new Option('--source <source>', 'what the drain follows').choices(['outbox', 'changestream']).default('outbox'),
  )
  .option(
    '--writes <n>',
    'single writes, one every 1.5 s to 2 s, whose way to Postgres is timed',
    numberFrom(0, 10_000),
    0,
  )
  .parse();
const { replicaSet, source, writes } = tool.opts<{ replicaSet?: boolean; source: string; writes: number }>();
const seconds: number = tool.processedArgs[0];
const program = fileURLToPath(new URL('../bin/shadowread.js', import.meta.url));
const [postgres, mongo] = await Promise.all([openPostgres(), openMongo({ replicaSet: replicaSet === true })]);
const started: ChildProcess[] = [];
try {
  const mongoUri = withMongoDatabase(mongo.uri, 'amanat_idle');
  const databaseUrl = await createDatabase(postgres.url, 'amanat_idle');
  const journalUrl = await createDatabase(postgres.url, 'journal_idle');
  await seedAll(mongoUri, { seed: 1, size: 'small' });
  await migrate(databaseUrl);
  const env = {
    ...process.env,
    MONGODB_URI: mongoUri,
    MIGRATION_PG_URL: databaseUrl,
    SHADOWREAD_JOURNAL_URL: journalUrl,
    SHADOWREAD_PORT: '0',
    SHADOWREAD_ADMIN_PORT: '0',
    SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9',
    SHADOWREAD_TWIN_URL: 'http://127.0.0.1:9',
  };
  const run = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [program, ...args, '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(run('backfill'), 'exit');
  for (const [name, ...args] of [
    ['drain', '--follow', '--source', source],
    ['twin', '--port', '0'],
    ['proxy'],
  ] as const) {
    const child = run(name, ...args);
    started.push(child);
    if (child.stdout !== null) await once(child.stdout, 'data');
  }
  await sleep(SETTLING_MS);
  const before = spentByAll();
  const began = performance.now();
  await sleep(seconds * 1_000);
  const elapsed = (performance.now() - began) / 1_000;
  const after = spentByAll();
  let held = true;
  for (const [pid, { name, cpu, wakes }] of after) {
    const share = (100 * (cpu - (before.get(pid)?.cpu ?? 0))) / elapsed;
    const times = (wakes - (before.get(pid)?.wakes ?? 0)) / elapsed;
    const own = ['drain', 'twin', 'proxy'].includes(name);
    if (own && share > BUDGET) held = false;
    if (own || share >= 0.05)
      console.log(
        `${share.toFixed(2).padStart(6)} %  ${times.toFixed(1).padStart(6)}/s  ${name}${own ? `  (budget ${BUDGET} %)` : ''}`,
      );
  }
  console.log(`over ${elapsed.toFixed(0)} s, load average ${loadavg()[0]?.toFixed(1)}`);
  if (writes > 0) console.log(await lags(mongoUri, databaseUrl));
  process.exitCode = held ? 0 : 1;
} finally {
  await Promise.all(
    started.map((child) => {
      child.kill('SIGTERM');
      return child.exitCode === null ? once(child, 'exit') : null;
    }),
  );
  await Promise.all([postgres.close(), mongo.close()]);
}

/** Each write with its outbox entry, at a moment of its own in the drain's rounds. */
async function lags(mongoUri: string, databaseUrl: string): Promise<string> {
  const client = await MongoClient.connect(mongoUri);
  const sql = openMigrationDatabase(databaseUrl, 1);
  const took: number[] = [];
  try {
    const users = client.db().collection('users');
    const user = await users.findOne({});
    if (user === null) throw new Error('the seed has no user');
    for (let write = 1; write <= writes; write += 1) {
      await sleep(1_500 + 500 * ((write * 0.618) % 1));
      const name = `Write ${write}`;
      const update: Document = { ...outboxed({ $set: { name } }) };
      const made = performance.now();
      await users.updateOne({ _id: user._id }, update);
      const there = (): PromiseLike<readonly unknown[]> =>
        sql`select from users where mongo_id = ${String(user._id)} and name = ${name}`;
      while ((await there()).length === 0) await sleep(2);
      took.push(performance.now() - made);
    }
  } finally {
    await Promise.all([client.close(), sql.end({ timeout: 1 })]);
  }
  const sorted = took.toSorted((one, two) => one - two);
  const at = (share: number): string => (sorted[Math.ceil(share * sorted.length) - 1] ?? 0).toFixed(0);
  return `${writes} writes in Postgres after ${at(0.5)} ms (half of them), ${at(0.99)} ms (p99), ${at(1)} ms (all); load average ${loadavg()[0]?.toFixed(1)}`;
}

interface Spent {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Seconds. */
  readonly cpu: number;
  /** How often its threads have gone to sleep, and so woken up. */
  readonly wakes: number;
}

/** Of every process beneath this one so far, by pid. */
function spentByAll(): Map<number, Spent> {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
  const ours = new Set([process.pid]);
  for (let size = 0; size < ours.size; ) {
    size = ours.size;
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid);
  }
  ours.delete(process.pid);
  return new Map(all.filter(({ pid }) => ours.has(pid)).map((one) => [one.pid, one]));
}

function statOf(pid: number): Spent | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const program = words.findIndex((word) => word.endsWith('shadowread.js'));
    const script = words
      .find((word) => word.endsWith('-main.ts'))
      ?.split('/')
      .at(-1);
    const parent = Number(fields[1]);
    const name = program >= 0 ? (words[program + 1] ?? '') : (script ?? words[0]?.slice(0, 40) ?? '');
    let [cpu, wakes] = [0, 0];
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1');
      wakes += Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1] ?? 0);
      // Nanoseconds that it ran. `stat` counts the ticks of 10 ms at which it was running, which guesses at short runs.
      cpu += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]) / 1e9;
    }
    return { pid, parent, name, cpu, wakes };
  } catch {
    // It ended meanwhile.
    return null;
  }
}
