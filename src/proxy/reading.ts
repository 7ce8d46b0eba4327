/** What makes a passage a read: its route, its side, and its admission to being verified. */
import type { Side, SkipReason } from '../types.ts';
import { originForm, type Passage } from './passage.ts';
import { Tap } from './tap.ts';
import { traceOf } from './trace-context.ts';

/** Finds route and side. Unknown routes and writes stay with the primary and are never offered. */
export function recognize(passage: Passage): void {
  const { front, method } = passage;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return;
  try {
    passage.route = front.options.match(method, passage.target);
  } catch (thrown) {
    front.fault('match', thrown);
  }
  if (passage.route === null) return;
  if (passage.fields.shadowRead) {
    front.claims.count(passage.client.remoteAddress ?? '', passage.caller, passage.loop);
  }
  passage.trace = traceOf(passage.fields.traceparent);
  if (front.twin === null || front.options.serve === null || passage.loop) return;
  // Whether an upgrade is taken is the primary's to say.
  if (passage.held !== null && passage.held.offered.length > 0) return;
  const read = passage.read('primary');
  if (read === null) return;
  try {
    passage.side = front.options.serve(read);
  } catch (thrown) {
    front.fault('serve', thrown);
  }
}

/** Offers the read to the gate, once, as served by this side. */
export function offer(passage: Passage, served: Side): void {
  if (passage.offered) return;
  passage.offered = true;
  const read = passage.read(served);
  if (read === null) return;
  const { front } = passage;
  try {
    const admission = front.options.gate.admit(read);
    if (admission === null) return;
    passage.tap = new Tap(admission, front.fault);
  } catch (thrown) {
    front.fault('gate.admit', thrown);
    return;
  }
  // A GET with content has no meaning that both sides share (RFC 9110 section 9.3.1).
  if (passage.fields.hasBody && passage.method !== 'POST') passage.tap.skip('unsupported_media');
}

/** Skips the read for this reason, unless it has ended; a read that our own shutdown cuts is `shutdown`. */
export function letGo(passage: Passage, reason: SkipReason): void {
  if (!passage.offered) offer(passage, passage.side);
  passage.tap?.skip(passage.front.cutting ? 'shutdown' : reason);
}

/** Why the head alone excludes an answer; null where it does not. For an answer without content the mirror decides. */
export function verdictOfHead(status: number, contentType: string | undefined): SkipReason | null {
  if (status === 206) return 'partial';
  // An event stream has no end to wait for.
  return isEventStream(contentType) ? 'unsupported_media' : null;
}

export function isEventStream(contentType: string | undefined): boolean {
  return contentType !== undefined && /^\s*text\/event-stream/i.test(contentType);
}

/** The answer has come to its end: hands its chunks over. */
export function completeRead(passage: Passage): void {
  const { tap, head } = passage;
  if (tap === null || !tap.open || head === null) return;
  // What of the question is still on its way, the primary has not answered: the twin would be asked something else.
  if (passage.fields.hasBody && !passage.request.readableEnded) {
    tap.skip('partial');
    return;
  }
  const body = passage.bodyChunks;
  tap.complete(
    {
      method: passage.method,
      target: originForm(passage.target),
      rawHeaders: passage.rawHeaders,
      body: body === null ? null : body.length === 1 ? (body[0] ?? null) : Buffer.concat(body),
    },
    {
      status: head.status,
      rawHeaders: head.rawHeaders,
      askedAt: passage.askedAt,
      headersMs: passage.headersMs,
      totalMs: passage.totalMs,
      overheadMs: passage.overheadMs,
    },
  );
}
