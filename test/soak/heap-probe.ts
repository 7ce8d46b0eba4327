/**
 * Loaded into every thread of the proxy before its own code: says every few seconds what is left of the thread's heap after
 * a full collection, as JSON lines in a folder. What is retained is what can leak; what waits to be collected is noise.
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
  const sampler = new Session();
  const sample = (): void => {
    sampler.connect();
    sampler.post('HeapProfiler.startSampling', { samplingInterval: SAMPLE_BYTES });
  };
  if (isMainThread) setTimeout(sample, Number(afterMs)).unref();
  setInterval(() => {
    if (typeof collect === 'function') collect();
    const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
    try {
      appendFileSync(join(folder, `${threadId}.jsonl`), `${JSON.stringify({ atMs: Date.now(), heap, external })}\n`);
      sampler.post('HeapProfiler.getSamplingProfile', (error, answer) => {
        if (error === null)
          writeFileSync(join(folder, `${threadId}.alive.json`), JSON.stringify(aliveIn(answer.profile)));
      });
    } catch {
      // Nothing is sampled (yet), or the folder is gone and the soak is over.
    }
  }, Number(everyMs)).unref();
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
