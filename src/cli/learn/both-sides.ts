/**
 * Asks both sides for the pairs that are learned from. A pair that would end what held so far is asked again, as a read
 * that raced a write would do so too; what still differs then counts.
 */
import { createHash, randomBytes } from 'node:crypto';
import { whyNoRead } from '../../api/reads.ts';
import { callerKeyOf } from '../../base/caller.ts';
import { strictEqual } from '../../rules/engine/strict.ts';
import type { Learner, SeenAnswer, SeenPair } from '../../traffic/learn/learner.ts';
import type { RawHeaders, Side, TraceIds } from '../../types.ts';
import { comparedBody, type ReadAnswer, readAnswer } from '../../verifier/answers.ts';
import type { CredentialsFor } from '../../verifier/credentials.ts';
import { type HeaderChanges, headersFor } from '../../verifier/headers.ts';
import type { SideClient } from '../../verifier/side-client.ts';

/** A read to ask both sides for. */
export interface LearnRequest {
  readonly method: 'GET' | 'POST';
  /** Origin form, with the query. */
  readonly target: string;
  readonly rawHeaders: RawHeaders;
  readonly body: Uint8Array | null;
}

export interface BothSidesOptions {
  readonly clients: Readonly<Record<Side, SideClient>>;
  readonly headers: Readonly<Partial<Record<Side, HeaderChanges>>>;
  /** Where the twin has what the primary has at this target. */
  readonly twinTarget: (method: string, target: string) => string;
  /** Fields to ask the twin with; null: the client's own. */
  readonly credentials: CredentialsFor | null;
  readonly learner: Learner;
  /** Reads asked of both sides at once. */
  readonly concurrency: number;
  /** Reads that may wait; more are dropped and counted. */
  readonly queue: number;
  readonly bodyBytes: number;
  /** Pauses before a pair is asked again, ms. */
  readonly pausesMs: readonly number[];
  /** Share of pairs whose primary is asked twice, to know its noise. */
  readonly again: number;
  readonly random: () => number;
}

export interface BothSidesCounts {
  readonly asked: number;
  readonly dropped: number;
  /** Of a path whose POST is a read: writes (GraphQL's mutations), or what cannot be told. */
  readonly noReads: number;
  /** By side and reason: `twin: refused`. */
  readonly failed: Readonly<Record<string, number>>;
  readonly waiting: number;
}

export class BothSides {
  readonly #options: BothSidesOptions;
  readonly #waiting: LearnRequest[] = [];
  readonly #failed = new Map<string, number>();
  #running = 0;
  #pairsSent = 0;
  #dropped = 0;
  #noReads = 0;
  #room: (() => void)[] = [];
  #idle: (() => void)[] = [];

  constructor(options: BothSidesOptions) {
    this.#options = options;
  }

  /** Takes a read where there is room for it; false: it is dropped and counted, and so is what proves to be no read. */
  offer(request: LearnRequest): boolean {
    const [pattern = ''] = request.target.split('?');
    if (whyNoRead({ pattern }, request) !== null) {
      this.#noReads += 1;
      return false;
    }
    if (this.#waiting.length >= this.#options.queue) {
      this.#dropped += 1;
      return false;
    }
    this.#waiting.push(request);
    this.#next();
    return true;
  }

  /** Takes a read as soon as there is room for it. */
  async put(request: LearnRequest): Promise<void> {
    while (this.#waiting.length >= this.#options.queue) {
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
    this.offer(request);
  }

  /** Resolves when nothing waits and nothing is being asked. */
  async drained(): Promise<void> {
    while (this.#running > 0 || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  counts(): BothSidesCounts {
    return {
      asked: this.#pairsSent,
      dropped: this.#dropped,
      noReads: this.#noReads,
      failed: Object.fromEntries(this.#failed),
      waiting: this.#waiting.length + this.#running,
    };
  }

  #next(): void {
    while (this.#running < this.#options.concurrency) {
      const request = this.#waiting.shift();
      if (request === undefined) return;
      this.#running += 1;
      for (const resolve of this.#room.splice(0)) resolve();
      void this.#learn(request).finally(() => {
        this.#running -= 1;
        this.#next();
        if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
      });
    }
  }

  async #learn(request: LearnRequest): Promise<void> {
    const { learner, pausesMs, again, random } = this.#options;
    for (let round = 0; ; round++) {
      const last = round === pausesMs.length;
      let pair = await this.#pairOf(request, round > 0 || random() < again);
      let seen = pair === null ? null : learner.see(pair);
      if (seen?.wantsAgain === true) {
        pair = await this.#pairOf(request, true);
        seen = pair === null ? null : learner.see(pair);
      }
      if (pair === null || seen === null) return;
      const moved = pair.again !== null && !strictEqual(pair.primary.body, pair.again.body);
      if (seen.ends === 0 || last) {
        // A primary that has moved in between says nothing against a rule, unless it never holds still.
        if (!(moved && seen.ends > 0 && round === 0)) {
          seen.keep();
          return;
        }
      }
      seen.retry();
      await new Promise((resolve) => setTimeout(resolve, pausesMs[round]));
    }
  }

  async #pairOf(request: LearnRequest, twice: boolean): Promise<SeenPair | null> {
    const trace = newTrace();
    const [primary, twin] = await Promise.all([
      this.#fetch('primary', request, trace),
      this.#fetch('twin', request, trace),
    ]);
    this.#pairsSent += 1;
    if (primary === null || twin === null) return null;
    const mine = await this.#read(primary, null);
    const its = await this.#read(twin, mine);
    const second = twice ? await this.#fetch('primary', request, trace) : null;
    return {
      method: request.method,
      target: request.target,
      caller: callerOf(request.rawHeaders),
      primary: seenOf(mine),
      twin: seenOf(its),
      again: second === null ? null : seenOf(await this.#read(second, mine)),
    };
  }

  async #fetch(side: Side, { method, target, rawHeaders, body }: LearnRequest, trace: TraceIds) {
    const client = this.#options.clients[side];
    const own = side === 'twin' ? await this.#options.credentials?.({ method, target, rawHeaders, body }) : undefined;
    const given = this.#options.headers[side] ?? {};
    const changes = own === undefined ? given : { ...given, set: { ...given.set, ...own } };
    const headers = headersFor(side, rawHeaders, trace, 'twin', client.host, changes);
    const sentTarget = side === 'twin' ? this.#options.twinTarget(method, target) : target;
    const result = await client.fetch({ method, target: sentTarget, headers, body });
    // 429 says that it was asked too often, and nothing of the question.
    const isUseless = result.ok && (result.answer.status === 429 || (side === 'twin' && result.answer.status >= 500));
    if (result.ok && !isUseless) return result.answer;
    const why = `${side}: ${result.ok ? `status ${result.answer.status}` : result.failure}`;
    this.#failed.set(why, (this.#failed.get(why) ?? 0) + 1);
    return null;
  }

  async #read(answer: Parameters<typeof readAnswer>[0], beside: ReadAnswer | null): Promise<ReadAnswer> {
    return readAnswer(answer, {
      limit: this.#options.bodyBytes,
      head: false,
      beside,
    });
  }
}

function seenOf(answer: ReadAnswer): SeenAnswer {
  return { status: answer.status, rawHeaders: answer.rawHeaders, body: comparedBody(answer) };
}

/** A hash for each caller; null for a caller that cannot be identified. */
function callerOf(headers: RawHeaders): string | null {
  const key = callerKeyOf(headers);
  return key === '' ? null : createHash('sha256').update(key).digest('base64').slice(0, 16);
}

function newTrace(): TraceIds {
  const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
  return { traceId: hex(16), parentSpanId: null, spanId: hex(8), twinSpanId: hex(8), sampled: false };
}
