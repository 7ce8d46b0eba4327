/** Jobs on their way to a worker: heads as JSON, field lists once each, and all bytes in one buffer that changes hands. */
import type { RawHeaders, Representation, Side } from '../types.ts';
import type { Job, JobId } from './protocol.ts';

export interface Batch {
  readonly heads: string;
  readonly bytes: ArrayBuffer;
}

interface Head {
  readonly j: JobId;
  readonly x: string;
  readonly r: readonly [key: string, method: 'GET' | 'POST', pattern: string, domain: string];
  readonly v: Side;
  readonly m: string;
  readonly t: string;
  /** The request's fields, by their place among those of the batch. */
  readonly h: number;
  /** Bytes of the request's body; -1 without one. */
  readonly q: number;
  readonly s: number;
  /** The answer's fields, likewise. */
  readonly a: number;
  /** Bytes of the answer's body. */
  readonly n: number;
  readonly w: readonly [askedAt: number, headersMs: number, totalMs: number, overheadMs: number];
  readonly c: readonly [
    traceId: string,
    parentSpanId: string | null,
    spanId: string,
    twinSpanId: string,
    sampled: boolean,
  ];
  readonly p: Representation;
  readonly k: boolean;
  readonly o: boolean;
}

interface Heads {
  readonly fields: readonly RawHeaders[];
  readonly heads: readonly Head[];
}

/** Field lists, each once: those of one caller, or of one kind of answer, are alike. */
class SaidOnce {
  readonly all: RawHeaders[] = [];
  readonly #places = new Map<string, number>();

  placeOf(fields: RawHeaders): number {
    const text = fields.join('\n');
    const known = this.#places.get(text);
    // What came out of a recording may hold line breaks, so that two lists print alike.
    if (known !== undefined && isAlike(fields, this.all[known] ?? [])) return known;
    this.#places.set(text, this.all.length);
    return this.all.push(fields) - 1;
  }
}

function isAlike(fields: RawHeaders, others: RawHeaders): boolean {
  return fields.length === others.length && fields.every((text, i) => text === others[i]);
}

/** A job whose answer's body still lies in the chunks that the tap kept. */
export interface JobOfChunks extends Job {
  readonly chunks: readonly Uint8Array[];
}

/** Copies all bodies, once, into one buffer to be transferred. */
export function encodeBatch(jobs: readonly JobOfChunks[]): Batch {
  let total = 0;
  for (const { exchange, chunks } of jobs) {
    total += exchange.request.body?.length ?? 0;
    for (const chunk of chunks) total += chunk.length;
  }
  const bytes = new ArrayBuffer(total);
  const view = new Uint8Array(bytes);
  let at = 0;
  const heads: Head[] = [];
  const fields = new SaidOnce();
  for (const job of jobs) {
    const { route, request, answer, trace } = job.exchange;
    if (request.body !== null) {
      view.set(request.body, at);
      at += request.body.length;
    }
    const start = at;
    for (const chunk of job.chunks) {
      view.set(chunk, at);
      at += chunk.length;
    }
    heads.push({
      j: job.id,
      x: job.exchange.id,
      r: [route.key, route.method, route.pattern, route.domain],
      v: job.exchange.served,
      m: request.method,
      t: request.target,
      h: fields.placeOf(request.rawHeaders),
      q: request.body === null ? -1 : request.body.length,
      s: answer.status,
      a: fields.placeOf(answer.rawHeaders),
      n: at - start,
      w: [answer.askedAt, answer.headersMs, answer.totalMs, job.exchange.overheadMs],
      c: [trace.traceId, trace.parentSpanId, trace.spanId, trace.twinSpanId, trace.sampled],
      p: job.representation,
      k: job.control,
      o: job.whole,
    });
  }
  return { heads: JSON.stringify({ fields: fields.all, heads }), bytes };
}

/** The jobs of a batch; their bodies are views into its one buffer. */
export function decodeBatch(batch: Batch): Job[] {
  const { fields, heads }: Heads = JSON.parse(batch.heads);
  let at = 0;
  return heads.map((head) => {
    const take = (length: number): Uint8Array => {
      const part = new Uint8Array(batch.bytes, at, length);
      at += length;
      return part;
    };
    const body = head.q < 0 ? null : take(head.q);
    const [key, method, pattern, domain] = head.r;
    const [askedAt, headersMs, totalMs, overheadMs] = head.w;
    const [traceId, parentSpanId, spanId, twinSpanId, sampled] = head.c;
    return {
      id: head.j,
      representation: head.p,
      control: head.k,
      whole: head.o,
      exchange: {
        id: head.x,
        route: { key, method, pattern, domain },
        served: head.v,
        request: { method: head.m, target: head.t, rawHeaders: fields[head.h] ?? [], body },
        answer: { status: head.s, rawHeaders: fields[head.a] ?? [], body: take(head.n), askedAt, headersMs, totalMs },
        trace: { traceId, parentSpanId, spanId, twinSpanId, sampled },
        overheadMs,
      },
    };
  });
}
