/** A read before it has an answer, and the gate that admits it. */
import type { ExchangeRequest, RawHeaders, Route, Side, TraceIds } from './exchange.ts';
import type { ReadSource, SkipReason } from './verdict.ts';

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
