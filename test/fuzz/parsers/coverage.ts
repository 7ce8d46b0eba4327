/** Which characters of our own code have run, by V8's precise coverage. */
import { Session } from 'node:inspector/promises';

export interface Coverage {
  /** Pieces of our own code that ran since it was asked last, and never before. */
  fresh(): Promise<number>;
  close(): Promise<void>;
}

interface Ran {
  readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
}

export async function openCoverage(): Promise<Coverage> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const scripts = new Map<string, Script>();
  return {
    async fresh() {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      let found = 0;
      for (const { url, functions } of result) {
        if (!url.includes('/src/')) continue;
        const script = scripts.get(url) ?? new Script();
        scripts.set(url, script);
        found += script.add(functions);
      }
      return found;
    },
    async close() {
      await session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}

/**
 * V8 joins neighbouring blocks that ran into one range, and names those inside that did not: a block is known by the
 * characters it covers and not by its range. A character belongs to the innermost function around it, since an outer one
 * that ran says nothing of those it holds.
 */
class Script {
  readonly #functions: { readonly start: number; readonly end: number }[] = [];
  #owner = new Int32Array(0);
  #ran = new Uint8Array(0);

  /** How many pieces ran for the first time. */
  add(functions: readonly Ran[]): number {
    this.#learn(functions);
    const now = new Uint8Array(this.#owner.length);
    for (const { ranges } of functions) {
      const [whole] = ranges;
      if (whole === undefined) continue;
      const own = this.#functions.findIndex(({ start, end }) => start === whole.startOffset && end === whole.endOffset);
      for (const { startOffset, endOffset, count } of ranges)
        for (let at = startOffset; at < endOffset; at += 1) if (this.#owner[at] === own) now[at] = count > 0 ? 1 : 0;
    }
    let pieces = 0;
    let inside = false;
    for (let at = 0; at < now.length; at += 1) {
      const isNew = now[at] === 1 && this.#ran[at] === 0;
      if (isNew) this.#ran[at] = 1;
      if (isNew && !inside) pieces += 1;
      inside = isNew;
    }
    return pieces;
  }

  #learn(functions: readonly Ran[]): void {
    const before = this.#functions.length;
    for (const { ranges } of functions) {
      const [whole] = ranges;
      if (whole === undefined) continue;
      const [start, end] = [whole.startOffset, whole.endOffset];
      if (!this.#functions.some((one) => one.start === start && one.end === end)) this.#functions.push({ start, end });
    }
    if (this.#functions.length === before) return;
    const length = Math.max(this.#ran.length, ...this.#functions.map(({ end }) => end));
    const ran = new Uint8Array(length);
    ran.set(this.#ran);
    this.#ran = ran;
    this.#owner = new Int32Array(length).fill(-1);
    const outerFirst = [...this.#functions.entries()].sort(([, a], [, b]) => b.end - b.start - (a.end - a.start));
    for (const [index, { start, end }] of outerFirst) this.#owner.fill(index, start, end);
  }
}
