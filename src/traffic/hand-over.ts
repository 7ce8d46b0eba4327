/** One read that did not pass through us: the primary is asked by our own client code, then it is a read as any other. */
import { whyNoRead } from '../api/reads.ts';
import type { Answer, ExchangeRequest, IncomingRead, ReadGate, TraceIds } from '../types.ts';

export type PrimaryAnswer =
  | { readonly ok: true; readonly answer: Answer }
  /** `detail` is free of values. */
  | { readonly ok: false; readonly detail: string; readonly oversized: boolean };

/** Asks the primary once, by its own deadlines; never rejects. */
export type FetchPrimary = (request: ExchangeRequest, trace: TraceIds) => Promise<PrimaryAnswer>;

/**
 * Offers the read to the gate and, where it is taken, asks the primary for the answer. Resolves when the exchange is
 * handed over or dropped; the verdict comes by the gate's own way. Returns what kept the primary from answering.
 */
export async function handOver(
  read: IncomingRead,
  body: Uint8Array | null,
  gate: ReadGate,
  fetchPrimary: FetchPrimary,
): Promise<string | null> {
  const admission = gate.admit(read);
  if (admission === null) return null;
  // A GET with content has no meaning that both sides share (RFC 9110 section 9.3.1).
  if (body !== null && body.length > 0 && read.method !== 'POST') {
    admission.skip('unsupported_media');
    return null;
  }
  const request: ExchangeRequest = {
    method: read.method,
    target: read.target,
    rawHeaders: read.rawHeaders,
    body: read.method === 'POST' ? (body ?? new Uint8Array(0)) : null,
  };
  // Before the primary is asked: what passed the client's own way has been done there already.
  if (whyNoRead(read.route, request) !== null) {
    admission.skip('not_a_read');
    return null;
  }
  const held = admission.hold(request.body?.length ?? 0);
  if (held !== 'held') {
    admission.skip(held);
    return null;
  }
  const result = await fetchPrimary(request, read.trace);
  if (!result.ok) {
    admission.skip(result.oversized ? 'too_large' : 'primary_error');
    return result.detail;
  }
  const { status, rawHeaders, body: content, askedAt, headersMs, totalMs } = result.answer;
  const room = admission.hold(content.length);
  if (room !== 'held') {
    admission.skip(room);
    return null;
  }
  admission.complete(request, { status, rawHeaders, chunks: [content], askedAt, headersMs, totalMs, overheadMs: 0 });
  return null;
}
