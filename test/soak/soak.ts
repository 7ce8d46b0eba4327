/**
 * A proxy's life in minutes: real processes, reads and writes at a bounded rate on loopback, one trouble after another.
 * What has to hold at the end: no client was refused, every read has exactly one verdict, here and in the journal, memory
 * does not rise, and nothing is left (sockets, descriptors, processes, files).
 */

import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { readCatalogue } from '../../src/amanat/demo/catalogue.ts';
import { injectFaults } from '../../src/amanat/demo/faults.ts';
import { seeded } from '../../src/amanat/demo/random.ts';
import { runTraffic } from '../../src/amanat/demo/traffic.ts';
import { startWrites } from '../../src/amanat/demo/writes.ts';
import { counted } from '../../src/base/figure-words.ts';
import { openPostgresPool } from '../../src/base/postgres.ts';
import { messageOf } from '../../src/errors.ts';
import { atRest, highestOf, judgedMemory, troubleMs, WARM_UP, wrongCounts } from './ending.ts';
import { descriptorsOf, MARK, processesOf } from './leftovers.ts';
import { type Memory, watchMemory } from './memory.ts';
import type { Slope } from './slope.ts';
import { openStage, type Stage } from './stage.ts';
import { TROUBLES, type Trouble } from './troubles.ts';
import { watch } from './watch.ts';

export interface SoakOptions {
  /** Of traffic; starting and stopping come on top. */
  readonly minutes: number;
  /** Reads a second at most. */
  readonly rate: number;
  readonly seed: number;
  readonly troubles?: readonly Trouble[];
  readonly tell: (line: string) => void;
}

export interface SoakOutcome {
  /** In words; none where all held. */
  readonly failures: readonly string[];
  /** Why memory was not judged; null where it was. */
  readonly undecided: string | null;
  readonly reads: number;
  readonly verdicts: Readonly<Record<string, number>>;
  /** MB an hour after the warm-up, by what was measured; null where there are too few samples. */
  readonly slopes: Readonly<Record<string, Slope | null>>;
  /** Highest resident memory in each tenth of the run as Linux counts it, MB. */
  readonly highest: readonly number[];
  /** What the main thread allocated after the warm-up and held at the end, MB by place. */
  readonly alive: readonly (readonly [place: string, mb: number])[];
}

const CONCURRENCY = 4;
/** Between two collections of the proxy's heaps at least. */
const COLLECT_MS = 4_000;

export async function soak(options: SoakOptions): Promise<SoakOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-soak-'));
  const run = folder.slice(-6);
  const kept = { TMPDIR: process.env.TMPDIR, [MARK]: process.env[MARK] };
  // All that it starts puts its temporary files there.
  const own = mkdtempSync(join(folder, 'tmp-'));
  // As root, the embedded Postgres runs as another user.
  for (const path of [folder, own]) chmodSync(path, 0o777);
  process.env.TMPDIR = own;
  process.env[MARK] = run;
  try {
    const outcome = await live(options, folder);
    const left = [
      ...processesOf(run).map((line) => `a process is left: ${line}`),
      ...readdirSync(own).map((name) => `a temporary folder is left: ${name}`),
    ];
    return { ...outcome, failures: [...outcome.failures, ...left] };
  } finally {
    for (const [name, value] of Object.entries(kept))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function live(options: SoakOptions, folder: string): Promise<SoakOutcome> {
  const { minutes, tell } = options;
  const heaps = mkdtempSync(join(folder, 'heap-'));
  const everyMs = Math.min(20_000, Math.max(1_000, minutes * 800));
  // A collection that gives pages back takes a quarter of a second of each thread, a whole one on a busy machine.
  const memory = watchMemory(heaps, Math.max(COLLECT_MS, everyMs), minutes * 60_000 * WARM_UP);
  const stage = await openStage({ seed: options.seed, folder, environment: memory.environment, tell });
  const failures: string[] = [];
  const { pid, ended } = stage.stack.proxyProcess;
  try {
    const descriptors = descriptorsOf(pid);
    const began = Date.now();
    const { asked, rounds } = await traffic(options, stage, memory, everyMs, failures);
    const status = await atRest(stage, descriptors, failures);
    failures.push(...(await wrongCounts(asked, status, stage)));
    const run = { began, rounds, ended: Date.now() };
    const judged = judgedMemory(memory.series(), run);
    await stage.close();
    const exit = await ended;
    if (exit !== 0) failures.push(`the proxy ended with ${exit ?? 'a signal'}, not 0`);
    const open = stage.twin.connections + stage.journal.connections;
    if (open > 0) failures.push(`${open} connections are left at the doors of twin and journal`);
    if (failures.length > 0) for (const line of stage.stack.proxyProcess.said) tell(`the proxy said: ${line}`);
    return {
      failures: [...failures, ...judged.failures],
      undecided: judged.undecided,
      reads: asked,
      verdicts: status.verdicts,
      slopes: judged.slopes,
      highest: highestOf(memory.counted, run),
      alive: memory.alive(),
    };
  } finally {
    await stage.close();
  }
}

/** Reads and writes beside the troubles; resolves to how many reads were answered, and when each whole round of troubles was over. */
async function traffic(
  options: SoakOptions,
  stage: Stage,
  memory: Memory,
  everyMs: number,
  failures: string[],
): Promise<{ readonly asked: number; readonly rounds: readonly number[] }> {
  const { minutes, rate, seed, tell } = options;
  const { stack } = stage;
  const over = new AbortController();
  const random = seeded(seed);
  const mongo = await MongoClient.connect(stack.mongo);
  const catalogue = await readCatalogue(mongo.db()).finally(() => mongo.close());
  const sql = openPostgresPool(stack.postgres, { name: 'shadowread-soak', max: 1 });
  // Mismatches are part of life, and what they leave (evidence, faults, fingerprints) of what could leak.
  await injectFaults({ sql, catalogue, random }).finally(() => sql.end({ timeout: 5 }));
  const writes = startWrites({ proxy: stack.proxy, catalogue, random: seeded(seed + 1), onlyNew: true, pauseMs: 500 });
  const reads = runTraffic({
    proxy: stack.proxy,
    catalogue,
    random,
    reads: Number.POSITIVE_INFINITY,
    concurrency: CONCURRENCY,
    signal: over.signal,
    onProgress: () => undefined,
    // It is asked before every fourth read of each client.
    ready: () => pause((CONCURRENCY * 4 * 1_000) / rate, true),
  });
  const state = { trouble: 'nothing' };
  const watching = watch({ stage, memory, everyMs, signal: over.signal, failures, tell, state });
  const rounds = await through(options, stage, state, failures).finally(() => over.abort());
  const [{ sent, failed, statuses }, { accepted, refused }] = await Promise.all([reads, writes.stop(), watching]);
  if (failed > 0) failures.push(`${failed} of ${sent} reads got no answer`);
  if ((statuses['5xx'] ?? 0) > 0) failures.push(`${statuses['5xx']} of ${sent} reads were answered 5xx`);
  if (refused > accepted) failures.push(`${refused} writes were refused, ${accepted} accepted`);
  tell(`${sent} reads, ${accepted} writes in ${minutes} minutes`);
  return { asked: sent - failed, rounds };
}

/** One trouble after the other, each as long as the calm after it, until the time is over; resolves to when each whole round was. */
async function through(
  { minutes, troubles = TROUBLES, tell }: SoakOptions,
  stage: Stage,
  state: { trouble: string },
  failures: string[],
): Promise<readonly number[]> {
  const end = performance.now() + minutes * 60_000;
  const lasts = troubleMs(minutes, troubles.length);
  const rounds: number[] = [];
  // The first round is whole, however short the time: each trouble is met once.
  const over = (): boolean => troubles.length === 0 || (rounds.length > 0 && performance.now() >= end);
  while (!over()) {
    for (const trouble of troubles) {
      if (over()) break;
      state.trouble = trouble.name;
      try {
        await trouble.begin(stage);
        await pause(lasts);
      } catch (error) {
        failures.push(`${trouble.name}: ${messageOf(error)}`);
      } finally {
        await trouble.end(stage).catch((error: unknown) => failures.push(`after ${trouble.name}: ${messageOf(error)}`));
        state.trouble = 'nothing';
      }
      await pause(lasts);
    }
    if (!over() || rounds.length === 0) rounds.push(Date.now());
  }
  await pause(Math.max(0, end - performance.now()));
  tell(`${counted(rounds.length, 'whole round')} of ${troubles.length} troubles`);
  return rounds;
}
