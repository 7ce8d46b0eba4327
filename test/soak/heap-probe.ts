/**
 * Loaded into every thread of the proxy before its own code: says every few seconds what is left of the thread's heap after
 * a full collection, and of the process's resident memory, as JSON lines in a folder. What is retained is what can leak;
 * what waits to be collected is noise. The collection is the one that gives free pages back to the system: V8 keeps them
 * otherwise, as long as the process is busy, so that resident memory is the most that all heaps ever took at one moment.
 * All threads collect at the same time, and whoever is last sees the memory of the process without anybody's free pages.
 * After the warm-up it samples the main thread's allocations, and says which are still alive, by where they were made.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { type HeapProfiler, Session } from 'node:inspector';
import { join } from 'node:path';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread, threadId } from 'node:worker_threads';

const { SOAK_HEAP_FOLDER: folder, SOAK_HEAP_MS: everyMs, SOAK_HEAP_AFTER_MS: afterMs } = process.env;
/** Bytes between two samples: small against megabytes, large against what sampling costs. */
const SAMPLE_BYTES = 16_384;
const TOLD = 12;

if (folder !== undefined && everyMs !== undefined && afterMs !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  const every = Number(everyMs);
  const sampler = new Session();
  const sample = (): void => {
    sampler.connect();
    sampler.post('HeapProfiler.startSampling', { samplingInterval: SAMPLE_BYTES });
  };
  if (isMainThread) setTimeout(sample, Number(afterMs)).unref();
  const look = (): void => {
    if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
    const sampled = { atMs: Date.now(), heap, external, rss: process.memoryUsage.rss() };
    try {
      appendFileSync(join(folder, `${threadId}.jsonl`), `${JSON.stringify(sampled)}\n`);
      sampler.post('HeapProfiler.getSamplingProfile', (error, answer) => {
        if (error === null)
          writeFileSync(join(folder, `${threadId}.alive.json`), JSON.stringify(aliveIn(answer.profile)));
      });
    } catch {
      // Nothing is sampled (yet), or the folder is gone and the soak is over.
    }
  };
  const lookAgain = (): void => {
    setTimeout(
      () => {
        look();
        lookAgain();
      },
      every - (Date.now() % every),
    ).unref();
  };
  lookAgain();
}

/** Bytes by the place that asked for them, with who called it; the most first. */
function aliveIn({ head }: HeapProfiler.SamplingHeapProfile): (readonly [place: string, bytes: number])[] {
  const byPlace = new Map<string, number>();
  const visit = (node: HeapProfiler.SamplingHeapProfileNode, callers: readonly string[]): void => {
    const { functionName, url, lineNumber } = node.callFrame;
    const place = `${functionName || '(anonymous)'} ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`;
    const path = [place, ...callers].slice(0, 4);
    const name = path.join(' < ');
    if (node.selfSize > 0) byPlace.set(name, (byPlace.get(name) ?? 0) + node.selfSize);
    for (const child of node.children) visit(child, path);
  };
  visit(head, []);
  return [...byPlace].sort(([, a], [, b]) => b - a).slice(0, TOLD);
}
