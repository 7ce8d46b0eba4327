/** What flows back to proxy and mirror: stages, pauses, sampling, limits. */
import type { Stage } from './exchange.ts';

export interface DomainPolicy {
  readonly stage: Stage;
  /** Share of the domain's reads served by the twin while flipped, 1..100. */
  readonly percent: number;
}

export interface RoutePolicy {
  readonly paused: boolean;
  /** Share of reads verified, 0..1. */
  readonly sample: number;
  /** `read`: each read by chance; `entity`: by a hash of the target, so that one entity is always in or out; `caller`: by a hash of the credentials. */
  readonly sampleBy: 'read' | 'entity' | 'caller';
  /** 0..1: how much the gate still lacks evidence here; under pressure the higher goes first. */
  readonly priority: number;
}

export interface Limits {
  /** All bodies held for comparison together, bytes. */
  readonly heldBytes: number;
  /** One body, bytes; larger is `too_large`. */
  readonly bodyBytes: number;
  /** Exchanges waiting for a worker. */
  readonly queue: number;
  /** Milliseconds that an exchange waits for a worker at most, once workers run. */
  readonly waitMs: number;
  /** Twin requests at once, the ceiling of the adaptive limit. */
  readonly twinConcurrency: number;
  /** Twin requests a second, over all workers. */
  readonly twinPerSecond: number;
  /** Milliseconds from asking the twin to its last byte. */
  readonly twinTimeoutMs: number;
  /** Verdicts waiting for the journal. */
  readonly journalBuffer: number;
  /** Re-reads and control reads of the primary a second. */
  readonly recheckPerSecond: number;
}

/** The one value that flows back: what proxy and mirror may do. Frozen; a change is a new Policy. */
export interface Policy {
  readonly version: number;
  /** False: nothing is mirrored (SIGUSR2, pause all). */
  readonly shadowing: boolean;
  readonly domains: Readonly<Record<string, DomainPolicy>>;
  readonly routes: Readonly<Record<string, RoutePolicy>>;
  readonly limits: Limits;
}

/** A change at run time, through the admin port or the journal. Absent means unchanged. */
export interface ControlPatch {
  readonly shadowing?: boolean;
  readonly routes?: Readonly<Record<string, Partial<Pick<RoutePolicy, 'paused' | 'sample' | 'sampleBy'>>>>;
  readonly domains?: Readonly<Record<string, { readonly paused: boolean }>>;
}
