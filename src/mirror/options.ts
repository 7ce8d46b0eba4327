import type { ResourceLimits } from 'node:worker_threads';
import type { Policy, Representation, Verdict } from '../types.ts';
import type { BreakerOptions } from './breaker.ts';

/** Changes to the header fields that one side is asked with. */
export interface HeaderChanges {
  readonly set?: Readonly<Record<string, string>>;
  /** Lowercase name as the client sent it -> name to send it under. */
  readonly rename?: Readonly<Record<string, string>>;
  readonly drop?: readonly string[];
  /** `client`: the Host the client asked for, so that both sides see one; `side`: the host of the side's own URL. */
  readonly host?: 'client' | 'side';
}

export interface SettleOptions {
  /** When to read both sides again, in milliseconds after the first answer; growing. */
  readonly delaysMs: readonly number[];
  /** Readings again beyond the window, of rows that do not hold still in it. */
  readonly busyRounds: number;
}

/** Everything that is handed to a worker: plain data only. */
export interface VerifierSettings {
  readonly primaryUrl: string;
  readonly twinUrl: string;
  /** Module whose export `routes` (or default, or `amanatRoutes`) is the route table. */
  readonly routesModule: string | null;
  /** Routes as plain data: what YAML declares, rules compiled by nobody yet. */
  readonly yamlRoutes: readonly unknown[];
  readonly redaction: {
    /** Key of the hashes; two processes whose evidence is to be counted together need the same. */
    readonly key: Uint8Array;
    /** JSON pointers (with `*` for positions) whose values may be told. */
    readonly showPaths: readonly string[];
  };
  /** 32 bytes; null: nothing is kept for a replay. */
  readonly evidenceKey: Uint8Array | null;
  readonly evidenceTtlMs: number;
  readonly migrationPgUrl: string | null;
  readonly mongodbUri: string | null;
  /** Module whose export `mappings` says which table a collection went to; for the cause. */
  readonly mappingsModule: string | null;
  readonly settle: SettleOptions;
  readonly headers: { readonly primary?: HeaderChanges; readonly twin?: HeaderChanges };
  readonly niceness: number;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Connections of one worker to the shadowed side. */
  readonly connections: number;
  /** Largest body of the asked side, before and after its content decoding. */
  readonly bodyBytes: number;
  /** Accept a twin whose certificate nobody vouches for; for tests and closed networks. */
  readonly rejectUnauthorized: boolean;
}

export interface MirrorOptions {
  readonly policy: Policy;
  readonly primaryUrl: string;
  /** Null: every read is `skipped: paused`. */
  readonly twinUrl: string | null;
  readonly routesModule?: string | URL | null;
  readonly yamlRoutes?: readonly unknown[];
  readonly redaction?: { readonly key?: Uint8Array | null; readonly showPaths?: readonly string[] };
  readonly evidenceKey?: Uint8Array | null;
  readonly evidenceTtlMs?: number;
  readonly migrationPgUrl?: string | null;
  readonly mongodbUri?: string | null;
  readonly mappingsModule?: string | URL | null;
  /** Worker threads; by default one less than there are cores, at least one and at most four. */
  readonly workers?: number;
  readonly settle?: Partial<SettleOptions>;
  /** `both` alternates by read. Without `migrationPgUrl` it is always `primary`. */
  readonly representation?: Representation | 'both';
  readonly headers?: VerifierSettings['headers'];
  readonly niceness?: number;
  readonly connectTimeoutMs?: number;
  /** Largest body of the twin; the policy's `bodyBytes` where not given. */
  readonly twinBodyBytes?: number;
  readonly rejectUnauthorized?: boolean;
  /** Share of verified reads whose primary is read once more, as a control. */
  readonly control?: number;
  readonly breaker?: Partial<BreakerOptions>;
  readonly resourceLimits?: ResourceLimits;
  /** A worker that gives no sign of life for so long is replaced, milliseconds. */
  readonly hangMs?: number;
  /** A read that a worker has had for so long ends as `verifier_error`; default: what asking and settling may take. */
  readonly jobMs?: number;
  /** Begins every exchange id; random by default. */
  readonly instance?: string;
  /** Called once for every read, after it is counted. What it throws is logged and lost. */
  readonly onVerdict: (verdict: Verdict) => void;
  readonly log?: (message: string) => void;
}

export const SETTLE_DEFAULTS: SettleOptions = Object.freeze({
  delaysMs: Object.freeze([100, 400, 1_500]),
  busyRounds: 3,
});
