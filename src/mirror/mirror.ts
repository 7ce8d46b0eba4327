/**
 * Stage 2: decides which reads are verified, within limits that protect clients and both sides. Runs on the main thread,
 * never parses a body, never waits: a read that it cannot take at once is refused and counted.
 */
import { randomBytes } from 'node:crypto';
import { declareCallers, declareRenamed } from '../base/caller.ts';
import { partialAnswer } from '../base/partial-answers.ts';
import { messageOf, ShadowError } from '../errors.ts';
import type {
  Admission,
  IncomingRead,
  Limits,
  Policy,
  ReadGate,
  RoutePolicy,
  Side,
  SkipReason,
  Verdict,
} from '../types.ts';
import type { JobId } from '../verifier/protocol.ts';
import { ByteBudget } from './byte-budget.ts';
import { Dispatcher } from './dispatcher.ts';
import type { DispatcherFigures } from './dispatching.ts';
import type { MirrorOptions } from './options.ts';
import { levelOf } from './queue.ts';
import { MirroredRead, type ReadOwner } from './read.ts';
import { Rechecks } from './rechecks.ts';
import { isNamed, isSampled } from './sampling.ts';
import { settingsOf } from './settings.ts';
import { Tally, type TallySnapshot } from './tally.ts';
import { Tidying } from './tidying.ts';
import { fullVerdict, skippedVerdict } from './verdicts.ts';

export interface MirrorCounts extends TallySnapshot, DispatcherFigures {
  readonly heldBytes: number;
  readonly heldBytesPeak: number;
  readonly limits: Limits;
}

export interface Mirror extends ReadGate {
  /** The first worker has its routes; rejects where it could not load them. */
  readonly ready: Promise<void>;
  /** In force from the next read on; what waits for a worker follows it too. */
  setPolicy(policy: Policy): void;
  /** The sync's lag as measured, milliseconds: how long a pair may take to agree. */
  setSyncLag(ms: number): void;
  /** An evidence epoch begins: earlier matches are forgotten. */
  forget(): void;
  counts(): MirrorCounts;
  /** Asks both sides again with sealed evidence. @throws ShadowError SHADOW_KEY, SHADOW_REFUSED */
  recheck(evidence: Uint8Array): Promise<Verdict>;
  /** Takes no more reads, lets those in flight end for so long, then ends the rest as `skipped: shutdown`. */
  close(options: { readonly deadlineMs: number }): Promise<void>;
}

const QUEUE_FULL = 'as many reads wait as may (limits.queue)';
/** Pause between two log lines that say that nothing is verified: a single line at the start would be lost in the log. */
const REMIND_MS = 30_000;
const UNKNOWN_ROUTE: RoutePolicy = Object.freeze({ paused: false, sample: 1, sampleBy: 'read', priority: 0 });
const IDLE: DispatcherFigures = Object.freeze({
  verifier: 'off',
  verifierError: null,
  queued: 0,
  twinConcurrency: Object.freeze({ limit: 0, ceiling: 0, inUse: 0 }),
  breaker: 'closed',
  breakerOpened: 0,
  breakerParts: Object.freeze([]),
  resent: 0,
  askedWhole: 0,
  remembered: 0,
  waitingToReadAgain: 0,
  workers: Object.freeze({ running: 0, replaced: 0, lastDeath: null }),
});

export function createMirror(options: MirrorOptions): Mirror {
  declareCallers(options.callerFields ?? []);
  declareRenamed(options.headers?.primary?.rename, options.headers?.twin?.rename);
  return new MirrorStage(options);
}

class MirrorStage implements Mirror, ReadOwner {
  readonly ready: Promise<void>;
  readonly #onVerdict: MirrorOptions['onVerdict'];
  readonly #log: NonNullable<MirrorOptions['log']>;
  readonly #onFault: NonNullable<MirrorOptions['onFault']>;
  readonly #instance: string;
  readonly #tally = new Tally();
  readonly #reads = new Map<JobId, MirroredRead>();
  readonly #bytes: ByteBudget;
  readonly #rechecks = new Rechecks();
  /** Null without a twin: then nothing is mirrored. */
  readonly #dispatcher: Dispatcher | null;
  readonly #tidying = new Tidying(() => this.#tidy());
  #policy: Policy;
  #digests: Readonly<Record<string, string>> = {};
  #next: JobId = 1;
  #closing = false;
  /** When it was last said that no worker can start; null while that is not so. */
  #remindedAt: number | null = null;
  #onIdle: (() => void) | null = null;

  constructor(options: MirrorOptions) {
    this.#onVerdict = options.onVerdict;
    this.#policy = options.policy;
    this.#log = options.log ?? (() => undefined);
    this.#onFault = options.onFault ?? (() => undefined);
    this.#instance = options.instance ?? randomBytes(6).toString('hex');
    this.#bytes = new ByteBudget(options.policy.limits.heldBytes);
    const started = Promise.withResolvers<void>();
    this.ready = started.promise;
    this.ready.catch(() => undefined);
    this.#dispatcher =
      options.twinUrl === null
        ? null
        : new Dispatcher(options, settingsOf(options), {
            skip: (read, reason, detail) => this.#skip(read, reason, detail),
            verdict: (read, body, evidence) => {
              if (evidence !== null) this.#rechecks.remember(evidence, read.read.rawHeaders);
              this.#end(read, fullVerdict(body, read.read, read.exchangeId, read.overheadMs, evidence));
            },
            bytesAreShort: () => this.#bytes.held * 2 > this.#bytes.limit,
            holdMore: (read, bytes) => {
              if (!this.#bytes.hold(bytes)) return false;
              read.bytes += bytes;
              return true;
            },
            readOf: (job) => this.#reads.get(job),
            ready: (digests) => {
              this.#digests = digests;
              started.resolve();
            },
            lost: (why) => {
              this.#log(`a verifier worker is replaced: ${why}`, 'mirror');
              this.#tidying.wake();
              this.#rechecks.abandon(why);
              started.reject(new ShadowError('SHADOW_INTERNAL', 'the verifier does not start', { actual: why }));
            },
            rechecked: (message) => this.#rechecks.answered(message),
          });
    if (this.#dispatcher === null) started.resolve();
  }

  /** False where neither a read nor a verifier that cannot start is left to be looked at. */
  #tidy(): boolean {
    try {
      this.#dispatcher?.tidy();
      this.#remind(this.#dispatcher?.failure ?? null);
    } catch (thrown) {
      this.#onFault('mirror tidy', thrown);
    }
    return this.#reads.size > 0 || this.#remindedAt !== null;
  }

  admit(read: IncomingRead): Admission | null {
    this.#tally.see(read.route.key);
    const policy = this.#policy.routes[read.route.key] ?? UNKNOWN_ROUTE;
    const id = this.#next;
    this.#next += 1;
    const refused = this.#refusal(read, policy);
    if (refused !== null) {
      const detail = refused === 'overload' ? QUEUE_FULL : null;
      this.#emit(this.#skipVerdict(read, `${this.#instance}-${id}`, refused, 0, detail));
      return null;
    }
    const mirrored = new MirroredRead(this, id, `${this.#instance}-${id}`, read, levelOf(policy.priority));
    this.#reads.set(id, mirrored);
    this.#tidying.wake();
    return mirrored;
  }

  #refusal(read: IncomingRead, policy: RoutePolicy): SkipReason | null {
    if (this.#closing) return 'shutdown';
    if (isLoop(read)) return 'loop';
    if (this.#dispatcher === null || !this.#mirrors(read, policy)) return 'paused';
    if (!isSampled(read, policy, Math.random)) return 'not_sampled';
    const shadowed: Side = read.served === 'primary' ? 'twin' : 'primary';
    if (this.#dispatcher.refuses(shadowed, read)) return 'breaker_open';
    if (!this.#dispatcher.hopeful) return 'verifier_error';
    return this.#dispatcher.hasRoom(levelOf(policy.priority)) ? null : 'overload';
  }

  #mirrors(read: IncomingRead, policy: RoutePolicy): boolean {
    if (!this.#policy.shadowing || policy.paused) return false;
    return (this.#policy.domains[read.route.domain]?.stage ?? 'off') !== 'off';
  }

  hold(read: MirroredRead, bytes: number): 'held' | 'overload' | 'too_large' {
    if (read.bytes + bytes > this.#policy.limits.bodyBytes) return 'too_large';
    while (!this.#bytes.hold(bytes)) {
      if (this.#dispatcher?.shed(read.level) !== true) return 'overload';
    }
    read.bytes += bytes;
    return 'held';
  }

  completed(read: MirroredRead): void {
    const { job } = read;
    const partial = job === null ? null : partialAnswer(job.exchange.answer.status, job.exchange.request.rawHeaders);
    if (partial !== null && !this.#readsWhole(read, partial)) this.#skip(read, partial, null);
    else if (this.#dispatcher?.hasRoom(read.level) === true) this.#dispatcher.enqueue(read);
    else this.#skip(read, 'overload', QUEUE_FULL);
  }

  /** A client that has the answer already: of a few such reads both sides are asked for the whole, within the budget. */
  #readsWhole(read: MirroredRead, partial: SkipReason): boolean {
    if (partial !== 'not_modified' || read.job === null || read.read.served !== 'primary') return false;
    if (this.#dispatcher?.mayReadWhole() !== true) return false;
    read.job = { ...read.job, whole: true };
    return true;
  }

  skipped(read: MirroredRead, reason: SkipReason): void {
    this.#skip(read, reason, reason === 'overload' ? 'no room for its body (limits.heldBytes)' : null);
  }

  #skip(read: MirroredRead, reason: SkipReason, detail: string | null): void {
    this.#end(read, this.#skipVerdict(read.read, read.exchangeId, reason, read.overheadMs, detail));
  }

  #skipVerdict(read: IncomingRead, id: string, reason: SkipReason, overheadMs: number, detail: string | null): Verdict {
    return skippedVerdict(read, id, reason, {
      rulesDigest: this.#digests[read.route.key] ?? '',
      overheadMs,
      detail,
    });
  }

  /** The one place where a read ends: what it held is given back, it is counted, and its verdict goes out. */
  #end(read: MirroredRead, verdict: Verdict): void {
    if (read.state === 'ended') return;
    read.state = 'ended';
    this.#bytes.release(read.bytes);
    read.bytes = 0;
    read.job = null;
    this.#dispatcher?.release(read);
    this.#reads.delete(read.id);
    this.#emit(verdict);
    if (this.#reads.size === 0) this.#onIdle?.();
  }

  #emit(verdict: Verdict): void {
    this.#tally.end(verdict, verdict.route.key);
    try {
      this.#onVerdict(verdict);
    } catch (error) {
      this.#log(`a listener of verdicts threw: ${messageOf(error)}`, 'mirror');
      this.#onFault('mirror verdict', error);
    }
  }

  #remind(failure: string | null): void {
    const now = performance.now();
    if (failure !== null && (this.#remindedAt === null || now - this.#remindedAt >= REMIND_MS)) {
      this.#remindedAt = now;
      this.#log(`nothing is verified: no verifier worker can start: ${failure}`, 'verifier');
    } else if (failure === null && this.#remindedAt !== null) {
      this.#remindedAt = null;
      this.#log('a verifier worker has started: reads are verified again', 'verifier');
    }
  }

  setPolicy(policy: Policy): void {
    this.#policy = policy;
    this.#bytes.setLimit(policy.limits.heldBytes);
    this.#dispatcher?.setLimits(policy.limits);
    const stopped = this.#dispatcher?.withdraw(
      ({ read }) => !this.#mirrors(read, policy.routes[read.route.key] ?? UNKNOWN_ROUTE),
    );
    for (const read of stopped ?? []) this.#skip(read, 'paused', null);
  }

  setSyncLag(ms: number): void {
    this.#dispatcher?.toAll({ type: 'lag', ms });
  }

  forget(): void {
    this.#dispatcher?.toAll({ type: 'forget' });
  }

  counts(): MirrorCounts {
    return {
      ...this.#tally.snapshot(this.#reads.size),
      ...(this.#dispatcher?.figures() ?? IDLE),
      heldBytes: this.#bytes.held,
      heldBytesPeak: this.#bytes.peak,
      limits: this.#policy.limits,
    };
  }

  recheck(evidence: Uint8Array): Promise<Verdict> {
    return this.#rechecks.recheck(evidence, (message) => this.#dispatcher?.toOne(message) ?? false);
  }

  async close(options: { readonly deadlineMs: number }): Promise<void> {
    this.#closing = true;
    if (this.#reads.size > 0) {
      const idle = Promise.withResolvers<void>();
      const timer = setTimeout(idle.resolve, options.deadlineMs);
      this.#onIdle = idle.resolve;
      await idle.promise;
      clearTimeout(timer);
    }
    this.#onIdle = null;
    for (const read of [...this.#reads.values()]) this.#skip(read, 'shutdown', null);
    this.#tidying.stop();
    this.#rechecks.abandon('the mirror is closed');
    await this.#dispatcher?.close();
  }
}

function isLoop(read: IncomingRead): boolean {
  for (let i = 0; i < read.rawHeaders.length; i += 2) {
    if (isNamed(read.rawHeaders[i] ?? '', 'x-shadow-read')) return true;
  }
  return false;
}
