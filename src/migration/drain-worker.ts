/** The drain as a worker: passes one after another, gaps tried again, and the lag written down about once a second. */
import { messageOf } from '../errors.ts';
import { type DrainOptions, drainOnce } from './drain.ts';
import { repairGaps } from './gaps.ts';
import { type DrainReport, saveDrainReport } from './lag.ts';

export interface Drain {
  lag(): DrainReport;
  /** Resolves when a pass that began after the call has ended. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface DrainWorkerOptions extends DrainOptions {
  /** Between passes where there was nothing to do, ms. */
  readonly intervalMs?: number;
  /** A failed pass, a repaired gap: for the log. */
  readonly onNote?: (text: string) => void;
}

const REPORT_MS = 1_000;
const REPAIR_MS = 2_000;

/** A pass that fails is tried again, more slowly: a store that is down is waited for. */
export function startDrain(options: DrainWorkerOptions): Drain {
  const intervalMs = options.intervalMs ?? 50;
  const stop = new AbortController();
  let report: DrainReport = { lagMs: 0, drained: 0, failed: 0, error: null };
  let reportedAt = Number.NEGATIVE_INFINITY;
  let repairedAt = performance.now();
  let wake: () => void = () => undefined;
  let passes = 0;
  let failures = 0;
  const waiting: { after: number; resolve: () => void }[] = [];

  const pass = async (): Promise<boolean> => {
    const { drained, failed, oldest } = await drainOnce(options);
    report = {
      lagMs: oldest === null ? 0 : Math.max(0, Date.now() - oldest.getTime()),
      drained: report.drained + drained,
      failed: report.failed + failed,
      error: null,
    };
    if (performance.now() - repairedAt >= REPAIR_MS) {
      const { repaired } = await repairGaps({ ...options, dueOnly: true });
      if (repaired > 0) options.onNote?.(`${repaired} gaps repaired`);
      repairedAt = performance.now();
    }
    return drained === 0;
  };
  const write = async (): Promise<void> => {
    if (performance.now() - reportedAt < REPORT_MS) return;
    reportedAt = performance.now();
    await saveDrainReport(options.sql, 'outbox', report);
  };
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      let idle = true;
      try {
        idle = await pass();
        await write();
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === 1) options.onNote?.(`a pass failed and is tried again: ${messageOf(error)}`);
        report = { ...report, error: messageOf(error) };
        // Where it is Postgres that is down, this fails too, and the last report grows stale, which says the same.
        await write().catch(() => undefined);
      }
      passes += 1;
      for (const { after, resolve } of waiting) if (passes > after) resolve();
      waiting.splice(0, waiting.length, ...waiting.filter(({ after }) => passes <= after));
      if (idle && !stop.signal.aborted) await pause(Math.min(5_000, intervalMs * 2 ** Math.min(failures, 8)));
    }
    for (const { resolve } of waiting) resolve();
  };
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const running = loop();
  return {
    lag: () => report,
    settled: () =>
      new Promise((resolve) => {
        // The pass in hand may have read before the caller's write.
        waiting.push({ after: passes + 1, resolve });
        wake();
      }),
    async close() {
      stop.abort();
      wake();
      await running;
    },
  };
}
