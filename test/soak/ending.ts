/** What has to hold once the last read is answered. */
import { journalSums } from '../support/journal-sums.ts';
import { conserved, type Status } from '../support/proxy-process.ts';
import { descriptorsOf } from './leftovers.ts';
import type { Memory } from './memory.ts';
import { type Point, type Slope, slopeOf } from './slope.ts';
import { type Stage, until } from './stage.ts';

/** Of a run, before memory is measured: caches fill, code is compiled. */
export const WARM_UP = 1 / 3;
/** Over fewer, caches still fill: a quiet run of 11 minutes rose by 4 MB in its last seven, one of 100 by 7 MB an hour. */
const JUDGED_MINUTES = 30;
const LONGEST_MS = 20_000;
const SHORTEST_MS = 1_000;
/**
 * What may rise, MB: caches that fill up to a limit, once, however long the run is (ids, hashes that the journal has, credentials,
 * fingerprints; 11 MB of resident memory in runs of 31 minutes and of 91), and beyond them so much an hour. A leak is a
 * slope whose whole interval lies above both. So half an hour tells a leak of 30 MB an hour, and three hours one of 14.
 * Resident memory is what both heaps hold.
 */
const MAY_RISE = {
  heap: { once: 4, anHour: 5 },
  workers: { once: 6, anHour: 5 },
  rss: { once: 10, anHour: 10 },
};
/** Descriptors that may be open beyond those before the first read: kept connections to both sides and the stores. */
const LOOSE = 24;
const REST_MS = 120_000;

/**
 * How long each of so many troubles lasts, and the calm after it. In a run whose memory is judged all of them are over once
 * when the warm-up is: what a proxy meets for the first time takes memory that it keeps.
 */
export function troubleMs(minutes: number, troubles: number): number {
  const rounds = minutes < JUDGED_MINUTES ? 1 : 1 / WARM_UP;
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (minutes * 60_000) / (2 * troubles * rounds)));
}

/** Waits until every read has its verdict and the journal has them all; says what does not come to rest. */
export async function atRest(stage: Stage, descriptorsBefore: number, failures: string[]): Promise<Status> {
  const { pid } = stage.stack.proxyProcess;
  const tried = async (what: string, holds: (status: Status) => boolean): Promise<void> => {
    await until(what, async () => holds(await stage.status()), REST_MS).catch((error: unknown) =>
      failures.push(String(error)),
    );
  };
  await tried('every read has its verdict', ({ inFlight }) => inFlight === 0);
  await tried('the journal has all', ({ journal }) => journal.lagSeconds === 0 && journal.buffered === 0);
  await tried(
    `${descriptorsBefore} + ${LOOSE} descriptors are open at most`,
    () => descriptorsOf(pid) <= descriptorsBefore + LOOSE,
  );
  return stage.status();
}

/** Conservation: the clients' count, the proxy's, its verdicts and the journal's are one number. */
export async function wrongCounts(asked: number, status: Status, stage: Stage): Promise<string[]> {
  const wrong: string[] = [];
  if (!conserved(status)) wrong.push(`${status.seen} reads seen do not add up: ${JSON.stringify(status.verdicts)}`);
  // The demo asks for paths of no route now and then: they pass, and have no verdict.
  const seen = status.seen + status.unknown.reads;
  if (seen !== asked) wrong.push(`clients got ${asked} answers, the proxy saw ${seen} reads`);
  const { total, byKind } = await journalSums(stage.stack.journal);
  if (total !== status.seen)
    wrong.push(`the proxy saw ${status.seen} reads, the journal has ${total}: ${JSON.stringify(byKind)}`);
  if (status.journal.dropped > 0) wrong.push(`${status.journal.dropped} pieces of evidence were dropped`);
  return wrong;
}

export interface JudgedMemory {
  readonly failures: readonly string[];
  /** Why it was not judged; null where it was. */
  readonly undecided: string | null;
  readonly slopes: Readonly<Record<string, Slope | null>>;
}

export interface Run {
  readonly began: number;
  /** When each whole round of troubles was over. */
  readonly rounds: readonly number[];
  readonly ended: number;
}

/** Parts of a round whose samples are held against each other: each trouble, and the calm after it. */
const SEASONS = 26;

/**
 * What a proxy holds follows the troubles (evidence waits while the journal is down), so that rounds that begin calm and are
 * cut off in the middle look like a slope: the season of a time is its part of the round.
 */
function seasonOf({ rounds }: Run): (atMs: number) => number {
  if (rounds.length < 2) return () => 0;
  return (atMs) => {
    const next = rounds.findIndex((end) => atMs < end);
    const at = next < 1 ? rounds.length - 1 : next;
    const begin = next < 0 ? (rounds.at(-1) ?? 0) : (rounds[at - 1] ?? 0);
    const length = (rounds[at] ?? 0) - (rounds[at - 1] ?? 0);
    return Math.min(SEASONS - 1, Math.floor(((atMs - begin) / length) * SEASONS));
  };
}

const TOLD_PARTS = 10;

/** The highest value in each tenth of the run; of a tenth without a sample, nothing. */
export function highestOf(points: readonly Point[], { began, ended }: Run): number[] {
  const part = ({ atMs }: Point): number =>
    Math.min(TOLD_PARTS - 1, Math.floor(((atMs - began) / (ended - began)) * TOLD_PARTS));
  return [...Map.groupBy(points, part).values()].map((those) => Math.max(...those.map(({ value }) => value)));
}

export function judgedMemory(series: ReturnType<Memory['series']>, run: Run): JudgedMemory {
  const { began, rounds, ended } = run;
  const [met = ended] = rounds;
  const from = rounds.length > 1 ? met : Math.max(met, began + (ended - began) * WARM_UP);
  const slopes = Object.fromEntries(
    Object.entries(series).map(([name, points]) => [
      name,
      slopeOf(
        points.filter(({ atMs }) => atMs >= from && atMs <= ended),
        seasonOf(run),
      ),
    ]),
  );
  const measured = Object.values(slopes).filter((slope) => slope !== null);
  if (measured.length === 0 || measured.some(({ minutes }) => minutes < JUDGED_MINUTES * (1 - WARM_UP) - 1))
    return { failures: [], undecided: `memory is judged from ${JUDGED_MINUTES} minutes on`, slopes };
  const failures = (['rss', 'heap', 'workers'] as const).flatMap((name) => {
    const { low = 0, minutes = 0 } = slopes[name] ?? {};
    const hours = minutes / 60;
    const allowed = MAY_RISE[name].once + MAY_RISE[name].anHour * hours;
    if (low * hours <= allowed) return [];
    return [
      `${name} rises by ${low.toFixed(1)} MB an hour or more, ${(low * hours).toFixed(1)} MB in all, where ${allowed.toFixed(1)} may be`,
    ];
  });
  return { failures, undecided: null, slopes };
}
