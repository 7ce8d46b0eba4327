/** The one judgement on what two sides did, where a pair cannot be compared: whose failure it is, whoever served. */
import type { TwinFailure } from '../types.ts';
import type { RequestOutcome } from './protocol.ts';
import type { SideResult } from './side-client.ts';

export type PairFailure =
  | { readonly end: 'primary_failed'; readonly detail: string }
  | { readonly end: 'twin_failed'; readonly failure: TwinFailure; readonly timeout: boolean; readonly detail: string };

/** Statuses by which a primary, or what stands before it, says that it is in trouble and not what the answer is. */
const TROUBLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

export function isInTrouble(status: number): boolean {
  return TROUBLE.has(status);
}

/** Says that it was asked too often, and nothing of the question. */
const TOO_MANY = 429;

type Answered = { readonly ok: true; readonly answer: { readonly status: number } };
type Side = Answered | Extract<SideResult, { ok: false }>;

/**
 * Null where the two can be compared. The primary's trouble is never the twin's fault; 5xx of the twin, and 429, is its
 * failure where the primary has an answer; 5xx on both sides tells nothing about either.
 */
export function pairFailure(primary: Side, twin: Side): PairFailure | null {
  if (!primary.ok) return { end: 'primary_failed', detail: primary.detail };
  const { status } = primary.answer;
  if (isInTrouble(status)) return { end: 'primary_failed', detail: `status ${status}` };
  if (!twin.ok) {
    const { failure, timeout, detail } = twin;
    return { end: 'twin_failed', failure, timeout, detail };
  }
  if (twin.answer.status === TOO_MANY)
    return { end: 'twin_failed', failure: 'status_429', timeout: false, detail: 'status 429: a limit of requests' };
  if (twin.answer.status < 500) return null;
  if (status >= 500)
    return { end: 'primary_failed', detail: `status ${status}, and ${twin.answer.status} of the twin` };
  return { end: 'twin_failed', failure: 'status_5xx', timeout: false, detail: `status ${twin.answer.status}` };
}

/**
 * What the outcome of a request tells about the health of a side. 5xx is a failure only if the other side has an answer; a
 * side that says 429 is to be left alone for a while.
 */
export function outcomeOf(result: SideResult, otherStatus: number | null): RequestOutcome {
  if (result.ok && result.answer.status === TOO_MANY) return 'status_429';
  if (result.ok) return result.answer.status >= 500 && (otherStatus ?? 200) < 500 ? 'status_5xx' : 'ok';
  switch (result.failure) {
    case 'refused':
    case 'dns':
    case 'tls':
    case 'connect_timeout':
      return 'connection';
    case 'reset':
      return 'reset';
    case 'headers_timeout':
    case 'body_timeout':
      return 'timeout';
    case 'protocol':
      return 'protocol';
    case 'status_5xx':
    case 'status_429':
      return result.failure;
    case 'oversized':
    case 'bad_encoding':
    case 'bad_json':
    case 'bad_utf8':
    case 'too_deep':
      return 'ok';
  }
}
