/**
 * Mutation of a corpus, steered by V8's own coverage: an input that reaches a block of our code which none before it has
 * reached joins the corpus. Everything but which block comes from the seed.
 */
import { Session } from 'node:inspector/promises';
import type { FuzzOptions, FuzzOutcome } from '../target.ts';

export interface Parser {
  readonly corpus: readonly string[];
  /** Throws, or rejects, where a promise of the parser's is broken. What it refuses by its own rules is no failure. */
  readonly holds: (bytes: Buffer) => void | Promise<void>;
}

/** Inputs between two looks at the coverage, which costs far more than a small input. */
const BATCH = 25;
const LONGEST = 20_000;
const WORDS = [
  '"',
  '{',
  '[',
  '\\',
  '\0',
  '\r\n',
  ',',
  ':',
  '%',
  '/',
  '~1',
  '-',
  '1e999',
  '__proto__',
  '\u00e9',
  '\ufeff',
  '\ud800',
];

export async function fuzzParser({ corpus, holds }: Parser, { runs, seed, tell }: FuzzOptions): Promise<FuzzOutcome> {
  const random = randomOf(seed);
  const kept: Buffer[] = corpus.map((text) => Buffer.from(text));
  const failures: string[] = [];
  const coverage = await openCoverage();
  let blocks = 0;
  try {
    for (let done = 0; done < runs && failures.length < 5; done += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, runs - done) }, () => mutated(kept, random));
      for (const bytes of batch) {
        try {
          await holds(bytes);
        } catch (error) {
          failures.push(
            `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${JSON.stringify(bytes.toString('latin1'))}`,
          );
        }
      }
      const found = await coverage.fresh();
      if (found > 0) kept.push(...batch.filter(({ length }) => length < 4_000).slice(0, 5));
      blocks += found;
      if (done % 10_000 === 0) tell(`${done} inputs, ${blocks} blocks, ${kept.length} in the corpus`);
    }
  } finally {
    await coverage.close();
  }
  return { failures, figures: { inputs: runs, 'blocks reached': blocks, 'in the corpus': kept.length } };
}

type Random = (below: number) => number;

/** xorshift32: the same seed gives the same inputs. */
function randomOf(seed: number): Random {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function mutated(kept: readonly Buffer[], random: Random): Buffer {
  let bytes: Buffer = kept[random(kept.length)] ?? Buffer.alloc(0);
  for (let times = 1 + random(6); times > 0; times -= 1) {
    const at = random(bytes.length + 1);
    const to = Math.min(bytes.length, at + random(16));
    const put = (middle: Buffer): Buffer => Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(to)]);
    const way = random(6);
    if (way === 0) bytes = put(Buffer.alloc(0));
    else if (way === 1) bytes = put(Buffer.from([random(256)]));
    else if (way === 2) bytes = put(Buffer.from(WORDS[random(WORDS.length)] ?? ''));
    else if (way === 3)
      bytes = put(
        Buffer.from(
          bytes
            .subarray(at, to)
            .toString('latin1')
            .repeat(1 + random(40)),
          'latin1',
        ),
      );
    else if (way === 4) {
      const other = kept[random(kept.length)] ?? bytes;
      bytes = put(other.subarray(random(other.length + 1)));
    } else bytes = bytes.subarray(0, at);
    bytes = bytes.subarray(0, LONGEST);
  }
  return bytes;
}

interface Coverage {
  /** Blocks of our own code reached since it was asked last, and never before. */
  fresh(): Promise<number>;
  close(): Promise<void>;
}

async function openCoverage(): Promise<Coverage> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const seen = new Set<string>();
  return {
    async fresh() {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      const before = seen.size;
      for (const { url, functions } of result) {
        if (!url.includes('/src/')) continue;
        for (const { ranges } of functions)
          for (const { startOffset, endOffset, count } of ranges)
            if (count > 0) seen.add(`${url} ${startOffset} ${endOffset}`);
      }
      return seen.size - before;
    },
    async close() {
      await session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}
