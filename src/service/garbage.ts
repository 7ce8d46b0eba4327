import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/**
 * How V8 collects garbage in a process that does nothing but serve and verify; to be called before its workers start, not in
 * a process of somebody else's.
 *
 * - Heaps may grow to twice what lives. With V8's default, a third above it, a worker marks its whole heap three times a second,
 *   since what a read leaves lives for some slices of 25 ms, and moves on with each minor collection. Three times takes
 *   more memory and no less time.
 * - Memory outside of the heap counts as part of it. By default V8 marks the heap whenever 64 MB of it were taken since the
 *   last time, which bodies that pass do twice a second at 150 MB/s, though all of them are free again.
 * - On two cores the helpers of a minor collection, which has little to move, take more time to be woken than they save.
 *
 * Measured in docs/bench.md, "Garbage collection".
 */
export function collectSeldom(): void {
  setFlagsFromString('--heap-growing-percent=100');
  setFlagsFromString('--external-memory-accounted-in-global-limit');
  if (availableParallelism() <= 2) setFlagsFromString('--no-parallel-scavenge');
}
