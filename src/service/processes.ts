/**
 * Several processes on one port (`--processes N`), by node:cluster. Each worker is a whole data plane; the primary process
 * has the admin port and makes N of them look like one: figures are summed, changes reach all.
 */
import cluster, { type Worker } from 'node:cluster';
import type { DataPlane, PlaneSnapshot, RouteFigures } from '../admin/plane.ts';
import { type Faults, sumFaults } from '../base/faults.ts';
import type { Log } from '../base/log.ts';
import { sumLoops } from '../base/loop-figures.ts';
import { sumUnknown } from '../base/unknown-reads.ts';
import { messageOf, ShadowError } from '../errors.ts';
import { type ControlPatch, VERDICT_KINDS, type Verdict } from '../types.ts';
import { mergeExpositions } from './exposition.ts';
import { noVerdicts } from './snapshot.ts';

/** What the primary process asks of a worker. Evidence travels as base64: IPC is JSON. */
export type Call =
  | { readonly call: number; readonly method: 'snapshot' | 'metrics' | 'ready' | 'toggle' | 'reload' | 'close' }
  | { readonly call: number; readonly method: 'control'; readonly patch: ControlPatch }
  | { readonly call: number; readonly method: 'recheck'; readonly evidence: string };

export interface Told {
  readonly call: number;
  readonly error: string | null;
  readonly value: unknown;
}

export interface Processes {
  readonly url: string;
  readonly plane: DataPlane;
  toggle(): Promise<void>;
  reload(): Promise<void>;
  close(): Promise<void>;
}

const ANSWER_MS = 5_000;
/** A change reaches all: for that a process is waited for. */
const CHANGE_MS = 60_000;
/** A worker that dies is started again after this pause; a crash loop must not become a fork bomb. */
const RESTART_MS = 1_000;

/** Starts `count` workers and resolves when all serve. `environment` carries what they must share. */
export async function startProcesses(
  count: number,
  environment: Readonly<Record<string, string>>,
  faults: Faults,
  log: Log,
): Promise<Processes> {
  const crew = new Crew(environment, log);
  const urls = await Promise.all(Array.from({ length: count }, () => crew.start()));
  const url = urls[0] ?? '';
  return {
    url,
    plane: {
      snapshot: async () => {
        const sum = sumSnapshots(await crew.all<PlaneSnapshot>({ method: 'snapshot' }));
        return { ...sum, faults: sumFaults([sum.faults, faults.figures()]) };
      },
      metrics: async () => mergeExpositions(await crew.all<string>({ method: 'metrics' })),
      control: async (patch) => void (await crew.all({ method: 'control', patch }, CHANGE_MS)),
      primaryReady: async () => (await crew.all<boolean>({ method: 'ready' })).some(Boolean),
      recheck: async (evidence) =>
        await crew.any<Verdict>({ method: 'recheck', evidence: Buffer.from(evidence).toString('base64') }),
    },
    toggle: async () => void (await crew.all({ method: 'toggle' }, CHANGE_MS)),
    reload: async () => void (await crew.all({ method: 'reload' }, CHANGE_MS)),
    close: () => crew.close(),
  };
}

type CallBody = Call extends infer One ? (One extends Call ? Omit<One, 'call'> : never) : never;

class Crew {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #log: Log;
  readonly #workers = new Set<Worker>();
  readonly #calls = new Map<number, (told: Told) => void>();
  #next = 1;
  #closing = false;

  constructor(environment: Readonly<Record<string, string>>, log: Log) {
    this.#environment = environment;
    this.#log = log;
  }

  start(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const worker = cluster.fork(this.#environment);
    worker.on('error', (error) => this.#log.warn(`process ${worker.process.pid ?? '?'}: ${messageOf(error)}`));
    worker.on('message', (message: Told | { readonly serving: string }) => {
      if ('serving' in message) {
        this.#workers.add(worker);
        resolve(message.serving);
      } else this.#calls.get(message.call)?.(message);
    });
    worker.once('exit', (code, signal) => {
      const served = this.#workers.delete(worker);
      if (this.#closing) return;
      if (!served) return reject(new ShadowError('SHADOW_INTERNAL', `a process ended at start with ${code ?? signal}`));
      this.#log.warn(`process ${worker.process.pid ?? '?'} ended with ${signal ?? code}; starting another`);
      setTimeout(() => {
        if (!this.#closing) this.start().catch((error: unknown) => this.#log.warn(messageOf(error)));
      }, RESTART_MS);
    });
    return promise;
  }

  /** Calls every worker; one that does not answer in time is left out. */
  async all<T>(body: CallBody, withinMs = ANSWER_MS): Promise<T[]> {
    const told = await Promise.allSettled([...this.#workers].map((worker) => this.#call<T>(worker, body, withinMs)));
    const refused = told.find((one) => one.status === 'rejected');
    const values = told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    if (values.length === 0 && refused?.status === 'rejected') throw refused.reason;
    return values;
  }

  async any<T>(body: CallBody): Promise<T> {
    const [worker] = this.#workers;
    if (worker === undefined) throw new ShadowError('SHADOW_INTERNAL', 'no process is running');
    return this.#call<T>(worker, body, 60_000);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const ends = [...this.#workers].map(
      (worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())),
    );
    for (const worker of this.#workers) worker.kill('SIGTERM');
    await Promise.all(ends);
  }

  #call<T>(worker: Worker, body: CallBody, withinMs: number): Promise<T> {
    const call = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => reject(new ShadowError('SHADOW_INTERNAL', 'a process does not answer')), withinMs);
    this.#calls.set(call, ({ error, value }) => {
      if (error === null) resolve(value as T);
      else reject(new ShadowError('SHADOW_REFUSED', error));
    });
    worker.send({ ...body, call }, (error) => {
      if (error !== null) reject(error);
    });
    return promise.finally(() => {
      clearTimeout(timer);
      this.#calls.delete(call);
    });
  }
}

/** Many processes as one: amounts are summed; of states the worst counts. Exported for its test. */
export function sumSnapshots(snapshots: readonly PlaneSnapshot[]): PlaneSnapshot {
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
