/** What became of one read, and why. */
import type { CauseFinding } from './cause.ts';
import type { MismatchPattern, RedactedDifference } from './difference.ts';
import type { Representation, Route, Side, TraceIds } from './exchange.ts';

export const VERDICT_KINDS = [
  'match',
  'settled',
  'mismatch',
  'unstable',
  'twin_error',
  'twin_timeout',
  'skipped',
] as const;

export type VerdictKind = (typeof VERDICT_KINDS)[number];

/** Skipped by choice. `not_a_read`: of a declared route, but what it asks for is a write, or cannot be told. */
export const CHOSEN_SKIPS = ['not_sampled', 'paused', 'loop', 'not_a_read'] as const;

/** Skips without a fault of ours: the client has the answer already (304), or the primary fails. The gate shows their share. */
export const BLAMELESS_SKIPS = ['not_modified', 'primary_error'] as const;

/** Skipped against our will: the gate limits their share. */
const FORCED_SKIPS = [
  'overload',
  'breaker_open',
  'too_large',
  'unsupported_media',
  'bad_encoding',
  'bad_json',
  'bad_utf8',
  'too_deep',
  'partial',
  'client_aborted',
  'verifier_error',
  'shutdown',
] as const;

export type SkipReason =
  | (typeof CHOSEN_SKIPS)[number]
  | (typeof BLAMELESS_SKIPS)[number]
  | (typeof FORCED_SKIPS)[number];

/** Why the twin's answer was of no use. */
const TWIN_FAILURES = [
  'refused',
  'reset',
  'tls',
  'dns',
  'protocol',
  'status_5xx',
  'status_429',
  'oversized',
  'bad_encoding',
  'bad_json',
  'bad_utf8',
  'too_deep',
  'connect_timeout',
  'headers_timeout',
  'body_timeout',
] as const;

export type TwinFailure = (typeof TWIN_FAILURES)[number];

export type VerdictReason = SkipReason | TwinFailure | null;

export interface SideTiming {
  /** Epoch ms when asked. */
  readonly askedAt: number;
  readonly headersMs: number;
  readonly totalMs: number;
  readonly status: number | null;
}

/** One reading again of both sides, after `afterMs` from the first compare. */
export interface Recheck {
  readonly afterMs: number;
  readonly primary: SideTiming | null;
  readonly twin: SideTiming | null;
  readonly agreed: boolean;
}

/** How a read came to us: through the proxy, from a gateway's mirror, or out of a recording. */
export const READ_SOURCES = ['live', 'sink', 'recorded'] as const;

export type ReadSource = (typeof READ_SOURCES)[number];

/** What became of one read; the only thing that leaves the verifier. Free of bodies and of unredacted values. */
export interface Verdict {
  readonly exchangeId: string;
  readonly route: Route;
  readonly served: Side;
  /** Live where it is not said. */
  readonly source?: ReadSource;
  readonly representation: Representation;
  readonly kind: VerdictKind;
  readonly reason: VerdictReason;
  /** Epoch ms when the client's request arrived. */
  readonly at: number;
  readonly trace: TraceIds;
  readonly rulesDigest: string;
  /** `X-Twin-Build` of the twin's answer, where it sent one. */
  readonly twinBuild: string | null;
  /** Query shape: parameter names with value classes, page depth, status class; see routes/shape.ts. */
  readonly shape: string;
  /** Keyed hash of what was asked about (route, parameters, caller) and of the answer's meaning: the units of distinct evidence. */
  readonly entityHash: string;
  readonly answerHash: string;
  /** Keyed hash of the caller, by the credentials; where the route's answers depend on who asks. */
  readonly callerHash?: string;
  /** Names of query parameters that were given and that the route does not declare. */
  readonly undeclared?: readonly string[];
  readonly differences: readonly RedactedDifference[];
  /** How many differences there were before the list was cut. */
  readonly differenceCount: number;
  /** True where a difference lies on a path whose rule is money or identity. */
  readonly fatal: boolean;
  /** The first of its patterns'; null where nothing differs. */
  readonly fingerprint: string | null;
  /** What differs, each place once, the fatal ones first. */
  readonly patterns: readonly MismatchPattern[];
  readonly cause: CauseFinding | null;
  readonly primary: SideTiming | null;
  readonly twin: SideTiming | null;
  readonly compareMs: number;
  readonly rechecks: readonly Recheck[];
  /** Milliseconds until both sides agreed, for `settled`. */
  readonly settleMs: number | null;
  /** A control read: did the primary agree with itself; null where none was made. */
  readonly control: {
    readonly agreed: boolean;
    readonly paths: readonly string[];
    /** Both sides asked at once by the same client code: the pair of timings that compares fairly. */
    readonly timing?: { readonly primary: SideTiming; readonly twin: SideTiming | null };
  } | null;
  /** The client got 304, and both sides were asked without its conditions for this verdict. */
  readonly whole?: boolean;
  /** The request for people: method, target with values redacted, never a header or credential. */
  readonly request: { readonly method: string; readonly target: string };
  /** What replay and recheck need, AES-256-GCM sealed; null without a key. */
  readonly evidence: Uint8Array | null;
  readonly overheadMs: number;
  /** Error text of a `verifier_error` or twin failure, without values. */
  readonly detail: string | null;
}

/** compared = match + settled + mismatch. */
export function isCompared(kind: VerdictKind): boolean {
  return kind === 'match' || kind === 'settled' || kind === 'mismatch';
}
