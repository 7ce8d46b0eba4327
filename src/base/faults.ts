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
  /** One that another part, such as a worker thread, has put into words. */
  recordTold(stage: string, told: { readonly kind: string; readonly text: string }): void;
  figures(): FaultFigures;
}

export function createFaults(log: Log): Faults {
  const byStage = new Map<string, number>();
  let last: FaultFigures['last'] = null;
  const recordTold: Faults['recordTold'] = (stage, { kind, text }) => {
    byStage.set(stage, (byStage.get(stage) ?? 0) + 1);
    last = { stage, kind, at: Date.now() };
    log.often(`fault ${stage}`, `an unexpected exception in ${stage}: ${text}`);
  };
  return {
    record: (stage, thrown) => recordTold(stage, { kind: kindOf(thrown), text: faultText(thrown) }),
    recordTold,
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
