/** What the admin port knows of this process, gathered from the stages it was wired from. */
import { connect } from 'node:net';
import type { Gauges, Telemetry } from '../../otel/start.ts';
import type { DataPlane, PlaneSnapshot, RouteFigures } from '../admin/plane.ts';
import type { Faults } from '../base/faults.ts';
import type { LoadedConfig } from '../config.ts';
import type { Journal } from '../journal/journal.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { ProxyServer } from '../proxy/proxy.ts';
import { type Route, type UnknownReads, VERDICT_KINDS, type VerdictKind } from '../types.ts';
import type { PolicyHolder } from './policy.ts';

export interface PlaneParts {
  readonly version: string;
  readonly instance: string;
  readonly startedAt: number;
  readonly primaryUrl: string;
  /** Those known now. */
  readonly routes: () => readonly Route[];
  /** Requests so far that were of no route. */
  readonly passed: () => number;
  readonly policy: PolicyHolder;
  readonly telemetry: Telemetry;
  readonly journal: Journal | null;
  readonly mirror: Mirror;
  readonly proxy: Pick<ProxyServer, 'loops' | 'inFlight'>;
  readonly faults: Faults;
  readonly unknown: () => UnknownReads;
  /** The config in force and why the last reload was refused. */
  readonly config: () => { readonly loaded: LoadedConfig; readonly reloadError: string | null };
}

const READY_MS = 1_000;

export function planeOf(parts: PlaneParts): DataPlane {
  return {
    snapshot: async () => snapshotOf(parts),
    metrics: () => parts.telemetry.prometheus(),
    control: async (patch) => parts.policy.control(patch),
    primaryReady: () => accepts(parts.primaryUrl),
    recheck: (evidence) => parts.mirror.recheck(evidence),
  };
}

/** The figures that metrics show, read at each collection. */
export function gaugesOf(
  { mirror, journal, policy, faults, proxy }: Pick<PlaneParts, 'mirror' | 'journal' | 'policy' | 'faults' | 'proxy'>,
  watched: Pick<Gauges, 'gates' | 'openFaults'>,
): Gauges {
  const counts = mirror.counts();
  const stats = journal?.stats();
  return {
    inFlight: counts.inFlight,
    requests: proxy.inFlight,
    heldBytes: counts.heldBytes,
    breakerOpen: counts.breaker === 'open',
    twinConcurrency: counts.twinConcurrency.limit,
    verifierFailed: counts.verifier === 'failed',
    shadowing: policy.current().shadowing,
    journalLagSeconds: stats?.lagSeconds ?? 0,
    journalDropped: stats?.droppedEvidence ?? 0,
    faults: faults.figures().byStage,
    loops: proxy.loops(),
    ...watched,
  };
}

function snapshotOf(parts: PlaneParts): PlaneSnapshot {
  const counts = parts.mirror.counts();
  const policy = parts.policy.current();
  const stats = parts.journal?.stats();
  const { loaded, reloadError } = parts.config();
  return {
    version: parts.version,
    instance: parts.instance,
    processes: 1,
    startedAt: parts.startedAt,
    configDigest: loaded.digest,
    configFile: loaded.file,
    reloadError,
    shadowing: policy.shadowing,
    policyVersion: policy.version,
    domains: policy.domains,
    routes: parts
      .routes()
      .map((route) => figuresOf(route, counts.routes[route.key]?.verdicts ?? {}, policy.routes[route.key])),
    seen: counts.seen,
    passed: parts.passed(),
    unknown: parts.unknown(),
    inFlight: counts.inFlight,
    queued: counts.queued,
    heldBytes: counts.heldBytes,
    limits: policy.limits,
    twinConcurrency: counts.twinConcurrency.limit,
    breaker: counts.breaker,
    breakerParts: counts.breakerParts,
    resent: counts.resent,
    askedWhole: counts.askedWhole,
    remembered: counts.remembered,
    verifier: counts.verifier,
    verifierError: counts.verifierError,
    workers: { running: counts.workers.running, replaced: counts.workers.replaced },
    faults: parts.faults.figures(),
    loops: parts.proxy.loops(),
    journal: {
      configured: stats !== undefined,
      lagSeconds: stats?.lagSeconds ?? 0,
      buffered: stats?.buffered ?? 0,
      dropped: stats?.droppedEvidence ?? 0,
    },
  };
}

const DEFAULT_POLICY = { paused: false, sample: 1, sampleBy: 'read', priority: 0 } as const;

/** `skipped:overload` and the like, split into verdicts and reasons. */
function figuresOf(
  route: Route,
  tally: Readonly<Record<string, number>>,
  policy: RouteFigures['policy'] | undefined,
): RouteFigures {
  const verdicts = noVerdicts();
  const reasons: Record<string, number> = {};
  for (const [key, n] of Object.entries(tally)) {
    const [name, reason] = key.split(':');
    const kind = VERDICT_KINDS.find((known) => known === name);
    if (kind === undefined) continue;
    verdicts[kind] += n;
    if (reason !== undefined) reasons[reason] = (reasons[reason] ?? 0) + n;
  }
  return { ...route, verdicts, reasons, policy: policy ?? DEFAULT_POLICY };
}

export function noVerdicts(): Record<VerdictKind, number> {
  return { match: 0, settled: 0, mismatch: 0, unstable: 0, twin_error: 0, twin_timeout: 0, skipped: 0 };
}

/** Whether somebody accepts connections there. */
function accepts(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
  });
  socket.setTimeout(READY_MS);
  const end = (ready: boolean): void => {
    socket.destroy();
    resolve(ready);
  };
  socket.once('connect', () => end(true));
  socket.once('timeout', () => end(false));
  socket.once('error', () => end(false));
  return promise;
}
