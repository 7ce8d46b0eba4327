/** What the proxy holds: its resident memory as Linux tells it, and each thread's heap as the probe in it does. */
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
  /** MB over time by name: `rss`, `heap` of the main thread, `workers` (heap and external memory of all others). */
  series(): Readonly<Record<'rss' | 'heap' | 'workers', readonly Point[]>>;
  /** What the main thread allocated after the warm-up and still holds, MB by place; the most first. */
  alive(): readonly (readonly [place: string, mb: number])[];
}

const MB = 1e6;

export function watchMemory(folder: string, everyMs: number, warmUpMs: number): Memory {
  const rss: Point[] = [];
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
      rss.push({ atMs: Date.now(), value: now.rssMb });
      return now;
    },
    series() {
      const main: Point[] = [];
      // By slot of time and thread: on a busy machine two samples of a thread may come in one slot.
      const others = new Map<number, Map<string, number>>();
      for (const name of readdirSync(folder).filter((one) => one.endsWith('.jsonl'))) {
        for (const line of readFileSync(join(folder, name), 'utf8').trim().split('\n')) {
          const { atMs, heap, external } = JSON.parse(line) as { atMs: number; heap: number; external: number };
          const value = (heap + external) / MB;
          if (name === '0.jsonl') main.push({ atMs, value });
          else {
            const slot = Math.round(atMs / everyMs) * everyMs;
            others.set(slot, (others.get(slot) ?? new Map<string, number>()).set(name, value));
          }
        }
      }
      const workers = [...others]
        .sort(([a], [b]) => a - b)
        .map(([atMs, threads]) => ({ atMs, value: [...threads.values()].reduce((sum, one) => sum + one, 0) }));
      return { rss, heap: main, workers };
    },
    alive() {
      const file = join(folder, '0.alive.json');
      if (!existsSync(file)) return [];
      const places = JSON.parse(readFileSync(file, 'utf8')) as (readonly [string, number])[];
      return places.map(([place, bytes]) => [place, bytes / MB]);
    },
  };
}
