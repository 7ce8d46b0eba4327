/** What can be done with sealed evidence later: ask both sides once more, or judge the kept answers by other rules. */

import { whyNoRead } from '../api/reads.ts';
import { ShadowError } from '../errors.ts';
import type { CompareResult, IdPairs } from '../rules/rule.ts';
import type { Exchange, RawHeaders, Verdict } from '../types.ts';
import { type ReadAnswer, readAnswer } from './answers.ts';
import { askedOrigins } from './comparing.ts';
import { readingOf } from './reading.ts';
import type { Evidence, KeptAnswer } from './sealed-pair.ts';
import type { VerifiedRoute } from './table.ts';
import type { VerifierParts } from './verifier-parts.ts';
import { Verifier } from './verify.ts';

/** Decoded bodies are kept, so no coding is left to undo and no limit applies that did not apply before. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * Asks both sides now, with the same rules, re-reads and search for the cause as any read. `credentials`: the caller's
 * fields, which are never kept. @throws ShadowError SHADOW_REFUSED where the answer depends on them and they are gone,
 * SHADOW_PRIMARY where the primary does not answer
 */
export async function recheck(evidence: Evidence, parts: VerifierParts, credentials: RawHeaders): Promise<Verdict> {
  const route = parts.table.get(evidence.route.key);
  if (route === undefined) {
    throw new ShadowError('SHADOW_ROUTE', 'the route of this read is no longer in the table', {
      actual: evidence.route.key,
      exit: 2,
    });
  }
  if (evidence.withoutCredentials && credentials.length === 0 && route.entry.access !== 'public') {
    throw new ShadowError('SHADOW_REFUSED', 'the answer depends on who asks, and callers’ credentials are not kept', {
      expected: 'the process that saw the read, while it remembers the caller',
      exit: 2,
    });
  }
  const why = whyNoRead(route.entry, evidence.request);
  if (why !== null) {
    throw new ShadowError('SHADOW_REFUSED', 'only reads are asked again', { actual: why, exit: 2 });
  }
  const request = { ...evidence.request, rawHeaders: [...evidence.request.rawHeaders, ...credentials] };
  const at = Date.now();
  const unanswered: Exchange = {
    id: evidence.exchangeId,
    route: evidence.route,
    served: 'primary',
    request,
    answer: { status: 0, rawHeaders: [], body: new Uint8Array(0), askedAt: at, headersMs: 0, totalMs: 0 },
    trace: evidence.trace,
    overheadMs: 0,
  };
  // A person wants it looked at, whatever is remembered.
  const verifier = new Verifier({ ...parts, memory: null });
  const reading = readingOf(unanswered, route, evidence.representation);
  const { result } = await verifier.sides.readSide(reading, 'primary', null);
  if (!result.ok) {
    throw new ShadowError('SHADOW_PRIMARY', 'the primary does not answer', { actual: result.detail, exit: 2 });
  }
  const exchange: Exchange = { ...unanswered, answer: result.answer };
  const { body, evidence: sealed } = await verifier.verify(
    { exchange, representation: evidence.representation, control: false },
    { requestEnded: () => undefined, readAgain: () => Promise.resolve(true) },
  );
  const { id, served, trace } = exchange;
  return { ...body, exchangeId: id, route: evidence.route, served, trace, at, overheadMs: 0, evidence: sealed };
}

/** Offline: compares the pair that was read last. `ids` must know the ids in the pair. */
export async function replay(evidence: Evidence, route: VerifiedRoute, ids: IdPairs): Promise<CompareResult> {
  const pair = evidence.pairs.at(-1);
  if (pair === undefined) throw new ShadowError('SHADOW_NOT_FOUND', 'the evidence has no answers', { exit: 2 });
  const head = evidence.request.method === 'HEAD';
  const primary = await readKept(pair.primary, head, route, null);
  const twin = await readKept(pair.twin, head, route, primary);
  const exchange: Exchange = {
    id: evidence.exchangeId,
    route: evidence.route,
    served: evidence.served,
    request: evidence.request,
    answer: { status: 0, rawHeaders: [], body: new Uint8Array(0), askedAt: 0, headersMs: 0, totalMs: 0 },
    trace: evidence.trace,
    overheadMs: 0,
  };
  const { params, query } = readingOf(exchange, route, evidence.representation);
  const origins = askedOrigins(evidence.request.rawHeaders);
  return route.compare(primary, twin, { params, query, representation: evidence.representation, ids, origins });
}

async function readKept(
  kept: KeptAnswer,
  head: boolean,
  route: VerifiedRoute,
  beside: ReadAnswer | null,
): Promise<ReadAnswer> {
  const { status, rawHeaders, body, askedAt } = kept;
  const uncoded = rawHeaders.filter((_, i) => rawHeaders[i - (i % 2)]?.toLowerCase() !== 'content-encoding');
  const answer = { status, rawHeaders: uncoded, body, askedAt, headersMs: 0, totalMs: 0 };
  return readAnswer(answer, { limit: NO_LIMIT, head, wanted: route.form, beside });
}
