/**
 * What the admin port knows of the data plane: figures to show and the few things it may change. One process or many:
 * figures are sums, changes reach all.
 */
import type { FaultFigures } from '../base/faults.ts';
import type { LoopFigures } from '../base/loop-figures.ts';
import type { ControlPatch, DomainPolicy, Limits, RoutePolicy, UnknownReads, Verdict, VerdictKind } from '../types.ts';

export interface RouteFigures {
  readonly key: string;
  readonly method: string;
  readonly pattern: string;
  readonly domain: string;
  readonly verdicts: Readonly<Record<VerdictKind, number>>;
  /** By reason, for skipped and failed reads. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly policy: RoutePolicy;
}

export interface PlaneSnapshot {
  readonly version: string;
  readonly instance: string;
  readonly processes: number;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly configDigest: string;
  readonly configFile: string | null;
  /** Why the last reload was refused; null where it was taken. */
  readonly reloadError: string | null;
  readonly shadowing: boolean;
  readonly policyVersion: number;
  readonly domains: Readonly<Record<string, DomainPolicy>>;
  readonly routes: readonly RouteFigures[];
  /** Reads of known routes seen = sum of all verdicts + inFlight. */
  readonly seen: number;
  /** Requests of no route: GET, HEAD and POST that passed to the primary unverified. */
  readonly passed: number;
  /** Reads that no route matches: they pass unverified. */
  readonly unknown: UnknownReads;
  readonly inFlight: number;
  readonly queued: number;
  readonly heldBytes: number;
  readonly limits: Limits;
  /** Twin requests allowed at once right now. */
  readonly twinConcurrency: number;
  readonly breaker: 'closed' | 'open' | 'half_open';
  /** What of the twin is not asked right now: `everything`, or a route and its kind of failure. */
  readonly breakerParts: readonly string[];
  /** Requests that the verifier sent again, since their kept connection was reset before it brought anything. */
  readonly resent: number;
  /** Reads whose client got 304, for which both sides were asked without its conditions. */
  readonly askedWhole: number;
  /** Matches known from the workers' memory, since the start. */
  readonly remembered: number;
  /** `failed`: no worker can start, and nothing is verified; `off`: without a twin. */
  readonly verifier: 'off' | 'starting' | 'running' | 'failed';
  /** Why no worker can start; null where the verifier has not failed. */
  readonly verifierError: string | null;
  readonly workers: { readonly running: number; readonly replaced: number };
  /** Unexpected exceptions; each ended one request and no process. */
  readonly faults: FaultFigures;
  /** Reads that said they were shadow reads, and who said it most. */
  readonly loops: LoopFigures;
  readonly journal: {
    readonly configured: boolean;
    readonly lagSeconds: number;
    readonly buffered: number;
    readonly dropped: number;
  };
}

export interface DataPlane {
  snapshot(): Promise<PlaneSnapshot>;
  /** Prometheus text. */
  metrics(): Promise<string>;
  /** In force in every process within a second. */
  control(patch: ControlPatch): Promise<void>;
  /** True where the primary accepts connections; never asks twin, journal or collector. */
  primaryReady(): Promise<boolean>;
  /** Asks both sides again with sealed evidence. @throws ShadowError SHADOW_KEY without a key or past its time to live. */
  recheck(evidence: Uint8Array): Promise<Verdict>;
}
