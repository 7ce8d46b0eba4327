/** What a dispatcher tells, and its figures. */
import type { SkipReason } from '../types.ts';
import type { FromWorker, JobId, VerdictBody } from '../verifier/protocol.ts';
import type { BreakerState } from './breaker.ts';
import type { RunningVerifier } from './pool.ts';
import type { MirroredRead } from './read.ts';

export interface DispatcherEvents {
  /** The read ends without a worker's verdict. */
  skip(read: MirroredRead, reason: SkipReason, detail: string | null): void;
  verdict(read: MirroredRead, body: VerdictBody, evidence: Uint8Array | null): void;
  /** So many bytes are held that what holds them should end soon. */
  bytesAreShort(): boolean;
  /** More bytes that a read holds from now on; false where there is no room. */
  holdMore(read: MirroredRead, bytes: number): boolean;
  readOf(job: JobId): MirroredRead | undefined;
  ready(digests: Readonly<Record<string, string>>): void;
  /** A worker is gone and will be replaced. */
  lost(why: string): void;
  rechecked(message: Extract<FromWorker, { type: 'rechecked' }>): void;
}

/** `off`: without a twin nothing is verified. */
export type VerifierState = RunningVerifier | 'off';

export interface DispatcherFigures {
  readonly verifier: VerifierState;
  /** Why the last worker was lost, where the verifier has failed; else null. */
  readonly verifierError: string | null;
  readonly queued: number;
  /** Requests to the twin: allowed at once right now, and out right now. */
  readonly twinConcurrency: { readonly limit: number; readonly ceiling: number; readonly inUse: number };
  readonly breaker: BreakerState;
  readonly breakerOpened: number;
  /** What of the twin is not asked right now: `everything`, or a route and its kind of failure. */
  readonly breakerParts: readonly string[];
  /** Requests to either side that were sent again, since their kept connection was reset before it brought anything. */
  readonly resent: number;
  /** Reads whose client got 304, for which both sides were asked without its conditions. */
  readonly askedWhole: number;
  /** Matches that the workers knew from their memory. */
  readonly remembered: number;
  /** Pairs that wait for leave to be read again. */
  readonly waitingToReadAgain: number;
  readonly workers: { readonly running: number; readonly replaced: number; readonly lastDeath: string | null };
}
