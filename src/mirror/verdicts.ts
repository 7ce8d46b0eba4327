import type { IncomingRead, SkipReason, Verdict } from '../types.ts';
import type { VerdictBody } from '../verifier/protocol.ts';

const NONE: readonly never[] = Object.freeze([]);

/** The verdict of a read that was never compared; of its target only the pattern is shown. */
export function skippedVerdict(
  read: IncomingRead,
  exchangeId: string,
  reason: SkipReason,
  more: { readonly rulesDigest: string; readonly overheadMs: number; readonly detail: string | null },
): Verdict {
  return Object.freeze({
    exchangeId,
    route: read.route,
    served: read.served,
    source: read.source ?? 'live',
    representation: 'primary',
    kind: 'skipped',
    reason,
    at: read.at,
    trace: read.trace,
    rulesDigest: more.rulesDigest,
    twinBuild: null,
    shape: '',
    entityHash: '',
    answerHash: '',
    differences: NONE,
    differenceCount: 0,
    fatal: false,
    fingerprint: null,
    patterns: [],
    cause: null,
    primary: null,
    twin: null,
    compareMs: 0,
    rechecks: NONE,
    settleMs: null,
    control: null,
    request: Object.freeze({ method: read.method, target: read.route.pattern }),
    evidence: null,
    overheadMs: more.overheadMs,
    detail: more.detail,
  });
}

/** The verdict of a worker, with what only the main thread knows of the read. */
export function fullVerdict(
  body: VerdictBody,
  read: IncomingRead,
  exchangeId: string,
  overheadMs: number,
  evidence: Uint8Array | null,
): Verdict {
  const { job: _job, ...said } = body;
  return deepFreeze({
    ...said,
    exchangeId,
    route: read.route,
    served: read.served,
    source: read.source ?? 'live',
    at: read.at,
    trace: read.trace,
    evidence,
    overheadMs,
  });
}

/** Freezes plain data all the way down; bytes cannot be frozen and are left. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
