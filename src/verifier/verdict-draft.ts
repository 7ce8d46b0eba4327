/** A verdict while it is made. */
import type {
  CauseFinding,
  MismatchPattern,
  Recheck,
  RedactedDifference,
  Side,
  SideTiming,
  TwinFailure,
  Verdict,
  VerdictKind,
  VerdictReason,
} from '../types.ts';
import type { ReadAnswer, skipOf } from './answers.ts';
import type { PairFailure } from './failed-pair.ts';
import type { Match } from './memory.ts';

/** What has been learnt of a read so far; grows while it is verified. */
export interface VerdictDraft {
  kind: VerdictKind;
  reason: VerdictReason;
  detail: string | null;
  primary: ReadAnswer | null;
  twin: ReadAnswer | null;
  /** Timing of a twin that failed, where there is no answer to tell it. */
  twinTiming: SideTiming | null;
  primaryTiming: SideTiming | null;
  compareMs: number;
  differences: readonly RedactedDifference[];
  differenceCount: number;
  fatal: boolean;
  fingerprint: string | null;
  patterns: readonly MismatchPattern[];
  cause: CauseFinding | null;
  rechecks: Recheck[];
  settleMs: number | null;
  control: Verdict['control'];
  /** Both sides were asked without the conditions of a client that got 304. */
  whole: boolean;
  /** What the two answers say by themselves: told while they were at hand, or remembered. */
  said: Match | null;
  /** The pair was known to match. */
  remembered: boolean;
  /** As what this match is remembered, under which state of the id pairs. */
  rememberAs: { readonly key: string; readonly ids: number } | null;
}

export function emptyDraft(): VerdictDraft {
  return {
    kind: 'skipped',
    reason: 'verifier_error',
    detail: null,
    primary: null,
    twin: null,
    twinTiming: null,
    primaryTiming: null,
    compareMs: 0,
    differences: [],
    differenceCount: 0,
    fatal: false,
    fingerprint: null,
    patterns: [],
    cause: null,
    rechecks: [],
    settleMs: null,
    control: null,
    whole: false,
    said: null,
    remembered: false,
    rememberAs: null,
  };
}

/** The pair has no two answers to compare. */
export function endWith(found: VerdictDraft, failure: PairFailure): void {
  if (failure.end === 'primary_failed') {
    skipWith(found, 'primary_error', failure.detail);
    return;
  }
  found.kind = failure.timeout ? 'twin_timeout' : 'twin_error';
  found.reason = failure.failure;
  found.detail = failure.detail;
}

/** The twin’s answer is of no use. */
export function failWith(found: VerdictDraft, failure: TwinFailure, detail: string): void {
  found.kind = 'twin_error';
  found.reason = failure;
  found.detail = detail;
}

/** It is not compared, and that is nobody’s mismatch. */
export function skipWith(
  found: VerdictDraft,
  reason: 'not_a_read' | 'not_modified' | 'overload' | 'primary_error' | ReturnType<typeof skipOf>,
  detail: string | null,
): void {
  found.kind = 'skipped';
  found.reason = reason;
  found.detail = detail;
}

export function noteTiming(found: VerdictDraft, side: Side, timing: SideTiming): void {
  if (side === 'primary') found.primaryTiming = timing;
  else found.twinTiming = timing;
}
