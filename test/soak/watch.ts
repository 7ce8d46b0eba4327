/** Looks at the proxy while it lives: counts must add up at every moment, memory is sampled, and people see how it goes. */
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../src/errors.ts';
import { conserved } from '../support/proxy-process.ts';
import type { Memory } from './memory.ts';
import type { Stage } from './stage.ts';

const TOLD_EVERY_MS = 15_000;
/** Told once in full; the rest would bury it. */
const FAILURES_AT_MOST = 20;

export async function watch(options: {
  readonly stage: Stage;
  readonly memory: Memory;
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly failures: string[];
  readonly tell: (line: string) => void;
  /** What is wrong right now. */
  readonly state: { readonly trouble: string };
}): Promise<void> {
  const { stage, memory, signal, failures, state, tell } = options;
  const began = Date.now();
  let told = 0;
  const fail = (what: string): void => {
    if (failures.length < FAILURES_AT_MOST) failures.push(`while ${state.trouble}: ${what}`);
  };
  while (!signal.aborted) {
    try {
      const status = await stage.status();
      if (!conserved(status)) fail(`${status.seen} reads seen do not add up: ${JSON.stringify(status.verdicts)}`);
      if (status.faults.total > 0) fail(`exceptions ${JSON.stringify(status.faults)}`);
      const { rssMb, sockets } = await memory.look(stage.stack.proxyProcess.pid);
      if (Date.now() - told > TOLD_EVERY_MS) {
        told = Date.now();
        const { match, settled, mismatch, twin_error, twin_timeout, skipped } = status.verdicts;
        tell(
          `${((told - began) / 60_000).toFixed(1)} min  ${state.trouble}: ${status.seen} reads, ${match + settled} agreed, ${mismatch} differ, ` +
            `${twin_error + twin_timeout} failed, ${skipped} skipped; ${rssMb} MB, ${sockets} sockets`,
        );
      }
    } catch (error) {
      fail(messageOf(error));
    }
    await pause(options.everyMs, undefined, { signal }).catch(() => undefined);
  }
}
