/**
 * The values that travel, in the order of the flow: Exchange -> Pair -> Difference -> Verdict; and the one value that
 * flows back, Policy. All are frozen or never mutated after they are made.
 */

/** The Mongo-served API is the primary; the Postgres-backed one is the twin. */
export type Side = 'primary' | 'twin';

/** Where a domain stands: not mirrored, mirrored, or served by the twin with the primary shadowed. */
export type Stage = 'off' | 'shadow' | 'flipped';

/** In whose forms the twin was asked to answer: its own (uuid, decimal strings, null) or the primary's. */
export type Representation = 'primary' | 'twin';

/** Node's `rawHeaders`: names and values alternating, spelling, order and repeats as received, latin1. */
export type RawHeaders = readonly string[];

/** A known endpoint as the data plane needs it: no code, only names. `key` is `METHOD pattern`. */
export interface Route {
  readonly key: string;
  readonly method: 'GET' | 'POST';
  readonly pattern: string;
  readonly domain: string;
  /** Which of its requests are reads; without it all are, unless the path ends in /graphql. */
  readonly reads?: Reads;
  /** Path on the twin where that is another, with parameters of the pattern; without it the client's own. */
  readonly twinPath?: string;
}

/** All that is given must hold. */
export interface Reads {
  /** Only GraphQL queries. */
  readonly graphql: boolean;
  /** Ids of persisted GraphQL queries that are reads. */
  readonly persisted: readonly string[];
  /** By JSON pointer into the request's body: the values with which it is a read. */
  readonly body: Readonly<Record<string, readonly (string | number | boolean | null)[]>>;
}

export interface ExchangeRequest {
  /** As received: GET, HEAD, or POST on a route that is declared to be a read. */
  readonly method: string;
  /** Origin-form request target with the query string, byte for byte as the client sent it. */
  readonly target: string;
  readonly rawHeaders: RawHeaders;
  /** Only for POST reads. */
  readonly body: Uint8Array | null;
}

/** One side's answer. `body` holds the content bytes as sent (still in their Content-Encoding). */
export interface Answer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  readonly body: Uint8Array;
  /** Epoch milliseconds when this side was asked. */
  readonly askedAt: number;
  /** Milliseconds from asking to the answer's headers. */
  readonly headersMs: number;
  /** Milliseconds from asking to the last content byte. */
  readonly totalMs: number;
}

/** One request with the serving side's answer, as the tap hands it over. */
export interface Exchange {
  /** Unique over all processes: instance and sequence. */
  readonly id: string;
  readonly route: Route;
  /** Which side answered the client: `primary` in stage shadow, `twin` for flipped reads. */
  readonly served: Side;
  readonly request: ExchangeRequest;
  readonly answer: Answer;
  /** W3C trace context of the read: the client's trace continued, or a new one. */
  readonly trace: TraceIds;
  /** Milliseconds that the proxy itself added before asking the primary and after its headers. */
  readonly overheadMs: number;
}

export interface TraceIds {
  /** 32 hex digits. */
  readonly traceId: string;
  /** The client's span id (16 hex digits), where the request carried a valid traceparent. */
  readonly parentSpanId: string | null;
  /** Span id of `shadow.read`, decided at the start so that it can be handed on. */
  readonly spanId: string;
  /** Span id of the `twin` span: the other side is asked with it in `traceparent`. */
  readonly twinSpanId: string;
  /** The client's sampled flag; true where there was no traceparent. */
  readonly sampled: boolean;
}

// ---------------------------------------------------------------------------------------------------- differences

export type DifferenceKind = 'missing' | 'extra' | 'value' | 'type' | 'order' | 'status' | 'header';

/** What sort of wrong a difference is, without the values. */
export type Measure =
  | {
      readonly of: 'number';
      /** twin minus primary, in units of the scale, as a decimal string. */
      readonly delta: string;
      readonly unit: string;
    }
  | { readonly of: 'instant' /** twin minus primary. */; readonly shiftMs: number }
  | {
      readonly of: 'text';
      readonly how: 'trimmed' | 'case' | 'unicode_form' | 'empty' | 'other';
      readonly lengths: readonly [primary: number, twin: number];
    }
  | { readonly of: 'entity'; readonly how: 'wrong_known' | 'unknown' | 'collision' }
  | { readonly of: 'length'; readonly lengths: readonly [primary: number, twin: number] }
  | { readonly of: 'type'; readonly types: readonly [primary: JsonType, twin: JsonType] }
  | { readonly of: 'status'; readonly statuses: readonly [primary: number, twin: number] }
  | { readonly of: 'moved'; readonly from: number; readonly to: number }
  | { readonly of: 'none' };

export type JsonType = 'absent' | 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** One place where two answers do not mean the same. The values stay inside the verifier's process. */
export interface Difference {
  /** JSON pointer into the primary's body (twin's where the primary has none); `#status` and `#header/<name>` outside the body. */
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly primary: JsonValue | undefined;
  readonly twin: JsonValue | undefined;
  /** Name of the rule that found it: `money`, `ref`, `instant`, … */
  readonly rule: string;
  readonly measure: Measure;
}

/** A value as it may be stored or exported: type, length and keyed hash; the value itself only for paths the config lists. */
export interface RedactedValue {
  readonly type: JsonType;
  /** Characters, elements or keys; null for scalars without a length. */
  readonly length: number | null;
  /** HMAC-SHA256 over the canonical JSON, first 16 hex digits; equal values compare equal within one key. */
  readonly hash: string | null;
  readonly value?: JsonValue;
}

export interface RedactedDifference {
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly rule: string;
  readonly measure: Measure;
  readonly primary: RedactedValue;
  readonly twin: RedactedValue;
}

/**
 * One kind of difference at one place of a route: what an engineer works on. A mismatch has one for each of its places,
 * so that eight causes are eight however they come together.
 */
export interface MismatchPattern {
  /** Stable hash of route, path and kind; `OTHERS` of the route for all beyond its limit of fingerprints. */
  readonly fingerprint: string;
  /** With `*` for array positions and record keys, without values. */
  readonly path: string;
  readonly kind: DifferenceKind;
  /** Rule and measure of the first difference there. */
  readonly rule: string;
  readonly measure: Measure;
  /** The rule is money or identity. */
  readonly fatal: boolean;
}

// ------------------------------------------------------------------------------------------------------- verdicts

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
export const FORCED_SKIPS = [
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
export const TWIN_FAILURES = [
  'refused',
  'reset',
  'tls',
  'dns',
  'protocol',
  'status_5xx',
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

export const CAUSES = ['known_gap', 'missing_row', 'extra_row', 'data_drift', 'twin_logic', 'unknown'] as const;
export type Cause = (typeof CAUSES)[number];

/**
 * What an engineer repairs. All mismatches that come of one stored fact are one fault, whatever routes show it; those
 * that the rows do not explain are one fault for each route and fingerprint.
 */
export interface Fault {
  /** 12 hex digits, the same for the same fact wherever it is seen. */
  readonly id: string;
  readonly cause: Cause;
  /** Where the stored fact lives; the route's domain where no row is to blame. */
  readonly domain: string;
  /** Null where no row is to blame. */
  readonly collection: string | null;
  /** ObjectId, 24 hex digits, or the text that is the document's `_id`. */
  readonly entity: string | null;
  /** Dotted path in the document; null where it is the row as a whole. */
  readonly field: string | null;
  /** Null where a row is to blame. */
  readonly route: string | null;
  readonly fingerprint: string | null;
  /** How document and row differ, or the answers; null where there is only one of the two. */
  readonly sample: Pick<MismatchPattern, 'path' | 'kind' | 'rule' | 'measure'> | null;
  /** Money, an identity, or a whole row. */
  readonly fatal: boolean;
}

export interface CauseFinding {
  readonly cause: Cause;
  /** What explains the differences; absent in verdicts from before there were faults. */
  readonly faults?: readonly Fault[];
  /** The rows it was found by; fields that differ, redacted; what could not be looked up. */
  readonly entities: readonly CauseEntity[];
  readonly note: string | null;
}

export interface CauseEntity {
  readonly collection: string;
  /** ObjectId, 24 hex digits. */
  readonly mongoId: string;
  readonly uuid: string | null;
  readonly state: 'gap' | 'missing' | 'extra' | 'drift' | 'same' | 'unreadable';
  readonly fields: readonly RedactedDifference[];
}

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

/** A path of reads that no route matches. */
export interface UnknownPath {
  /** `/v2/refunds/*`; `*` is what may be a value. */
  readonly path: string;
  /** Reads, at most `atMostTooMany` of them of rarer paths. */
  readonly count: number;
  readonly atMostTooMany: number;
  /** The closest route, and what differs from it; null if none is close. */
  readonly near: { readonly route: string; readonly differs: string } | null;
}

export interface UnknownReads {
  readonly reads: number;
  /** The most frequent first. */
  readonly paths: readonly UnknownPath[];
}

// --------------------------------------------------------------------------------------------------------- policy

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

// ------------------------------------------------------------------------------------- between proxy and mirror

/** A read as the proxy sees it arrive, before anything is sent on. */
export interface IncomingRead {
  readonly route: Route;
  readonly served: Side;
  /** Live where it is not said. */
  readonly source?: ReadSource;
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: RawHeaders;
  readonly trace: TraceIds;
  /** Epoch ms of arrival. */
  readonly at: number;
}

/** What the proxy asks of the mirror. Neither call may wait, throw, or touch a body. */
export interface ReadGate {
  /**
   * Counts the read as seen. Returns null where it was skipped at once (counted with its reason), else the admission
   * that must end in exactly one of `complete` and `skip`.
   */
  admit(read: IncomingRead): Admission | null;
}

export interface Admission {
  /** Asks to hold so many more bytes of this answer. Anything but `held`: release all chunks and call `skip` with it. */
  hold(bytes: number): 'held' | 'overload' | 'too_large';
  /** The answer came to its end: hand over the references to its chunks. Never copies on the caller's time. */
  complete(request: ExchangeRequest, answer: CompletedAnswer): void;
  skip(reason: SkipReason): void;
}

export interface CompletedAnswer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  readonly chunks: readonly Uint8Array[];
  readonly askedAt: number;
  readonly headersMs: number;
  readonly totalMs: number;
  readonly overheadMs: number;
}

/** Who answers this read: decided from the policy, the caller and the guards of a flipped domain. */
export type ServeDecision = (read: Omit<IncomingRead, 'served'>) => Side;
