/** Two answers that differ: read again until it is known what they are, told, explained, and sealed for later. */
import { differenceSet } from '../rules/digest.ts';
import type { CauseFinding } from '../types.ts';
import type { Compared, Comparing } from './comparing.ts';
import { outcomeOf } from './failed-pair.ts';
import { Generations } from './ids/generations.ts';
import type { Reading } from './reading.ts';
import { type Settled, settle } from './reread.ts';
import type { Sides } from './sides.ts';
import { endWith, skipWith, type VerdictDraft } from './verdict-draft.ts';
import { type Hooks, NO_CAUSE, type Pair, type VerifierParts } from './verifier-parts.ts';
import { whereOf } from './where-of.ts';

/** How long a difference that was believed makes the next one like it quicker to believe, and how many are kept. */
const BELIEVED_MS = 60_000;
const BELIEVED = 4_000;

export class Differing {
  readonly #parts: VerifierParts;
  readonly #sides: Sides;
  readonly #believed = new Generations<true>(BELIEVED);

  constructor(parts: VerifierParts, sides: Sides) {
    this.#parts = parts;
    this.#sides = sides;
  }

  /** Ends the draft; the sealed evidence of a mismatch, where there is a key. */
  async judge(pair: Pair, comparing: Comparing, hooks: Hooks, found: VerdictDraft): Promise<Uint8Array | null> {
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
      read: (side, beside) => this.#sides.readSide(reading, side, beside),
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
        skipWith(found, 'overload', settled.detail);
        return null;
      case 'too_large':
        skipWith(found, 'too_large', settled.detail);
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
}
