/**
 * Asks the questions of recorded traffic within the limits of concurrency and rate. A question that found no room is asked
 * again. It ends when all are judged, when it is stopped, or when one side is gone.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingRead, ReadGate, TraceIds, Verdict } from '../types.ts';
import { type FetchPrimary, handOver } from './hand-over.ts';
import type { Question } from './question.ts';
import { Refused } from './refused.ts';

export interface RunOptions {
  readonly gate: ReadGate;
  readonly fetchPrimary: FetchPrimary;
  /** Reads that wait for the twin right now. */
  readonly queued: () => number;
  /** What the twin's breaker lets nobody ask right now: `everything`, or routes and callers. */
  readonly refusing: () => readonly string[];
  /** Requests to the primary at once, and pairs that may wait for the twin. */
  readonly concurrency: number;
  /** Questions a second; null without a limit. */
  readonly perSecond: number | null;
  /** The fields a question is asked with. */
  readonly fieldsOf: (question: Question) => readonly string[];
  /** Called once for each question, with the verdict that counts. */
  readonly onJudged: (question: Question, verdict: Verdict, primaryDetail: string | null) => void;
  /** Told when a question is about to be asked, so that its recorded answer can be laid out. */
  readonly onSend?: (question: Question, trace: TraceIds) => void;
  /** How long a side may be gone before the run ends. */
  readonly patienceMs: number;
}

export type RunEnd = 'done' | 'stopped' | 'primary_gone' | 'twin_gone';

interface Pending {
  readonly question: Question;
  readonly trace: TraceIds;
  tries: number;
  readonly refusedSince: number | null;
  detail: string | null;
}

/** A pair that settles holds its place for seconds and costs nothing meanwhile. */
const SETTLING_PER_PLACE = 16;
const MOST_TRIES = 6;
/** So many failures of the primary in a row, and none that came good, are no accident. */
const PRIMARY_FAILURES = 20;
const BREAKER_PAUSE_MS = 500;
/** As the breaker's figures name the whole side. */
const EVERYTHING = 'everything';

export class Run {
  readonly #options: RunOptions;
  /** By span id, which is the question's own. */
  readonly #pending = new Map<string, Pending>();
  readonly #again: Pending[] = [];
  readonly #refused: Refused<Pending>;
  #sending = 0;
  #wake: (() => void) | null = null;
  #notBefore = 0;
  #primaryFailures = 0;
  #twinGoneSince: number | null = null;
  #stopped = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#refused = new Refused(options.patienceMs);
  }

  /** Asks no more; what is under way is still judged. */
  stop(): void {
    this.#stopped = true;
    this.#woken();
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  async all(questions: AsyncIterable<Question>): Promise<RunEnd> {
    const iterator = questions[Symbol.asyncIterator]();
    let exhausted = false;
    try {
      for (;;) {
        const gone = this.#gone();
        if (gone !== null || this.#stopped) return gone ?? 'stopped';
        await this.#place();
        if (this.#stopped || this.#gone() !== null) continue;
        const again = this.#again.shift() ?? this.#refused.due(performance.now());
        if (again !== undefined) {
          this.#send(again);
          continue;
        }
        if (!exhausted) {
          const next = await iterator.next();
          if (next.done !== true) {
            this.#send({ question: next.value, trace: newTrace(), tries: 0, refusedSince: null, detail: null });
            continue;
          }
          exhausted = true;
        }
        if (this.#pending.size === 0 && this.#again.length === 0 && this.#refused.size === 0) return 'done';
        await this.#sleep(this.#refused.dueIn(performance.now()));
      }
    } finally {
      await iterator.return?.();
    }
  }

  /** Resolves when nothing is under way any more, or at the deadline. */
  async settled(deadlineMs: number): Promise<void> {
    const until = performance.now() + deadlineMs;
    while (this.#pending.size > 0 && performance.now() < until) await this.#sleep(until - performance.now());
  }

  /** True where this is the verdict that counts; one that found no room is asked again. */
  verdict(verdict: Verdict): boolean {
    const pending = this.#pending.get(verdict.trace.spanId);
    if (pending === undefined) return false;
    this.#pending.delete(verdict.trace.spanId);
    // Cut at the end of the run: the next one asks it.
    if (verdict.reason === 'shutdown') return false;
    const refusing = verdict.reason === 'breaker_open' ? this.#options.refusing() : [];
    const alone = verdict.reason === 'breaker_open' && !refusing.includes(EVERYTHING);
    this.#notice(verdict, alone);
    const counts = !this.#comesAgain(pending, verdict, alone);
    const told = alone && refusing.length > 0 ? `the twin fails, and is not asked: ${refusing.join(', ')}` : null;
    if (counts) this.#options.onJudged(pending.question, verdict, pending.detail ?? told);
    this.#woken();
    return counts;
  }

  /** What found no room, or was refused, is asked again. `alone`: the twin is asked by others meanwhile. */
  #comesAgain(pending: Pending, { kind, reason }: Verdict, alone: boolean): boolean {
    if (kind !== 'skipped' || (reason !== 'overload' && reason !== 'breaker_open')) return false;
    if (reason === 'overload' && pending.tries >= MOST_TRIES) return false;
    const next = { ...pending, trace: newTrace(), tries: pending.tries + 1 };
    if (alone) return this.#refused.take(next, performance.now());
    this.#again.push(next);
    return true;
  }

  #notice(verdict: Verdict, alone: boolean): void {
    if (alone) {
      this.#twinGoneSince = null;
    } else if (verdict.reason === 'breaker_open') {
      this.#twinGoneSince ??= performance.now();
      this.#notBefore = Math.max(this.#notBefore, performance.now() + BREAKER_PAUSE_MS);
    } else if (verdict.reason === 'overload') {
      this.#notBefore = Math.max(this.#notBefore, performance.now() + BREAKER_PAUSE_MS / 10);
    } else if (verdict.twin !== null && verdict.kind !== 'twin_error' && verdict.kind !== 'twin_timeout') {
      this.#twinGoneSince = null;
    }
  }

  #gone(): 'primary_gone' | 'twin_gone' | null {
    if (this.#primaryFailures >= PRIMARY_FAILURES) return 'primary_gone';
    const since = this.#twinGoneSince;
    return since !== null && performance.now() - since > this.#options.patienceMs ? 'twin_gone' : null;
  }

  #send(pending: Pending): void {
    const { question, trace } = pending;
    this.#pending.set(trace.spanId, pending);
    this.#sending += 1;
    const { perSecond, gate, fetchPrimary: ask } = this.#options;
    if (perSecond !== null) this.#notBefore = Math.max(this.#notBefore, performance.now() - 100) + 1_000 / perSecond;
    this.#options.onSend?.(question, trace);
    const read: IncomingRead = {
      route: question.route,
      served: 'primary',
      source: 'recorded',
      method: question.request.method,
      target: question.request.target,
      rawHeaders: this.#options.fieldsOf(question),
      trace,
      at: Date.now(),
    };
    const watched: FetchPrimary = async (request, ids) => {
      const answer = await ask(request, ids);
      pending.detail = answer.ok ? null : answer.detail;
      this.#primaryFailures = answer.ok || answer.oversized ? 0 : this.#primaryFailures + 1;
      return answer;
    };
    void handOver(read, question.request.body, gate, watched).finally(() => {
      this.#sending -= 1;
      this.#woken();
    });
  }

  /** Waits until one more may be asked. */
  async #place(): Promise<void> {
    const { concurrency, queued } = this.#options;
    for (;;) {
      if (this.#stopped || this.#gone() !== null) return;
      const wait = this.#notBefore - performance.now();
      if (wait > 0) await this.#sleep(wait);
      else if (
        this.#sending < concurrency &&
        this.#pending.size < concurrency * SETTLING_PER_PLACE &&
        queued() < concurrency
      ) {
        return;
      } else await this.#sleep(50);
    }
  }

  async #sleep(ms: number | null): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = ms === null ? null : setTimeout(resolve, Math.max(1, ms));
    await promise;
    if (timer !== null) clearTimeout(timer);
  }

  #woken(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

/** A trace of our own: the recorded one ended long ago. */
function newTrace(): TraceIds {
  const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
  return { traceId: hex(16), parentSpanId: null, spanId: hex(8), twinSpanId: hex(8), sampled: true };
}
