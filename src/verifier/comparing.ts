import { fieldOf, hostNameOf } from '../base/fields.ts';
import { ShadowError } from '../errors.ts';
import { COMPARE_LIMITS, type CompareLimits } from '../rules/limits.ts';
import type { CompareContext, CompareResult, DescribedDifference, IdPairs, WantedId } from '../rules/rule.ts';
import type { RawHeaders, Representation } from '../types.ts';
import type { ReadAnswer } from './answers.ts';
import { type KnownIds, ReadIds } from './ids/known-ids.ts';
import { NO_RELATED_IDS, type RelatedIds } from './ids/related-ids.ts';
import type { Reading } from './reading.ts';

/** What a compare said. `count` 0: they mean the same. */
export interface Compared {
  readonly differences: readonly DescribedDifference[];
  /** The number before the list was cut; where it was cut, a lower bound. */
  readonly count: number;
  /** Why it is unknown whether they mean the same: it costs more than a comparison may; null where it is known. */
  readonly undecided: string | null;
  /** Milliseconds of comparing, without the look-ups of ids. */
  readonly ms: number;
}

/** Ids that have to be looked up before it is known. */
interface Wanting {
  readonly wanted: readonly WantedId[];
  readonly ms: number;
}

/** Each round may bring up ids that the one before did not get to. */
const LOOKUPS = 4;

/** In the primary's own forms an id is itself. */
const NO_IDS: IdPairs = Object.freeze({ uuidOf: () => null, objectIdOf: () => null });

/** Compares answers of one read, looking up the ids that it needs. */
export class Comparing {
  readonly #reading: Reading;
  readonly #limits: CompareLimits;
  readonly ids: ReadIds;

  constructor(
    reading: Reading,
    known: KnownIds | null,
    related: RelatedIds = NO_RELATED_IDS,
    limits: CompareLimits = COMPARE_LIMITS,
  ) {
    this.#reading = reading;
    this.#limits = limits;
    this.ids = new ReadIds(known, related, hostNameOf(reading.exchange.request.rawHeaders));
  }

  /** At once where no id has to be looked up. @throws what a rule throws, and what `id_map` throws */
  compare(primary: ReadAnswer, twin: ReadAnswer): Compared | Promise<Compared> {
    const first = this.#once(primary, twin);
    return 'wanted' in first ? this.#lookingUp(primary, twin, first) : first;
  }

  async #lookingUp(primary: ReadAnswer, twin: ReadAnswer, first: Wanting): Promise<Compared> {
    let { wanted, ms } = first;
    for (let round = 1; round <= LOOKUPS; round += 1) {
      await this.#lookUp(wanted);
      const next = this.#once(primary, twin);
      ms += next.ms;
      if (!('wanted' in next)) return { ...next, ms };
      ({ wanted } = next);
    }
    throw new ShadowError('SHADOW_RULE', 'a comparator keeps asking for ids that have been looked up');
  }

  #once(primary: ReadAnswer, twin: ReadAnswer): Compared | Wanting {
    const began = performance.now();
    const result = this.#result(primary, twin, this.#reading.representation, this.ids);
    const ms = performance.now() - began;
    if (result.outcome === 'needs_ids') return { wanted: result.wanted, ms };
    if (result.count === 0 && result.undecided === null) this.ids.confirm();
    return { ...result, ms };
  }

  /** Two answers of the primary: where it has moved in between. Paths point into `later`. */
  withItself(later: ReadAnswer, earlier: ReadAnswer): Compared {
    const began = performance.now();
    const result = this.#result(later, earlier, 'primary', NO_IDS);
    const ms = performance.now() - began;
    if (result.outcome !== 'needs_ids') return { ...result, ms };
    throw new ShadowError('SHADOW_RULE', 'a comparator asks for ids where both answers are the primary’s');
  }

  /** Bodies beyond the limit are left out: status and fields may tell a difference all the same. */
  #result(
    primary: ReadAnswer,
    twin: ReadAnswer,
    representation: Representation,
    ids: IdPairs,
  ): (Omit<Compared, 'ms'> & { readonly outcome: 'known' }) | Extract<CompareResult, { outcome: 'needs_ids' }> {
    const { route, params, query } = this.#reading;
    const { steps, bytes } = this.#limits;
    const origins = askedOrigins(this.#reading.exchange.request.rawHeaders);
    const held = primary.bytes.length + twin.bytes.length;
    const [mine, its] = held > bytes ? [withoutBody(primary), withoutBody(twin)] : [primary, twin];
    const result = route.compare(mine, its, { params, query, representation, ids, steps, origins });
    switch (result.outcome) {
      case 'equal': {
        const undecided = held > bytes ? `the two bodies hold ${held} bytes, more than ${bytes}` : null;
        return { outcome: 'known', differences: [], count: 0, undecided };
      }
      case 'differs':
        return { outcome: 'known', differences: result.differences, count: result.count, undecided: null };
      case 'too_large':
        return { outcome: 'known', differences: [], count: 0, undecided: result.detail };
      case 'needs_ids':
        return result;
    }
  }

  async #lookUp(wanted: readonly WantedId[]): Promise<void> {
    if (await this.ids.lookUp(wanted)) return;
    throw new ShadowError('SHADOW_POSTGRES', 'ids cannot be paired', {
      expected: 'id_map, for a twin that answers in its own forms',
      example: 'MIGRATION_PG_URL=postgres://reader@127.0.0.1:5432/amanat',
    });
  }
}

/** A side builds its URLs by the Host that it is asked for, which is the client's. */
export function askedOrigins(rawHeaders: RawHeaders): NonNullable<CompareContext['origins']> {
  const host = fieldOf(rawHeaders, 'host');
  const clientOrigin = host === null || host === '' ? [] : [`http://${host}`];
  return { primary: clientOrigin, twin: clientOrigin };
}

function withoutBody({ status, rawHeaders, bytes, timing, followed }: ReadAnswer): ReadAnswer {
  return {
    status,
    rawHeaders,
    bytes,
    timing,
    followed,
    content: { media: 'unreadable', as: 'json', why: 'oversized', detail: '' },
  };
}
