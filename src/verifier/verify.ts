/**
 * Stage 3, one read: ask the side that did not serve it, read both answers, compare, read again where they differ, find
 * the cause. Ends in exactly one verdict whatever any of them does.
 */
import { whyNoRead } from '../api/reads.ts';
import type { RouteEntry } from '../api/route.ts';
import { twinTargetOf } from '../api/twin-path.ts';
import { ShadowError } from '../errors.ts';
import { differenceSet } from '../rules/digest.ts';
import type {
  Answer,
  CauseFinding,
  Exchange,
  RawHeaders,
  Representation,
  Side,
  SideTiming,
  TwinFailure,
} from '../types.ts';
import { failureOfUnreadable, type ReadAnswer, readAnswer, skipOf, timingOf, unreadableOf } from './answers.ts';
import { type Compared, Comparing } from './comparing.ts';
import type { CredentialsFor } from './credentials.ts';
import { codingsOf } from './decode.ts';
import { isInTrouble, outcomeOf, type PairFailure, pairFailure } from './failed-pair.ts';
import type { Hashes } from './hashes.ts';
import { asShadowRead, callerFields } from './headers.ts';
import { Generations } from './ids/generations.ts';
import type { KnownIds } from './ids/known-ids.ts';
import type { RelatedIds } from './ids/related-ids.ts';
import type { MatchMemory } from './memory.ts';
import type { RequestOutcome } from './protocol.ts';
import { type Reading, readingOf } from './reading.ts';
import type { Redactor } from './redactor.ts';
import { type Settled, settle } from './reread.ts';
import type { VerifierSettings } from './settings.ts';
import type { SideClient, SideResult } from './side-client.ts';
import type { RouteTable } from './table.ts';
import { bodyOf, emptyDraft, type Outcome, sayAtOnce, type VerdictBody, type VerdictDraft } from './verdict-body.ts';

/** One read to verify. */
export interface Job {
  readonly exchange: Exchange;
  readonly representation: Representation;
  /** True: the primary is also read once more, as a control. */
  readonly control: boolean;
  /** The client got 304: the primary is asked for the whole answer first, and that is what is compared. */
  readonly whole?: boolean;
}

/** Calls by which a verifier keeps to its limits. */
export interface Hooks {
  /** A request to the shadowed side has come to its end; `ms` to its headers. `none`: it was never sent. */
  requestEnded(outcome: RequestOutcome, ms: number, resent: boolean): void;
  /** Leave to read both sides again; false: not within `waitMs`. `bytes` more are held from the first time on. */
  readAgain(round: number, bytes: number, waitMs: number): Promise<boolean>;
}

/** Two answers that differ and keep differing, for those who look into it. */
export interface Pair {
  readonly reading: Reading;
  readonly primary: ReadAnswer;
  readonly twin: ReadAnswer;
  readonly compared: Compared;
}

export interface VerifierParts {
  readonly settings: VerifierSettings;
  readonly table: RouteTable;
  readonly clients: Readonly<Record<Side, SideClient>>;
  readonly hashes: Hashes;
  readonly ids: KnownIds | null;
  /** Collections whose pairs are not looked up in `id_map`. */
  readonly related: RelatedIds;
  /** Fields that the twin is asked with in place of the client's; null: the client's own. */
  readonly credentials: CredentialsFor | null;
  readonly redactor: Redactor;
  /** Null: every pair is compared again. */
  readonly memory: MatchMemory | null;
  /** Why a pair differs; null where it cannot be looked for. */
  readonly causeOf: ((pair: Pair) => Promise<CauseFinding>) | null;
  /** Where it is not looked for: what is missing. */
  readonly noCause: keyof typeof NO_CAUSE;
  /** How far the sync is behind in what a route's answers come from, ms; null without access to the stores. */
  readonly lagOf: ((entry: RouteEntry) => Promise<number>) | null;
  /** Seals what a replay needs; null without a key. */
  readonly seal: ((pair: Pair, settled: Settled) => Uint8Array) | null;
  /** The sync's lag as known now, ms. */
  readonly lagMs: () => number;
  /** A pair has settled after this time, ms. */
  readonly onSettled: (ms: number) => void;
}

export const NO_CAUSE = Object.freeze({
  mappings: 'no mapping for this API',
  stores: 'the verifier has no access to both stores',
});

/** How long a difference that was believed makes the next one like it quicker to believe, and how many are kept. */
const BELIEVED_MS = 60_000;
const BELIEVED = 4_000;

export class Verifier {
  readonly #parts: VerifierParts;
  readonly #believed = new Generations<true>(BELIEVED);
  readonly #callers: Readonly<Record<Side, WeakMap<RawHeaders, readonly string[]>>> = {
    primary: new WeakMap(),
    twin: new WeakMap(),
  };

  constructor(parts: VerifierParts) {
    this.#parts = parts;
  }

  async verify(job: Job, hooks: Hooks): Promise<Outcome> {
    const route = this.#parts.table.get(job.exchange.route.key);
    if (route === undefined) {
      hooks.requestEnded('none', 0, false);
      return { body: unknownRoute(job), evidence: null, remembered: false };
    }
    // Without id_map only the primary's forms can be compared; a lapse of it must not cost every other read.
    const { ids, related } = this.#parts;
    const mayPair = ids === null ? related.size > 0 : ids.available;
    const representation = mayPair ? job.representation : 'primary';
    let reading = readingOf(job.exchange, route, representation);
    const found = emptyDraft();
    let evidence: Uint8Array | null = null;
    try {
      const whole = job.whole === true ? await this.#fetchWhole(reading, hooks, found) : job.exchange;
      if (whole !== null) {
        reading = readingOf(whole, route, representation);
        evidence = await this.#judge(reading, job.control, hooks, found);
      }
    } catch (error) {
      found.kind = 'skipped';
      found.reason = 'verifier_error';
      found.detail = whereOf(error);
    }
    const body = bodyOf(reading, found, this.#parts.hashes, this.#parts.settings.redaction.show);
    if (found.rememberAs !== null) this.#parts.memory?.put(found.rememberAs.key, body, found.rememberAs.ids);
    return { body, evidence, remembered: found.match !== null };
  }

  /** The exchange with the primary's whole answer instead of the client's 304; null where there is none. */
  async #fetchWhole(reading: Reading, hooks: Hooks, found: VerdictDraft): Promise<Exchange | null> {
    found.whole = true;
    const { result: asked } = await this.readSide(reading, 'primary', null);
    if (asked.ok && asked.answer.status !== 304) return { ...reading.exchange, answer: asked.answer };
    hooks.requestEnded('none', 0, false);
    if (asked.ok) skip(found, 'not_modified', null);
    else skip(found, 'primary_error', asked.detail);
    return null;
  }

  async #judge(reading: Reading, control: boolean, hooks: Hooks, found: VerdictDraft): Promise<Uint8Array | null> {
    const { exchange, shadowed } = reading;
    const why = whyNoRead(reading.route.entry, exchange.request);
    if (why !== null) {
      hooks.requestEnded('none', 0, false);
      this.#noteTiming(found, exchange.served, timingOf(exchange.answer));
      skip(found, 'not_a_read', why);
      return null;
    }
    if (exchange.served === 'primary' && isInTrouble(exchange.answer.status)) {
      hooks.requestEnded('none', 0, false);
      this.#noteTiming(found, 'primary', timingOf(exchange.answer));
      skip(found, 'primary_error', `status ${exchange.answer.status}`);
      return null;
    }
    const early =
      control || this.#mayBeOversized(exchange.answer) ? await this.#read(reading, exchange.answer, null) : null;
    if (early?.content.media === 'unreadable' && early.content.why === 'oversized') {
      hooks.requestEnded('none', 0, false);
      this.#noteTiming(found, exchange.served, timingOf(exchange.answer));
      skip(found, skipOf(early.content), early.content.detail);
      return null;
    }
    const again = control && exchange.served === 'primary' ? this.readSide(reading, 'primary', null) : null;
    const result = await this.#request(reading, shadowed);
    const failed = this.#noteResult(result, exchange, hooks, found);
    const ids = this.#idChanges();
    const key = control || failed || !result.ok ? null : this.#recall(reading, result.answer, ids, found);
    if (found.match !== null) return null;
    const reads = early ?? this.#read(reading, exchange.answer, null);
    const served = reads instanceof Promise ? await reads : reads;
    found[exchange.served] = served;
    if (again !== null) found.control = this.#control(reading, served, await again, found.twinTiming);
    if (failed || !result.ok) return null;
    const other = this.#read(reading, result.answer, served);
    found[shadowed] = other instanceof Promise ? await other : other;
    const { related, settings } = this.#parts;
    const comparing = new Comparing(reading, this.#parts.ids, related, settings.compare);
    const { primary, twin } = found;
    if (primary === null || twin === null) return null;
    const comparison = comparing.compare(primary, twin);
    const compared = comparison instanceof Promise ? await comparison : comparison;
    found.compareMs = compared.ms;
    if (compared.undecided !== null) {
      skip(found, 'too_large', compared.undecided);
      return null;
    }
    const unreadable = unreadableOf(compared, primary, twin);
    if (unreadable !== null) {
      if (unreadable.side === 'primary') skip(found, skipOf(unreadable), unreadable.detail);
      else failWith(found, failureOfUnreadable(unreadable), unreadable.detail);
      return null;
    }
    if (compared.count === 0) {
      found.kind = 'match';
      found.reason = null;
      if (key !== null && !comparing.ids.leansOnAbsence) found.rememberAs = { key, ids };
      sayAtOnce(reading, found, this.#parts.hashes, this.#parts.settings.redaction.show);
      return null;
    }
    return this.#settle({ reading, primary, twin, compared }, comparing, hooks, found);
  }

  /** The answer is known before it is read; a coded one has to be decoded to know how large it is. */
  #mayBeOversized({ body, rawHeaders }: Answer): boolean {
    return body.length > this.#parts.settings.bodyBytes || codingsOf(rawHeaders).length > 0;
  }

  /** Ends a read whose pair is known to match. Else: as what it may be remembered; null where it may not. */
  #recall(reading: Reading, shadowed: Answer, ids: number, found: VerdictDraft): string | null {
    const { memory } = this.#parts;
    const began = performance.now();
    const key = memory?.keyOf(reading, shadowed) ?? null;
    const match = key === null ? undefined : memory?.get(key, ids);
    if (match === undefined) return key;
    const { served, answer } = reading.exchange;
    found.kind = 'match';
    found.reason = null;
    found.match = match;
    found.compareMs = performance.now() - began;
    this.#noteTiming(found, served, timingOf(answer));
    return null;
  }

  /** Grows whenever a pair of ids that was known may be another one now. */
  #idChanges(): number {
    return (this.#parts.ids?.changes ?? 0) + this.#parts.related.changes;
  }

  async #settle(pair: Pair, comparing: Comparing, hooks: Hooks, found: VerdictDraft): Promise<Uint8Array | null> {
    const { reading } = pair;
    const believedAs = `${this.#parts.hashes.entity(reading)} ${this.#keyOf(pair.compared, reading)}`;
    const settled = await settle(pair, comparing, {
      known: this.#believed.get(believedAs, performance.now()) === true,
      settings: this.#parts.settings.settle,
      lagMs: this.#parts.lagMs,
      // If the lag cannot be read, the last measured one is used.
      lagNow: async () => (await this.#parts.lagOf?.(reading.route.entry).catch(() => 0)) ?? 0,
      readAgain: (round, waitMs) =>
        hooks.readAgain(round, round === 1 ? (found[reading.shadowed]?.bytes.length ?? 0) : 0, waitMs),
      read: (side, beside) => this.readSide(reading, side, beside),
      requestEnded: ({ result: asked }, other) =>
        hooks.requestEnded(
          outcomeOf(asked, other.result.ok ? other.result.answer.status : null),
          asked.ok ? asked.answer.headersMs : asked.ms,
          asked.resent,
        ),
    });
    found.rechecks = [...settled.rechecks];
    found.settleMs = settled.settleMs;
    switch (settled.end) {
      case 'settled':
        found.kind = 'settled';
        found.reason = null;
        if (settled.settleMs !== null && settled.inWindow) this.#parts.onSettled(settled.settleMs);
        return null;
      case 'overload':
        skip(found, 'overload', settled.detail);
        return null;
      case 'too_large':
        skip(found, 'too_large', settled.detail);
        return null;
      case 'primary_failed':
      case 'twin_failed':
        endWith(found, settled);
        return null;
      case 'unstable':
        found.kind = 'unstable';
        found.reason = null;
        this.#tell(pair, settled, found);
        return null;
      case 'mismatch':
        found.kind = 'mismatch';
        found.reason = null;
        this.#believed.set(
          `${this.#parts.hashes.entity(reading)} ${this.#keyOf(settled.compared, reading)}`,
          true,
          performance.now() + BELIEVED_MS,
        );
        this.#tell(pair, settled, found);
        found.cause = await this.#cause({
          reading,
          primary: settled.primary,
          twin: settled.twin,
          compared: settled.compared,
        });
        return this.#parts.seal?.(pair, settled) ?? null;
    }
  }

  #tell(pair: Pair, settled: Settled & { readonly compared: Compared }, found: VerdictDraft): void {
    const { redactor } = this.#parts;
    const { differences, count } = settled.compared;
    const showing = pair.reading.route.showing(pair.primary.status);
    found.differences = redactor.differences(differences, showing);
    found.differenceCount = count;
    found.fatal = redactor.isFatal(differences);
    found.patterns = redactor.patternsOf(pair.reading.route.entry.key, differences, showing);
    found.fingerprint = found.patterns[0]?.fingerprint ?? null;
  }

  #keyOf(compared: Compared, reading: Reading): string {
    return differenceSet(reading.route.entry.key, compared.differences);
  }

  async #cause(pair: Pair): Promise<CauseFinding> {
    if (this.#parts.causeOf === null) return { cause: 'unknown', entities: [], note: NO_CAUSE[this.#parts.noCause] };
    try {
      return await this.#parts.causeOf(pair);
    } catch (error) {
      return { cause: 'unknown', entities: [], note: `the stores could not be asked: ${whereOf(error)}` };
    }
  }

  /** Asks one side for this read, straight and not through the proxy, and reads its answer. */
  async readSide(reading: Reading, side: Side, beside: ReadAnswer | null): Promise<ReadSide> {
    const result = await this.#request(reading, side);
    return { result, read: result.ok ? await this.#read(reading, result.answer, beside) : null };
  }

  /** Once for all reads of a caller that came together: they share one list of fields. */
  #callerOf(side: Side, client: RawHeaders): readonly string[] {
    const known = this.#callers[side].get(client);
    if (known !== undefined) return known;
    const { clients, settings } = this.#parts;
    const made = callerFields(client, clients[side].host, settings.headers[side]);
    this.#callers[side].set(client, made);
    return made;
  }

  async #request(reading: Reading, side: Side): Promise<SideResult> {
    const { request, trace } = reading.exchange;
    const client = this.#parts.clients[side];
    const given = this.#parts.settings.headers[side] ?? {};
    const own = side === 'twin' ? await this.#parts.credentials?.(request) : undefined;
    const caller =
      own === undefined
        ? this.#callerOf(side, request.rawHeaders)
        : callerFields(request.rawHeaders, client.host, { ...given, set: { ...given.set, ...own } });
    const representation = reading.exchange.served === 'twin' ? 'primary' : reading.representation;
    return client.fetch({
      method: request.method,
      target: side === 'twin' ? twinTargetOf(reading.route.entry, request.target) : request.target,
      headers: asShadowRead(caller, side, trace, representation, this.#parts.settings.loopSecret ?? null),
      body: request.body,
    });
  }

  /** Whoever can go on at once does: of the answers that came together, one pair is then in memory as values, not all. */
  #read(reading: Reading, answer: Answer, beside: ReadAnswer | null): ReadAnswer | Promise<ReadAnswer> {
    const head = reading.exchange.request.method === 'HEAD';
    const { bodyBytes, compare } = this.#parts.settings;
    return readAnswer(answer, { limit: bodyBytes, head, wanted: reading.route.form, beside, limits: compare });
  }

  /** Notes what the shadowed side did; true where the read ends with it. */
  #noteResult(result: SideResult, { answer, served }: Exchange, hooks: Hooks, found: VerdictDraft): boolean {
    const ms = result.ok ? result.answer.headersMs : result.ms;
    hooks.requestEnded(outcomeOf(result, answer.status), ms, result.resent);
    const timing = result.ok
      ? timingOf(result.answer)
      : { askedAt: result.askedAt, headersMs: ms, totalMs: ms, status: result.status };
    this.#noteTiming(found, served === 'primary' ? 'twin' : 'primary', timing);
    const first = { ok: true, answer } as const;
    const failure = served === 'primary' ? pairFailure(first, result) : pairFailure(result, first);
    if (failure === null) return false;
    endWith(found, failure);
    return true;
  }

  /** Reading the primary twice: where it does not even agree with itself. */
  #control(reading: Reading, first: ReadAnswer, second: ReadSide, twin: SideTiming | null): VerdictDraft['control'] {
    if (!second.result.ok || second.read === null) return null;
    const compared = new Comparing(reading, null, undefined, this.#parts.settings.compare).withItself(
      second.read,
      first,
    );
    if (compared.undecided !== null || unreadableOf(compared, second.read, first) !== null) return null;
    return {
      agreed: compared.count === 0,
      paths: this.#parts.redactor.patterns(compared.differences, reading.route.showing(second.read.status)),
      timing: { primary: timingOf(second.result.answer), twin },
    };
  }

  #noteTiming(found: VerdictDraft, side: Side, timing: SideTiming): void {
    if (side === 'primary') found.primaryTiming = timing;
    else found.twinTiming = timing;
  }
}

/** One side's answer, or why there is none. */
export interface ReadSide {
  readonly result: SideResult;
  readonly read: ReadAnswer | null;
}

function endWith(found: VerdictDraft, failure: PairFailure): void {
  if (failure.end === 'primary_failed') {
    skip(found, 'primary_error', failure.detail);
    return;
  }
  found.kind = failure.timeout ? 'twin_timeout' : 'twin_error';
  found.reason = failure.failure;
  found.detail = failure.detail;
}

function failWith(found: VerdictDraft, failure: TwinFailure, detail: string): void {
  found.kind = 'twin_error';
  found.reason = failure;
  found.detail = detail;
}

function skip(
  found: VerdictDraft,
  reason: 'not_a_read' | 'not_modified' | 'overload' | 'primary_error' | ReturnType<typeof skipOf>,
  detail: string | null,
): void {
  found.kind = 'skipped';
  found.reason = reason;
  found.detail = detail;
}

/** Which error and where, without its message: that may quote a value. Our own errors are made to be read. */
export function whereOf(error: unknown): string {
  if (error instanceof ShadowError) return `${error.code}: ${error.message}`.slice(0, 300);
  if (!(error instanceof Error)) return 'something that is not an error was thrown';
  const frame = frameOf(error.stack ?? '');
  return frame === undefined ? error.name : `${error.name} at ${frame}`;
}

/** The first file and line that a stack names. Its message stands before, and may be as long as a body. */
function frameOf(stack: string): string | undefined {
  const from = stack.search(/\n {4}at /);
  if (from < 0) return undefined;
  return /[\w.-]{1,100}\.[cm]?[jt]s:\d{1,9}/.exec(stack.slice(from, from + 2_000))?.[0];
}

function unknownRoute(job: Job): VerdictBody {
  const { request } = job.exchange;
  const none = emptyDraft();
  return {
    ...none,
    representation: job.representation,
    rulesDigest: '',
    twinBuild: null,
    shape: '',
    entityHash: '',
    answerHash: '',
    primary: null,
    twin: null,
    request: { method: request.method, target: job.exchange.route.pattern },
    detail: 'the verifier does not know this route',
  };
}
