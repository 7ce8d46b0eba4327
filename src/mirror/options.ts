import type { ResourceLimits } from 'node:worker_threads';
import type { ApiSource } from '../api/load.ts';
import type { Rejection } from '../base/rejections.ts';
import type { Policy, Representation, Verdict } from '../types.ts';
import type { MemorySettings, PrimaryTimeouts, SettleSettings, VerifierSettings } from '../verifier/protocol.ts';
import type { BreakerOptions } from './breaker.ts';

export interface MirrorOptions {
  readonly policy: Policy;
  readonly primaryUrl: string;
  /** Null: every read is `skipped: paused`. */
  readonly twinUrl: string | null;
  /** Further origins that are the side itself in the URLs of its answers. */
  readonly origins?: Required<VerifierSettings>['origins'];
  /** Without it every read is of a route that the verifier does not know. */
  readonly api?: ApiSource;
  readonly redaction?: {
    readonly key?: Uint8Array | null;
    readonly showPaths?: readonly string[];
    readonly show?: VerifierSettings['redaction']['show'];
  };
  readonly evidenceKey?: Uint8Array | null;
  readonly evidenceTtlMs?: number;
  readonly migrationPgUrl?: string | null;
  /** Where pairs of ids that were found by consistency are kept. */
  readonly journalUrl?: string | null;
  /** Collections whose ids are paired without `id_map`. */
  readonly ids?: VerifierSettings['ids'];
  /** Module that gives the twin's credentials. */
  readonly credentials?: string;
  readonly mongodbUri?: string | null;
  /** Worker threads; by default one less than there are cores, at least one and at most four. */
  readonly workers?: number;
  readonly settle?: Partial<SettleSettings>;
  /** `both` alternates by read. Without `migrationPgUrl` it is always `primary`. */
  readonly representation?: Representation | 'both';
  readonly headers?: VerifierSettings['headers'];
  readonly callerFields?: readonly string[];
  /** Proves a shadow read of ours; sent as X-Shadow-Loop. */
  readonly loopSecret?: string | null;
  readonly niceness?: number;
  readonly connectTimeoutMs?: number;
  /** Of the verifier's own requests to the primary; as the twin's where not given. */
  readonly primaryTimeouts?: PrimaryTimeouts;
  /** Largest body of the twin; the policy's `bodyBytes` where not given. */
  readonly twinBodyBytes?: number;
  /** What one comparison may cost; the rules' own limits where not given. */
  readonly compare?: Partial<VerifierSettings['compare']>;
  /** Bounds of each worker's memory of matches; no entries: off. */
  readonly memory?: MemorySettings;
  /** Those that Node knows where not given. */
  readonly tls?: VerifierSettings['tls'];
  /** Share of verified reads whose primary is read once more, as a control. */
  readonly control?: number;
  /** Share of reads answered 304 for which both sides are asked without the client's conditions. */
  readonly notModified?: number;
  readonly breaker?: Partial<BreakerOptions>;
  readonly resourceLimits?: ResourceLimits;
  /** A worker that gives no sign of life for so long is replaced, milliseconds. */
  readonly hangMs?: number;
  /** Since it was handed over, or was last to be read again: then a read without a verdict ends as `verifier_error`; default: what asking and settling may take. */
  readonly jobMs?: number;
  /** Begins every exchange id; random by default. */
  readonly instance?: string;
  /** An unexpected exception; `stage` is a word of the code. */
  readonly onFault?: (stage: string, thrown: unknown) => void;
  /** A promise of a worker was rejected and nobody waited for it; without this it is logged. */
  readonly onRejection?: (rejection: Rejection) => void;
  /** Called once for every read, after it is counted. What it throws is logged and lost. */
  readonly onVerdict: (verdict: Verdict) => void;
  /** `topic`: the subject of a line; the rate is limited by topic, so that a frequent line does not suppress others. */
  readonly log?: (message: string, topic: 'mirror' | 'verifier') => void;
}

export const SETTLE_DEFAULTS: SettleSettings = Object.freeze({
  delaysMs: Object.freeze([100, 400, 1_500]),
  busyRounds: 12,
});
