/** Unexpected exceptions: counted by the stage that threw them, and logged without their message. */
import { faultText, kindOf } from './crash-text.ts';
import type { Log } from './log.ts';

export interface FaultFigures {
  readonly total: number;
  /** Stages are words of the code, so that there are few. */
  readonly byStage: Readonly<Record<string, number>>;
  /** The latest one: stage, kind of error, epoch ms; null where there was none. */
  readonly last: { readonly stage: string; readonly kind: string; readonly at: number } | null;
}

export interface Faults {
  record(stage: string, thrown: unknown): void;
  figures(): FaultFigures;
}

export function createFaults(log: Log): Faults {
  const byStage = new Map<string, number>();
  let last: FaultFigures['last'] = null;
  return {
    record(stage, thrown) {
      byStage.set(stage, (byStage.get(stage) ?? 0) + 1);
      last = { stage, kind: kindOf(thrown), at: Date.now() };
      log.often(`fault ${stage}`, `an unexpected exception in ${stage}: ${faultText(thrown)}`);
    },
    figures: () => ({
      total: [...byStage.values()].reduce((sum, times) => sum + times, 0),
      byStage: Object.fromEntries(byStage),
      last,
    }),
  };
}

/** Of several processes as of one. */
export function sumFaults(all: readonly FaultFigures[]): FaultFigures {
  const byStage: Record<string, number> = {};
  let last: FaultFigures['last'] = null;
  for (const one of all) {
    for (const [stage, times] of Object.entries(one.byStage)) byStage[stage] = (byStage[stage] ?? 0) + times;
    if (one.last !== null && (last === null || one.last.at > last.at)) last = one.last;
  }
  return { total: all.reduce((sum, one) => sum + one.total, 0), byStage, last };
}
