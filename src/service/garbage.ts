import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/**
 * How V8 collects garbage in a process that does nothing but serve and verify; to be called before its workers start, not in
 * a process of somebody else's. What a read leaves lives for some slices of 25 ms, so that each minor collection moves a
 * megabyte or two on, and with V8's default (a third above what lives) a worker marks its whole heap three times a second.
 * Heaps may grow to twice what lives instead; three times takes more memory and no less time. On two cores the helpers of a
 * minor collection, which has little to move, take more time to be woken than they save. Measured in docs/bench.md, "Garbage
 * collection".
 */
export function collectSeldom(): void {
  setFlagsFromString('--heap-growing-percent=100');
  if (availableParallelism() <= 2) setFlagsFromString('--no-parallel-scavenge');
}
