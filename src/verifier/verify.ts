/**
 * Stage 3, one read: ask the side that did not serve it, read both answers, compare, read again where they differ, find
 * the cause. Ends in exactly one verdict whatever any of them does.
 */
import { whyNoRead } from '../api/reads.ts';
import type { Answer, Exchange, SideTiming } from '../types.ts';
import { failureOfUnreadable, type ReadAnswer, skipOf, timingOf, unreadableOf, whyUnreadable } from './answers.ts';
import { Comparing } from './comparing.ts';
import { codingsOf } from './decode.ts';
import { Differing } from './differing.ts';
import { isInTrouble, outcomeOf, pairFailure } from './failed-pair.ts';
import { type Reading, readingOf } from './reading.ts';
import type { SideResult } from './side-client.ts';
import { type ReadSide, Sides } from './sides.ts';
import { bodyOf, type Outcome, sayAtOnce, type VerdictBody } from './verdict-body.ts';
import { emptyDraft, endWith, failWith, noteTiming, skipWith, type VerdictDraft } from './verdict-draft.ts';
import type { Hooks, Job, VerifierParts } from './verifier-parts.ts';
import { whereOf } from './where-of.ts';

export class Verifier {
  readonly #parts: VerifierParts;
  readonly #differing: Differing;
  readonly sides: Sides;

  constructor(parts: VerifierParts) {
    this.#parts = parts;
    this.sides = new Sides(parts);
    this.#differing = new Differing(parts, this.sides);
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
    return { body, evidence, remembered: found.remembered };
  }

  /** The exchange with the primary's whole answer instead of the client's 304; null where there is none. */
  async #fetchWhole(reading: Reading, hooks: Hooks, found: VerdictDraft): Promise<Exchange | null> {
    found.whole = true;
    const { result } = await this.sides.readSide(reading, 'primary', null);
    if (result.ok && result.answer.status !== 304) return { ...reading.exchange, answer: result.answer };
    hooks.requestEnded('none', 0, false);
    if (result.ok) skipWith(found, 'not_modified', null);
    else skipWith(found, 'primary_error', result.detail);
    return null;
  }

  async #judge(reading: Reading, control: boolean, hooks: Hooks, found: VerdictDraft): Promise<Uint8Array | null> {
    const { exchange, shadowed } = reading;
    const why = whyNoRead(reading.route.entry, exchange.request);
    if (why !== null) {
      hooks.requestEnded('none', 0, false);
      noteTiming(found, exchange.served, timingOf(exchange.answer));
      skipWith(found, 'not_a_read', why);
      return null;
    }
    if (exchange.served === 'primary' && isInTrouble(exchange.answer.status)) {
      hooks.requestEnded('none', 0, false);
      noteTiming(found, 'primary', timingOf(exchange.answer));
      skipWith(found, 'primary_error', `status ${exchange.answer.status}`);
      return null;
    }
    const early =
      control || this.#mayBeOversized(exchange.answer) ? await this.sides.read(reading, exchange.answer, null) : null;
    const unread = early === null ? null : whyUnreadable(early);
    if (unread?.why === 'oversized') {
      hooks.requestEnded('none', 0, false);
      noteTiming(found, exchange.served, timingOf(exchange.answer));
      skipWith(found, skipOf(unread), unread.detail);
      return null;
    }
    const again = control && exchange.served === 'primary' ? this.sides.readSide(reading, 'primary', null) : null;
    const result = await this.sides.request(reading, shadowed);
    const failed = this.#noteResult(result, exchange, hooks, found);
    const ids = this.#idChanges();
    const key = control || failed || !result.ok ? null : this.#recall(reading, result.answer, ids, found);
    if (found.remembered) return null;
    const reads = early ?? this.sides.read(reading, exchange.answer, null);
    const served = reads instanceof Promise ? await reads : reads;
    found[exchange.served] = served;
    if (again !== null) found.control = this.#control(reading, served, await again, found.twinTiming);
    if (failed || !result.ok) return null;
    const other = this.sides.read(reading, result.answer, served);
    found[shadowed] = other instanceof Promise ? await other : other;
    const { related, settings } = this.#parts;
    const comparing = new Comparing(reading, this.#parts.ids, related, settings.compare);
    const { primary, twin } = found;
    if (primary === null || twin === null) return null;
    const comparison = comparing.compare(primary, twin);
    const compared = comparison instanceof Promise ? await comparison : comparison;
    found.compareMs = compared.ms;
    if (compared.undecided !== null) {
      skipWith(found, 'too_large', compared.undecided);
      return null;
    }
    const unreadable = unreadableOf(compared, primary, twin);
    if (unreadable !== null) {
      if (unreadable.side === 'primary') skipWith(found, skipOf(unreadable), unreadable.detail);
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
    return this.#differing.judge({ reading, primary, twin, compared }, comparing, hooks, found);
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
    found.said = match;
    found.remembered = true;
    found.compareMs = performance.now() - began;
    noteTiming(found, served, timingOf(answer));
    return null;
  }

  /** Grows whenever a pair of ids that was known may be another one now. */
  #idChanges(): number {
    return (this.#parts.ids?.changes ?? 0) + this.#parts.related.changes;
  }

  /** Notes what the shadowed side did; true where the read ends with it. */
  #noteResult(result: SideResult, { answer, served }: Exchange, hooks: Hooks, found: VerdictDraft): boolean {
    const ms = result.ok ? result.answer.headersMs : result.ms;
    hooks.requestEnded(outcomeOf(result, answer.status), ms, result.resent);
    const timing = result.ok
      ? timingOf(result.answer)
      : { askedAt: result.askedAt, headersMs: ms, totalMs: ms, status: result.status };
    noteTiming(found, served === 'primary' ? 'twin' : 'primary', timing);
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
