/** What the proxy holds: its resident memory as Linux tells it, and what is left of it after a collection as the probe in it does. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Footprint, footprint } from '../support/footprint.ts';
import { imageEnvironment } from '../support/image-environment.ts';
import type { Point } from './slope.ts';

export interface Memory {
  /** What the proxy's environment needs for it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Takes a sample of a process. Rejects where there is none. */
  look(pid: number): Promise<Footprint>;
  /**
   * MB over time by name, each after a full collection that gives free pages back: `rss` of the process, `heap` (with external
   * memory) of the main thread, and `workers`, that of all others.
   */
  series(): Readonly<Record<'rss' | 'heap' | 'workers', readonly Point[]>>;
  /** Resident memory at each look, MB, with the free pages that V8 keeps while it is busy. */
  readonly counted: readonly Point[];
  /** What the main thread allocated after the warm-up and still holds, MB by place; the most first. */
  alive(): readonly (readonly [place: string, mb: number])[];
}

const MB = 1e6;

/** A line of the probe: bytes. */
interface Sampled {
  readonly atMs: number;
  readonly heap: number;
  readonly external: number;
  readonly rss: number;
}

export function watchMemory(folder: string, everyMs: number, warmUpMs: number): Memory {
  const counted: Point[] = [];
  const probe = fileURLToPath(new URL('heap-probe.ts', import.meta.url));
  // What a process holds depends on it, so the proxy has the environment that operators give it.
  const image = imageEnvironment();
  return {
    environment: {
      ...image,
      NODE_OPTIONS: `${image.NODE_OPTIONS ?? ''} --import=${probe}`.trim(),
      SOAK_HEAP_FOLDER: folder,
      SOAK_HEAP_MS: String(everyMs),
      SOAK_HEAP_AFTER_MS: String(Math.round(warmUpMs)),
    },
    async look(pid) {
      const now = await footprint(pid);
      counted.push({ atMs: Date.now(), value: now.rssMb });
      return now;
    },
    series() {
      const main: Point[] = [];
      // By slot of time and thread: on a busy machine two samples of a thread may come in one slot.
      const others = new Map<number, Map<string, number>>();
      // What the last to collect saw, which is the least.
      const least = new Map<number, number>();
      for (const name of readdirSync(folder).filter((one) => one.endsWith('.jsonl'))) {
        for (const line of readFileSync(join(folder, name), 'utf8').trim().split('\n')) {
          const { atMs, heap, external, rss } = JSON.parse(line) as Sampled;
          const value = (heap + external) / MB;
          const slot = Math.round(atMs / everyMs) * everyMs;
          least.set(slot, Math.min(rss / MB, least.get(slot) ?? Number.POSITIVE_INFINITY));
          if (name === '0.jsonl') main.push({ atMs, value });
          else others.set(slot, (others.get(slot) ?? new Map<string, number>()).set(name, value));
        }
      }
      return {
        rss: inTime(least, (value) => value),
        heap: main,
        workers: inTime(others, (threads) => [...threads.values()].reduce((sum, one) => sum + one, 0)),
      };
    },
    counted,
    alive() {
      const file = join(folder, '0.alive.json');
      if (!existsSync(file)) return [];
      const places = JSON.parse(readFileSync(file, 'utf8')) as (readonly [string, number])[];
      return places.map(([place, bytes]) => [place, bytes / MB]);
    },
  };
}

const inTime = <T>(bySlot: ReadonlyMap<number, T>, value: (of: T) => number): Point[] =>
  [...bySlot].sort(([a], [b]) => a - b).map(([atMs, of]) => ({ atMs, value: value(of) }));
