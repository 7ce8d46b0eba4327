import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { Config } from '../config.ts';

/** Where all threads share one core, a worker would take half of it from forwarding; with 5 it takes a quarter. */
const SCARCE = 5;

/**
 * The niceness of a worker: as the config says; else as much as the cores allow. Where main thread and worker have a core each,
 * a nicer worker only falls behind, and what it then does at once delays clients more (docs/bench.md, "Niceness"). Several
 * processes use all cores by themselves.
 */
export function nicenessOf(
  { verifier }: Config,
  cores = availableParallelism(),
  isOneOfSeveral = cluster.isWorker,
): number {
  return verifier.niceness ?? (cores < 2 || isOneOfSeveral ? SCARCE : 0);
}
