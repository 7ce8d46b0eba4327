/**
 * Mutation of a corpus, steered by V8's own coverage: an input that reaches a block of our code which none before it has
 * reached joins the corpus. All but the order in which blocks are found comes from the seed.
 */
import type { FuzzOptions, FuzzOutcome } from '../target.ts';
import { openCoverage } from './coverage.ts';

export interface Parser {
  readonly corpus: readonly (string | Buffer)[];
  /** Throws, or rejects, where a promise of the parser's is broken. What it refuses by its own rules is no failure. */
  readonly holds: (bytes: Buffer) => void | Promise<void>;
}

/**
 * Inputs between two looks at the coverage at most: a look costs far more than a small input. After a find the next look
 * comes after one input, so that the very one which found something is kept; each look that finds nothing doubles them.
 */
const BATCH = 25;
/** Beyond it a new input takes the place of one of the mutated: the corpus of a run of hours must fit into memory. */
const KEPT = 2_000;
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

export async function fuzzParser(
  { corpus, holds }: Parser,
  { runs, seed, tell, over }: FuzzOptions,
): Promise<FuzzOutcome> {
  const random = randomOf(seed);
  const kept: Buffer[] = corpus.map((one) => (typeof one === 'string' ? Buffer.from(one) : one));
  const keep = (bytes: Buffer): void => {
    if (bytes.length >= 4_000) return;
    if (kept.length < KEPT) kept.push(bytes);
    else kept[corpus.length + random(KEPT - corpus.length)] = bytes;
  };
  const failures: string[] = [];
  const coverage = await openCoverage();
  let [done, blocks, told, size] = [0, 0, 0, 1];
  try {
    // What the corpus reaches is reached before anything is mutated.
    for (const bytes of [...kept]) await tried(bytes, holds, failures);
    blocks += await coverage.fresh();
    while (done < runs && failures.length < 5 && !over()) {
      const batch = Array.from({ length: Math.min(size, runs - done) }, () => mutated(kept, random));
      for (const bytes of batch) await tried(bytes, holds, failures);
      done += batch.length;
      const found = await coverage.fresh();
      if (found > 0) for (const bytes of batch) keep(bytes);
      size = found > 0 ? 1 : Math.min(BATCH, size * 2);
      blocks += found;
      if (done - told >= 10_000) {
        told = done;
        tell(`${done} inputs, ${blocks} blocks, ${kept.length} in the corpus`);
      }
    }
  } finally {
    await coverage.close();
  }
  return { failures, figures: { inputs: done, 'blocks reached': blocks, 'in the corpus': kept.length } };
}

async function tried(bytes: Buffer, holds: Parser['holds'], failures: string[]): Promise<void> {
  try {
    await holds(bytes);
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    failures.push(`${what}\n${JSON.stringify(bytes.toString('latin1'))}`);
  }
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
