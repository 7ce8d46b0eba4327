/**
 * The state file of a comparison: its progress and results, so that a second run can continue. It holds no values of
 * the traffic. Written to a temporary file and renamed, so that it is complete whenever the process ends.
 */
import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, ShadowError } from '../errors.ts';
import type { Question } from './question.ts';
import type { SummaryData } from './summary.ts';

const saved = z.object({
  version: z.literal(1),
  /** Digest of everything that decides what is asked, in which order and of whom. */
  run: z.string(),
  /** All questions before this one are judged. */
  next: z.number().int().min(0),
  /** Digest over the questions before `next`: the files must still begin as they did. */
  prefix: z.string(),
  /** Questions after `next` that are judged too. */
  beyond: z.array(z.number().int()),
  summary: z.custom<SummaryData>(isSummary),
});
export type SavedState = z.output<typeof saved>;

function isSummary(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return ['routes', 'wrong', 'failures'].every((key) => Array.isArray(Reflect.get(value, key)));
}

/** Null where there is none, or one of another run. @throws ShadowError SHADOW_USAGE for a file that is none or cannot be read */
export async function readState(file: string, run: string): Promise<SavedState | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new ShadowError('SHADOW_USAGE', `the state of the comparison cannot be read`, {
      expected: 'the file that an interrupted comparison left, or none',
      actual: messageOf(error),
      example: '--state another-file.json',
    });
  });
  if (text === null) return null;
  const state = saved.safeParse(asJson(text));
  if (!state.success) {
    throw new ShadowError('SHADOW_USAGE', `${file} is no state of a comparison`, {
      expected: 'the file that an interrupted comparison left, or none',
      example: '--restart, or --state another-file.json',
    });
  }
  return state.data.run === run ? state.data : null;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export async function writeState(file: string, state: SavedState): Promise<void> {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(beside, JSON.stringify(state), { mode: 0o600 });
    await rename(beside, file);
  } catch (thrown) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw thrown;
  }
}

export async function removeState(file: string): Promise<void> {
  await rm(file, { force: true });
}

const START = '';

/** How far a run has come: questions are judged in any order, and what is judged without a gap is the prefix. */
export class Progress {
  #next: number;
  #prefix: string;
  readonly #beyond: Set<number>;
  /** Keys of the questions from `next` on that were asked. */
  readonly #keys = new Map<number, string>();
  /** Of a resumed run: digest over the questions seen again so far. */
  #seen = START;
  readonly #resumed: SavedState | null;

  constructor(state: SavedState | null) {
    this.#resumed = state;
    this.#next = state?.next ?? 0;
    this.#prefix = state?.prefix ?? START;
    this.#beyond = new Set(state?.beyond);
  }

  /** How many questions the earlier run has judged. */
  get resumed(): number {
    return (this.#resumed?.next ?? 0) + (this.#resumed?.beyond.length ?? 0);
  }

  /** The questions that are still to be judged. @throws ShadowError SHADOW_USAGE where the files have changed */
  async *left(questions: AsyncIterable<Question>): AsyncGenerator<Question> {
    const from = this.#resumed?.next ?? 0;
    let n = 0;
    for await (const question of questions) {
      n += 1;
      if (question.index < from) {
        this.#seen = grown(this.#seen, question.key);
        if (question.index === from - 1) this.#check();
        continue;
      }
      this.#keys.set(question.index, question.key);
      if (!this.#beyond.has(question.index)) yield question;
    }
    if (n < from) this.#check();
  }

  judged(question: Question): void {
    this.#beyond.add(question.index);
    while (this.#beyond.delete(this.#next)) {
      this.#prefix = grown(this.#prefix, this.#keys.get(this.#next) ?? '');
      this.#keys.delete(this.#next);
      this.#next += 1;
    }
  }

  state(run: string, summary: SummaryData): SavedState {
    return { version: 1, run, next: this.#next, prefix: this.#prefix, beyond: [...this.#beyond], summary };
  }

  #check(): void {
    if (this.#seen === this.#resumed?.prefix) return;
    throw new ShadowError('SHADOW_USAGE', 'the recorded traffic is not what the interrupted comparison began with', {
      expected: 'the same files, begun as they were',
      example: '--restart',
    });
  }
}

function grown(prefix: string, key: string): string {
  return createHash('sha256').update(`${prefix}\n${key}`).digest('base64');
}

/** Digest of what makes two runs the same. */
export function runDigest(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
