/** What the gates say, read in the background: the metric `shadow.gate.pass`, and which routes still lack evidence. */
import type { Outcome } from '../gate/decision.ts';
import type { RouteEvidence } from '../gate/evidence.ts';
import type { OpenFaults } from '../journal/read/faults.ts';
import { openReader } from '../journal/reader.ts';
import { type DecisionSetting, decideOn, declarationsOf } from './deciding.ts';

export interface GateWatch {
  /** 1 passes, 0 does not, -1 is undecided; by domain, empty before the first evaluation. */
  gates(): Readonly<Record<string, 1 | 0 | -1>>;
  /** Faults that are neither repaired nor acknowledged, by domain, cause and whether they are fatal; a series without any stays, as 0. */
  openFaults(): readonly OpenFaults[];
  close(): Promise<void>;
}

/** Never throws: a journal that cannot be read makes every gate undecided. */
export function watchGates(parts: {
  readonly url: string;
  /** Called at each look, so that reloaded limits count. */
  readonly desk: () => DecisionSetting;
  /** How much each route lacks, 0..1 by route key. */
  readonly onPriorities: (priorities: Readonly<Record<string, number>>) => void;
}): GateWatch {
  const reader = openReader({ url: parts.url, max: 1 });
  let gates: Readonly<Record<string, 1 | 0 | -1>> = {};
  let openFaults: readonly OpenFaults[] = [];
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let turn = Promise.resolve();

  async function look(): Promise<void> {
    const desk = parts.desk();
    const { config } = desk;
    const declared = declarationsOf(desk.api);
    const found: Record<string, 1 | 0 | -1> = {};
    const priorities: Record<string, number> = {};
    for (const domain of desk.api.domains) {
      if (closed) return;
      const { decision, evidence } = await decideOn(domain, reader, desk);
      found[domain] = GAUGE_VALUE[decision.outcome];
      if (evidence === null) continue;
      for (const route of declared.filter((one) => one.domain === domain)) {
        const seen = evidence.routes.find(({ key }) => key === route.key);
        priorities[route.key] = lacking(seen, config.gate.minimumPerRoute, route.fewAnswers);
      }
    }
    gates = found;
    const open = await reader.openFaults();
    const isOpen = ({ domain, cause, fatal }: OpenFaults): boolean =>
      open.some((one) => one.domain === domain && one.cause === cause && one.fatal === fatal);
    openFaults = [...open, ...openFaults.filter((one) => !isOpen(one)).map((one) => ({ ...one, open: 0 }))];
    if (Object.keys(priorities).length > 0) parts.onPriorities(priorities);
  }

  function next(): void {
    turn = look()
      .catch(() => undefined)
      .then(() => {
        if (!closed) timer = setTimeout(next, parts.desk().config.gate.watchMs).unref();
      });
  }
  next();

  return {
    gates: () => gates,
    openFaults: () => openFaults,
    async close() {
      closed = true;
      clearTimeout(timer);
      await reader.close();
      await turn;
    },
  };
}

const GAUGE_VALUE: Readonly<Record<Outcome, 1 | 0 | -1>> = { pass: 1, fail: 0, undecided: -1 };

/** Share of the comparisons that a route still lacks, 0..1. One with few possible answers lacks nothing once all were seen. Exported for its test. */
export function lacking(
  seen: Pick<RouteEvidence, 'distinct' | 'answers'> | undefined,
  minimum: number,
  fewAnswers: number | null,
): number {
  if (seen === undefined) return 1;
  if (fewAnswers !== null && seen.answers >= fewAnswers) return 0;
  return 1 - Math.min(1, seen.distinct / minimum);
}
