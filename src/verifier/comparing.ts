import { ShadowError } from '../errors.ts';
import type { DescribedDifference, IdPairs, WantedId } from '../rules/rule.ts';
import type { ReadAnswer } from './answers.ts';
import { type KnownIds, ReadIds } from './ids/known-ids.ts';
import { NO_RELATED_IDS, type RelatedIds } from './ids/related-ids.ts';
import type { Reading } from './reading.ts';

/** What a compare said. `count` 0: they mean the same. */
export interface Compared {
  readonly differences: readonly DescribedDifference[];
  /** Before the list was cut. */
  readonly count: number;
  /** Milliseconds of comparing, without the look-ups of ids. */
  readonly ms: number;
}

/** Each round may bring up ids that the one before did not get to. */
const LOOKUPS = 4;

/** In the primary's own forms an id is itself. */
const NO_IDS: IdPairs = Object.freeze({ uuidOf: () => null, objectIdOf: () => null });

/** Compares answers of one read, looking up the ids that it needs. */
export class Comparing {
  readonly #reading: Reading;
  readonly ids: ReadIds;

  constructor(reading: Reading, known: KnownIds | null, related: RelatedIds = NO_RELATED_IDS) {
    this.#reading = reading;
    this.ids = new ReadIds(known, related);
  }

  /** @throws what a rule throws, and what `id_map` throws */
  async compare(primary: ReadAnswer, twin: ReadAnswer): Promise<Compared> {
    const { route, params, query, representation } = this.#reading;
    let ms = 0;
    for (let round = 0; round <= LOOKUPS; round += 1) {
      const began = performance.now();
      const result = route.compare(primary, twin, { params, query, representation, ids: this.ids });
      ms += performance.now() - began;
      switch (result.outcome) {
        case 'equal':
          return { differences: [], count: 0, ms };
        case 'differs':
          return { differences: result.differences, count: result.count, ms };
        case 'needs_ids':
          await this.#lookUp(result.wanted);
      }
    }
    throw new ShadowError('SHADOW_RULE', 'a comparator keeps asking for ids that have been looked up');
  }

  /** Two answers of the primary: where it has moved in between. Paths point into `later`. */
  withItself(later: ReadAnswer, earlier: ReadAnswer): Compared {
    const { route, params, query } = this.#reading;
    const began = performance.now();
    const result = route.compare(later, earlier, { params, query, representation: 'primary', ids: NO_IDS });
    const ms = performance.now() - began;
    switch (result.outcome) {
      case 'equal':
        return { differences: [], count: 0, ms };
      case 'differs':
        return { differences: result.differences, count: result.count, ms };
      case 'needs_ids':
        throw new ShadowError('SHADOW_RULE', 'a comparator asks for ids where both answers are the primary’s');
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
