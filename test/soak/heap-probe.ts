/**
 * Loaded into every thread of the proxy before its own code: says every few seconds what is left of the thread's heap after
 * a full collection, as JSON lines in a folder. What is retained is what can leak; what waits to be collected is noise.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { threadId } from 'node:worker_threads';

const { SOAK_HEAP_FOLDER: folder, SOAK_HEAP_MS: everyMs } = process.env;

if (folder !== undefined && everyMs !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setInterval(() => {
    if (typeof collect === 'function') collect();
    const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
    try {
      appendFileSync(join(folder, `${threadId}.jsonl`), `${JSON.stringify({ atMs: Date.now(), heap, external })}\n`);
    } catch {
      // The folder is gone: the soak is over.
    }
  }, Number(everyMs)).unref();
}
