/**
 * Several processes on one port (`--processes N`), by node:cluster. Each worker is a whole data plane; the primary process
 * has the admin port and makes N of them look like one: figures are summed, changes reach all.
 */
import type { DataPlane, PlaneSnapshot, RouteFigures } from '../admin/plane.ts';
import { type Faults, sumFaults } from '../base/faults.ts';
import type { Log } from '../base/log.ts';
import { sumLoops } from '../base/loop-figures.ts';
import { sumUnknown } from '../base/unknown-reads.ts';
import { ShadowError } from '../errors.ts';
import { VERDICT_KINDS, type Verdict } from '../types.ts';
import { Crew } from './crew.ts';
import { mergeExpositions } from './exposition.ts';
import { noVerdicts } from './snapshot.ts';

export interface Processes {
  readonly url: string;
  readonly plane: DataPlane;
  toggle(): Promise<void>;
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Starts `count` workers and resolves when all serve. `environment` carries what they must share. */
export async function startProcesses(
  count: number,
  environment: Readonly<Record<string, string>>,
  faults: Faults,
  log: Log,
): Promise<Processes> {
  const crew = new Crew(environment, log);
  const starts = Array.from({ length: count }, () => crew.start());
  const urls = await Promise.all(starts).catch(async (error: unknown) => {
    // Their connections to this process would keep it alive.
    await crew.close();
    throw error;
  });
  const url = urls[0] ?? '';
  return {
    url,
    plane: {
      snapshot: async () => {
        const sum = sumSnapshots(await crew.all<PlaneSnapshot>({ method: 'snapshot' }));
        return { ...sum, faults: sumFaults([sum.faults, faults.figures()]) };
      },
      metrics: async () => mergeExpositions(await crew.all<string>({ method: 'metrics' })),
      control: (patch) => crew.control(patch),
      primaryReady: async () => (await crew.all<boolean>({ method: 'ready' })).some(Boolean),
      recheck: async (evidence) =>
        await crew.any<Verdict>({ method: 'recheck', evidence: Buffer.from(evidence).toString('base64') }),
    },
    toggle: () => crew.toggle(),
    reload: () => crew.reload(),
    close: () => crew.close(),
  };
}

/** Many processes as one: amounts are summed; of states the worst counts. Exported for its test. */
function sumSnapshots(snapshots: readonly PlaneSnapshot[]): PlaneSnapshot {
  const [first] = snapshots;
  if (first === undefined) throw new ShadowError('SHADOW_INTERNAL', 'no process is running');
  const sum = (of: (snapshot: PlaneSnapshot) => number): number => snapshots.reduce((total, one) => total + of(one), 0);
  const states = snapshots.map((one) => one.breaker);
  const verifiers = snapshots.map((one) => one.verifier);
  return {
    ...first,
    processes: snapshots.length,
    startedAt: Math.min(...snapshots.map((one) => one.startedAt)),
    reloadError: snapshots.find((one) => one.reloadError !== null)?.reloadError ?? null,
    seen: sum((one) => one.seen),
    passed: sum((one) => one.passed),
    unknown: sumUnknown(snapshots.map((one) => one.unknown)),
    inFlight: sum((one) => one.inFlight),
    queued: sum((one) => one.queued),
    heldBytes: sum((one) => one.heldBytes),
    twinConcurrency: sum((one) => one.twinConcurrency),
    breakerParts: [...new Set(snapshots.flatMap((one) => one.breakerParts))],
    resent: sum((one) => one.resent),
    askedWhole: sum((one) => one.askedWhole),
    remembered: sum((one) => one.remembered),
    breaker: states.includes('open') ? 'open' : states.includes('half_open') ? 'half_open' : 'closed',
    verifier: (['failed', 'starting', 'running'] as const).find((state) => verifiers.includes(state)) ?? 'off',
    verifierError: snapshots.find((one) => one.verifierError !== null)?.verifierError ?? null,
    workers: { running: sum((one) => one.workers.running), replaced: sum((one) => one.workers.replaced) },
    loops: sumLoops(snapshots.map((one) => one.loops)),
    faults: sumFaults(snapshots.map((one) => one.faults)),
    journal: {
      configured: first.journal.configured,
      lagSeconds: Math.max(...snapshots.map((one) => one.journal.lagSeconds)),
      buffered: sum((one) => one.journal.buffered),
      dropped: sum((one) => one.journal.dropped),
    },
    routes: [
      ...new Map(snapshots.flatMap(({ routes }) => routes.map((route) => [route.key, route] as const))).values(),
    ].map((route) =>
      sumRoutes(
        route,
        snapshots.map((one) => one.routes.find(({ key }) => key === route.key)),
      ),
    ),
  };
}

function sumRoutes(route: RouteFigures, all: readonly (RouteFigures | undefined)[]): RouteFigures {
  const verdicts = noVerdicts();
  const reasons: Record<string, number> = {};
  for (const one of all) {
    if (one === undefined) continue;
    for (const kind of VERDICT_KINDS) verdicts[kind] += one.verdicts[kind];
    for (const [reason, n] of Object.entries(one.reasons)) reasons[reason] = (reasons[reason] ?? 0) + n;
  }
  return { ...route, verdicts, reasons };
}
