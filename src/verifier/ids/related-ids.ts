/**
 * Collections whose pairs nobody looks up: the same text on both sides, the twin's id made from the primary's by a
 * rule, or a bijection by consistency, where the first pair of answers that agree is what all later ones are held to.
 */
import { ownText } from '../../base/own-text.ts';
import type { KeptPair, PairStore } from '../../rules/pair-store.ts';
import type { IdRelated, IdValue, SupposedPair, WantedId } from '../../rules/rule.ts';
import { Generations } from './generations.ts';
import { backByRule, byRule, type IdRule, isReversible } from './id-rule.ts';
import { type IdQuery, QueryIds } from './query-ids.ts';

/** How the ids of one collection belong together. */
export type IdKind = {
  /** The JSON type in which the twin prints them; null: any. */
  readonly type: 'number' | 'string' | null;
} & (
  | { readonly by: 'same' }
  | { readonly by: 'consistent' /** An id means another entity at each Host. */; readonly perHost?: boolean }
  | { readonly by: 'rule'; readonly rule: IdRule }
  | ({ readonly by: 'query' } & IdQuery)
);

/** Most pairs of one collection; further ones are only checked for consistency within each answer. */
const PAIRS = 200_000;
/** How long "the query gives no such id" is believed, ms: a backfill may be adding it right now. */
const ABSENT_MS = 2_000;

interface Bijection {
  readonly twins: Map<string, { readonly twin: string; sightings: number }>;
  readonly owners: Map<string, string>;
}

/** Sightings are counted up to this number. */
const SEEN_ENOUGH = 2;

export class RelatedIds implements PairStore {
  readonly #kinds: ReadonlyMap<string, IdKind>;
  readonly #seen = new Map<string, Bijection>();
  readonly #met = new Map<string, KeptPair>();
  readonly #queries: QueryIds;
  readonly #perHost: ReadonlySet<string>;
  /** By collection and the twin's id: the primary's, null where the query gave none. */
  readonly #owners = new Generations<string | null>(PAIRS);
  /** By collection and the twin's id: the primary's, of rules that are not reversible, for ids that were asked for. */
  readonly #ruled = new Generations<string>(PAIRS);

  #changed = 0;

  /** `defaultUrl`: where queries are asked that do not say where. */
  constructor(kinds: Readonly<Record<string, IdKind>>, defaultUrl: string | null = null) {
    this.#kinds = new Map(Object.entries(kinds));
    const perHost = [...this.#kinds].filter(([, kind]) => kind.by === 'consistent' && kind.perHost === true);
    this.#perHost = new Set(perHost.map(([name]) => name));
    const queries = [...this.#kinds].flatMap(([name, kind]) => (kind.by === 'query' ? [[name, kind] as const] : []));
    this.#queries = new QueryIds(new Map(queries), defaultUrl);
  }

  /** Grows whenever a pair that was known may be another one now, see `KnownIds`: a query's, or one that gave way. */
  get changes(): number {
    return this.#changed + this.#owners.forgotten + this.#ruled.forgotten;
  }

  looksUp(collection: string): boolean {
    return this.#kinds.get(collection)?.by === 'query';
  }

  /** True where these are ids that a query is asked for. @throws ShadowError SHADOW_POSTGRES */
  async lookUp(wanted: readonly WantedId[]): Promise<boolean> {
    const own = wanted.filter(({ collection }) => this.looksUp(collection));
    for (const [collection, ids] of Map.groupBy(own, (one) => one.collection)) {
      const owners = await this.#queries.ownersOf(
        collection,
        ids.map(({ id }) => id),
      );
      const gone = performance.now() + ABSENT_MS;
      for (const { id } of ids) {
        const owner = owners.get(id) ?? null;
        const before = this.#owners.get(id, performance.now(), collection);
        if (before !== undefined && before !== owner) this.#changed += 1;
        this.#owners.set(id, owner, owner === null ? gone : Number.POSITIVE_INFINITY, collection);
      }
    }
    return own.length > 0;
  }

  close(): Promise<void> {
    return this.#queries.close();
  }

  get size(): number {
    return this.#kinds.size;
  }

  relates(collection: string): boolean {
    return this.#kinds.has(collection);
  }

  /** True where the same id at another Host is another entity, so that its pairs are kept apart. */
  isPerHost(collection: string): boolean {
    // Asked for each id of each answer, and mostly there are none.
    return this.#perHost.size > 0 && this.#perHost.has(collection);
  }

  /** The twin's id of the primary's; undefined where it was never seen. */
  twinOf(collection: string, primary: string): string | undefined {
    const kind = this.#kinds.get(collection);
    switch (kind?.by) {
      case 'same':
        return primary;
      case 'rule': {
        const twin = byRule(kind.rule, primary);
        if (twin !== null && !isReversible(kind.rule)) this.#noteRuled(collection, primary, twin);
        return twin ?? undefined;
      }
      default:
        return this.#seen.get(collection)?.twins.get(primary)?.twin;
    }
  }

  /** The primary's id of the twin's; undefined where it was never seen, null where it was looked up and has none. */
  primaryOf(collection: string, twin: string): string | null | undefined {
    const kind = this.#kinds.get(collection);
    switch (kind?.by) {
      case 'query':
        return this.#owners.get(twin, performance.now(), collection);
      case 'same':
        return twin;
      case 'rule':
        return isReversible(kind.rule)
          ? (backByRule(kind.rule, twin) ?? undefined)
          : this.#ruled.get(twin, performance.now(), collection);
      default:
        return this.#seen.get(collection)?.owners.get(twin);
    }
  }

  relate(collection: string, primary: IdValue, twin: IdValue): IdRelated {
    const kind = this.#kinds.get(collection);
    if (kind === undefined) return 'different';
    if (kind.type !== null && twin.type !== 'key' && twin.type !== kind.type) return 'different';
    if (kind.by === 'query') {
      const known = this.primaryOf(collection, twin.text);
      if (known === undefined) return 'unknown';
      return known === primary.text ? 'same' : 'different';
    }
    const partner = this.twinOf(collection, primary.text);
    if (kind.by !== 'consistent') {
      return partner === twin.text ? 'same' : 'different';
    }
    const owner = this.primaryOf(collection, twin.text);
    if (partner === undefined && owner === undefined) return 'new';
    return partner === twin.text && owner === primary.text ? 'same' : 'different';
  }

  /** Pairs of two answers that agree in all else. */
  suppose(pairs: readonly SupposedPair[]): void {
    // One answer that shows a pair twice is one sighting.
    const noted = new Map(pairs.map((pair) => [keyOf(pair), pair]));
    for (const pair of noted.values()) this.#note(pair);
  }

  /** True for a pair that only one answer has shown so far: one more makes it more than a guess. */
  isFresh(collection: string, primary: string): boolean {
    if (this.#kinds.get(collection)?.by !== 'consistent') return false;
    const held = this.#seen.get(collection)?.twins.get(primary);
    return held !== undefined && held.sightings < SEEN_ENOUGH;
  }

  /** Another answer has shown these pairs. */
  sighted(collection: string, primaries: Iterable<string>): void {
    for (const primary of primaries) {
      const held = this.#seen.get(collection)?.twins.get(primary);
      if (held !== undefined) this.#note({ collection, primary, twin: held.twin });
    }
  }

  get kept(): readonly string[] {
    return [...this.#kinds].filter(([, { by }]) => by === 'consistent').map(([collection]) => collection);
  }

  takeMet(most: number): readonly KeptPair[] {
    const taken = [...this.#met].slice(0, most);
    for (const [key] of taken) this.#met.delete(key);
    return taken.map(([, pair]) => pair);
  }

  giveBack(pairs: readonly KeptPair[]): void {
    for (const pair of pairs) this.#tell(pair);
  }

  adopt(pairs: readonly KeptPair[]): void {
    for (const { collection, primary, twin, sightings } of pairs) {
      const held = this.#heldOf(collection);
      const mine = held.twins.get(primary);
      const owner = held.owners.get(twin);
      if (mine !== undefined && mine.twin !== twin) held.owners.delete(mine.twin);
      if (owner !== undefined && owner !== primary) held.twins.delete(owner);
      if ((mine ?? { twin }).twin !== twin || (owner ?? primary) !== primary) this.#changed += 1;
      if (mine === undefined && held.twins.size >= PAIRS) continue;
      held.twins.set(primary, { twin, sightings });
      held.owners.set(twin, primary);
    }
  }

  forget(pairs: readonly SupposedPair[]): void {
    for (const { collection, primary, twin } of pairs) {
      this.#met.delete(keyOf({ collection, primary, twin }));
      const held = this.#heldOf(collection);
      if (held.twins.get(primary)?.twin !== twin) continue;
      held.twins.delete(primary);
      held.owners.delete(twin);
      this.#changed += 1;
    }
  }

  #heldOf(collection: string): Bijection {
    const held = this.#seen.get(collection) ?? { twins: new Map(), owners: new Map() };
    this.#seen.set(collection, held);
    return held;
  }

  #tell(pair: KeptPair): void {
    const key = keyOf(pair);
    const told = this.#met.get(key);
    if (told !== undefined) this.#met.set(key, { ...pair, sightings: pair.sightings + told.sightings });
    else if (this.#met.size < PAIRS) this.#met.set(key, ownPair(pair));
  }

  #noteRuled(collection: string, primary: string, twin: string): void {
    if (this.#ruled.get(twin, performance.now(), collection) === primary) return;
    this.#ruled.set(twin, ownText(primary), Number.POSITIVE_INFINITY, collection);
  }

  #note({ collection, primary, twin }: SupposedPair): void {
    const held = this.#heldOf(collection);
    this.#tell({ collection, primary, twin, sightings: 1 });
    const known = held.twins.get(primary);
    if (known !== undefined) known.sightings += 1;
    else if (held.twins.size < PAIRS) {
      const own = ownPair({ primary, twin });
      held.twins.set(own.primary, { twin: own.twin, sightings: 1 });
      held.owners.set(own.twin, own.primary);
    }
  }
}

/** Ids come out of bodies, and are kept longer than these. */
const ownPair = <P extends { readonly primary: string; readonly twin: string }>(pair: P): P => ({
  ...pair,
  primary: ownText(pair.primary),
  twin: ownText(pair.twin),
});

const keyOf = ({ collection, primary, twin }: SupposedPair): string => JSON.stringify([collection, primary, twin]);

export const NO_RELATED_IDS = new RelatedIds({});
