/**
 * The journal under the load of a fleet. One machine sends the batches of many replicas to a real Postgres as fast
 * as it takes them; what a fleet would need is computed from that, and the arithmetic is printed.
 */

import type { Sql } from 'postgres';
import { append } from '../base/append.ts';
import { agree, counted } from '../base/figure-words.ts';
import { openPostgresPool } from '../base/postgres.ts';
import { messageOf, ShadowError } from '../errors.ts';
import { applyBatch, SHARDS } from './apply.ts';
import type { Batch } from './batch.ts';
import { connectJournal } from './connection.ts';
import { Keys } from './keys.ts';
import { openReader } from './reader.ts';
import { PER_ROUTE } from './room.ts';
import { migrate } from './schema/migrate.ts';
import { PARTITIONED } from './schema/v10.ts';
import { LOAD, seeded, simulatedReplica } from './simulated-load.ts';
import { simulationText } from './simulation-text.ts';

export interface SimulateOptions {
  /** A Postgres whose user may create a database; the journal in it is not touched. */
  readonly url: string;
  readonly onProgress?: (text: string) => void;
  /** Longest time of each measured phase, ms; 7,000 by default. */
  readonly phaseMs?: number;
  readonly replicas?: number;
  readonly readsPerSecond?: number;
}

/** How one cadence of writing went. */
export interface Measured {
  readonly batches: number;
  readonly readsPerBatch: number;
  /** Milliseconds of one batch. */
  readonly p50: number;
  readonly p99: number;
  /** Batches a second that this machine's Postgres took, with `writers` connections. */
  readonly perSecond: number;
  readonly writers: number;
  /** Connections that waited for another's row lock, on average over the samples. */
  readonly waiting: number;
}

export interface SimulationData {
  readonly replicas: number;
  readonly readsPerSecond: number;
  /** Each replica sums a minute and sends it. */
  readonly byMinute: Measured;
  /** Each replica sends every second, counters spread over the shards. */
  readonly bySecond: Measured;
  /** The same with all replicas on the same rows. */
  readonly unsharded: Measured;
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly bytes: number }[];
  /** Of one kept mismatch, without its index entries: there are too few of them for the size of their table to say it. */
  readonly mismatchBytes: number;
  /** What is written anew each minute, and what each hour. The arrays of an hour's histograms grow with its reads. */
  readonly perMinute: Size;
  readonly perHour: Size;
  /** Sixty minutes, one hour and its mismatches. */
  readonly hour: Size & { readonly mismatches: number };
  /** Share of the measured capacity that the fleet needs. */
  readonly utilisation: { readonly byMinute: number; readonly bySecond: number };
  /** Reading the evidence of one domain, without a decision, ms. */
  readonly gate: { readonly p50: number; readonly p99: number };
  /** Seconds from a read to its place in a gate's evidence, at most. */
  readonly staleness: { readonly byMinute: number; readonly bySecond: number };
  readonly seconds: number;
}

export interface Size {
  readonly rows: number;
  readonly bytes: number;
}

const WRITERS = 4;
/** Of the partitioned tables: rows by the hour. The others but `mismatches` have theirs by the minute. */
const BY_HOUR = ['count_hours', 'histograms', 'fingerprint_counts', 'combination_counts'];

/** @throws ShadowError SHADOW_POSTGRES where no database can be made. */
export async function simulate(
  options: SimulateOptions,
): Promise<{ readonly data: SimulationData; readonly text: string }> {
  const replicas = options.replicas ?? 200;
  const readsPerSecond = options.readsPerSecond ?? 100_000;
  const phaseMs = options.phaseMs ?? 7_000;
  const progress = options.onProgress ?? (() => undefined);
  const started = performance.now();
  const name = `shadowread_simulation_${process.pid}`;
  const url = await makeDatabase(options.url, name);
  const sql = connectJournal(url, { max: WRITERS + 1, name: 'shadowread simulation', statementMs: 60_000 });
  try {
    await migrate(sql);
    const at = Date.now();
    await sql`select shadowread.ensure_day(${new Date(at).toISOString().slice(0, 10)}::date)`;
    const random = seeded(1);
    progress('making the reads of a fleet');
    const perReplica = readsPerSecond / replicas;
    const fleet = Array.from({ length: 6 }, () => simulatedReplica(at, random));
    const aMinute = Math.round(perReplica * 60);
    const first = [0, 1].flatMap(() => fleet.flatMap((replica) => [replica.batch(aMinute, true), ...replica.rest()]));
    const minutes = fleet.map((replica) => replica.batch(aMinute, true));
    for (const replica of fleet) append(first, replica.rest());
    // As the journal does by default: histograms come with every tenth batch only.
    const seconds = Array.from({ length: 10 }, (_, second) =>
      fleet.map((replica) => replica.batch(Math.round(perReplica), second === 9)),
    ).flat();
    const keys = new Keys(PER_ROUTE);
    progress('replicas start: in their first minute they write everything once more');
    await phase(sql, keys, first, { phaseMs: 2 * phaseMs, most: first.length, shards: SHARDS, label: 'f' });

    progress(`${counted(replicas, 'replica')} ${agree(replicas, 'sends', 'send')} a minute each`);
    const byMinute = await phase(sql, keys, minutes, { phaseMs, most: replicas, shards: SHARDS, label: 'm' });
    const tables = await sizes(sql);
    const mismatchBytes = await bytesOfMismatch(sql);
    progress('replicas send every second');
    const bySecond = await phase(sql, keys, seconds, { phaseMs, most: 100_000, shards: SHARDS, label: 's' });
    progress('the same on unspread rows');
    const unsharded = await phase(sql, keys, seconds, { phaseMs: phaseMs / 2, most: 100_000, shards: 1, label: 'u' });
    progress('gates are read');
    const gate = await gateLatency(url);
    const data = extrapolate({
      replicas,
      readsPerSecond,
      byMinute,
      bySecond,
      unsharded,
      tables,
      mismatchBytes,
      gate,
      started,
    });
    return { data, text: simulationText(data) };
  } finally {
    await sql.end({ timeout: 2 });
    await dropDatabase(options.url, name);
  }
}

interface Phase {
  readonly phaseMs: number;
  readonly most: number;
  readonly shards: number;
  readonly label: string;
}

async function phase(
  sql: Sql,
  keys: Keys,
  batches: readonly Batch[],
  { phaseMs, most, shards, label }: Phase,
): Promise<Measured> {
  const times: number[] = [];
  const waits: number[] = [];
  const begun = performance.now();
  let next = 0;
  let running = true;
  const writer = async (): Promise<void> => {
    while (next < most && performance.now() - begun < phaseMs) {
      const number = next;
      next += 1;
      const batch = batches[number % batches.length];
      if (batch === undefined) return;
      const from = performance.now();
      // Every batch comes from another replica, as in a large fleet; the shard is drawn as a replica draws its own.
      await applyBatch(sql, 1, batch, await keys.resolve(sql, batch), {
        instance: `${label}${number}`,
        startedAt: Date.now(),
        shard: (number * 7) % shards,
        skewMs: 0,
        droppedEvidence: 0,
        unknown: { reads: 0, paths: [] },
        evidenceTtlMs: 604_800_000,
        distinctCap: 20_000,
      });
      times.push(performance.now() - from);
    }
  };
  const sampler = async (): Promise<void> => {
    while (running) {
      const [row] = await sql<{ n: number }[]>`
        select count(*)::int as n from pg_stat_activity
        where datname = current_database() and application_name = 'shadowread simulation' and wait_event_type = 'Lock'`;
      waits.push(row?.n ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const sampling = sampler();
  await Promise.all(Array.from({ length: WRITERS }, writer));
  const elapsed = (performance.now() - begun) / 1_000;
  running = false;
  await sampling;
  times.sort((a, b) => a - b);
  return {
    batches: times.length,
    readsPerBatch: batches[0]?.verdicts ?? 0,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    perSecond: times.length / elapsed,
    writers: WRITERS,
    waiting: waits.reduce((sum, n) => sum + n, 0) / Math.max(1, waits.length),
  };
}

async function sizes(sql: Sql): Promise<SimulationData['tables']> {
  // Without the dead rows of the upserts, whose room the server's vacuum reuses.
  await sql`vacuum full analyze`;
  return sql<{ table: string; rows: number; bytes: number }[]>`
    select coalesce(p.relname, c.relname) as table, sum(greatest(c.reltuples, 0))::float8 as rows,
      sum(pg_total_relation_size(c.oid))::float8 as bytes
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
    where n.nspname = 'shadowread' and c.relkind = 'r' and c.reltuples > 0
    group by 1 order by bytes desc, 1`;
}

async function bytesOfMismatch(sql: Sql): Promise<number> {
  const [row] = await sql<{ bytes: number | null }[]>`
    select avg(pg_column_size(m.*))::float8 as bytes from shadowread.mismatches m`;
  return row?.bytes ?? 0;
}

async function gateLatency(url: string): Promise<{ p50: number; p99: number }> {
  const reader = openReader({ url });
  const times: number[] = [];
  for (let i = 0; i < 40; i += 1) {
    const from = performance.now();
    await reader.evidence(`domain${i % LOAD.domains}`);
    times.push(performance.now() - from);
  }
  await reader.close();
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

interface Raw extends Omit<SimulationData, 'hour' | 'perMinute' | 'perHour' | 'utilisation' | 'staleness' | 'seconds'> {
  readonly started: number;
}

function extrapolate({ started, ...raw }: Raw): SimulationData {
  const { replicas, readsPerSecond, byMinute, bySecond, tables, mismatchBytes } = raw;
  const growing = tables.filter(({ table }) => PARTITIONED.some((name) => name === table));
  // Mismatches grow with reads; the counters' rows do not grow with replicas beyond the shards.
  const perHour = sizeOf(growing.filter(({ table }) => BY_HOUR.includes(table)));
  const perMinute = sizeOf(growing.filter(({ table }) => table !== 'mismatches' && !BY_HOUR.includes(table)));
  const mismatches = Math.round(readsPerSecond * LOAD.mismatchShare * 3_600);
  return {
    ...raw,
    perMinute,
    perHour,
    hour: {
      rows: Math.round(perMinute.rows * 60 + perHour.rows + mismatches),
      bytes: Math.round(perMinute.bytes * 60 + perHour.bytes + mismatches * mismatchBytes),
      mismatches,
    },
    utilisation: {
      byMinute: replicas / 60 / byMinute.perSecond,
      bySecond: replicas / bySecond.perSecond,
    },
    staleness: { byMinute: 60 + byMinute.p99 / 1_000, bySecond: 1 + bySecond.p99 / 1_000 },
    seconds: (performance.now() - started) / 1_000,
  };
}

function sizeOf(tables: SimulationData['tables']): Size {
  return tables.reduce((sum, { rows, bytes }) => ({ rows: sum.rows + rows, bytes: sum.bytes + bytes }), {
    rows: 0,
    bytes: 0,
  });
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
}

async function makeDatabase(url: string, name: string): Promise<string> {
  await dropDatabase(url, name);
  const admin = openPostgresPool(url, { name: 'shadowread-simulate', max: 1 });
  try {
    await admin`create database ${admin(name)}`;
  } catch (error) {
    throw new ShadowError('SHADOW_POSTGRES', 'no database can be made to simulate in', {
      expected: 'a Postgres user that may create databases',
      actual: messageOf(error),
      example: 'SHADOWREAD_JOURNAL_URL= shadowread simulate   # an embedded server',
      cause: error,
    });
  } finally {
    await admin.end({ timeout: 1 });
  }
  const made = new URL(url);
  made.pathname = `/${name}`;
  return made.href;
}

async function dropDatabase(url: string, name: string): Promise<void> {
  const admin = openPostgresPool(url, { name: 'shadowread-simulate', max: 1 });
  try {
    await admin`drop database if exists ${admin(name)} with (force)`;
  } catch {
    // Creating the database fails with the same reason, and reports it.
  } finally {
    await admin.end({ timeout: 1 });
  }
}
