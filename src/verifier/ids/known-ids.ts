import type { IdPairs, IdRelated, IdValue, SupposedPair, WantedId } from '../../rules/rule.ts';
import { Generations } from './generations.ts';
import { NO_RELATED_IDS, type RelatedIds } from './related-ids.ts';
import { type IdMapSource, type IdPair, isUuid } from './source.ts';

export interface KnownIdsOptions {
  /** Pairs kept at most. */
  readonly size: number;
  /** How long "there is no such pair" is believed, ms: a backfill may be adding it right now. */
  readonly absentMs: number;
}

const KNOWN_IDS_DEFAULTS: KnownIdsOptions = Object.freeze({ size: 200_000, absentMs: 2_000 });

/** A pair never changes, so it is kept; that an id has no pair is believed only for a moment. */
export class KnownIds {
  readonly #source: IdMapSource;
  readonly #options: KnownIdsOptions;
  readonly #uuids: Generations<string | null>;
  readonly #objectIds: Generations<string | null>;
  #awayUntil = 0;
  #changed = 0;

  constructor(source: IdMapSource, options: KnownIdsOptions = KNOWN_IDS_DEFAULTS) {
    this.#source = source;
    this.#options = options;
    this.#uuids = new Generations(options.size / 2);
    this.#objectIds = new Generations(options.size / 2);
  }

  /** False for a while after the source could not be asked. */
  get available(): boolean {
    return performance.now() >= this.#awayUntil;
  }

  /**
   * Grows whenever a pair that was known may be another one now: it was found to be, or is forgotten and will be asked for
   * anew. A pair of ids that were not known before changes nothing: no comparison can have been decided by it.
   */
  get changes(): number {
    return this.#changed + this.#uuids.forgotten + this.#objectIds.forgotten;
  }

  get size(): number {
    return this.#uuids.size + this.#objectIds.size;
  }

  uuidOf(collection: string, objectId: string): string | null | undefined {
    return this.#uuids.get(objectId, performance.now(), collection);
  }

  objectIdOf(collection: string, uuid: string): string | null | undefined {
    return this.#objectIds.get(uuid, performance.now(), collection);
  }

  /** Asks the source and keeps what it says; also gives it back, since the cache may forget it before it is read. */
  async fill(wanted: readonly WantedId[], into: ReadIds): Promise<void> {
    const pairs = await this.#lookUp(wanted);
    const gone = performance.now() + this.#options.absentMs;
    wanted.forEach(({ collection, id }, i) => {
      const pair = pairs[i];
      const objectId = pair?.objectId ?? null;
      const uuid = pair?.uuid ?? null;
      if (isUuid(id)) {
        this.#notice(this.objectIdOf(collection, id), objectId);
        this.#objectIds.set(id, objectId, objectId === null ? gone : Number.POSITIVE_INFINITY, collection);
        into.learn(collection, objectId, id);
      } else {
        this.#notice(this.uuidOf(collection, id), uuid);
        this.#uuids.set(id, uuid, uuid === null ? gone : Number.POSITIVE_INFINITY, collection);
        into.learn(collection, id, uuid);
      }
    });
  }

  #notice(before: string | null | undefined, now: string | null): void {
    if (before !== undefined && before !== now) this.#changed += 1;
  }

  async #lookUp(wanted: readonly WantedId[]): Promise<readonly IdPair[]> {
    try {
      return await this.#source.lookup(wanted);
    } catch (error) {
      this.#awayUntil = performance.now() + AWAY_MS;
      throw error;
    }
  }
}

/** How long a source that failed is left alone, ms. */
const AWAY_MS = 5_000;

/** The ids that one read knows: first those that were just looked up for it, then the cache. */
export class ReadIds implements IdPairs {
  readonly #known: KnownIds | null;
  readonly #related: RelatedIds;
  readonly #prefix: string;
  readonly #uuids = new Map<string, string | null>();
  readonly #objectIds = new Map<string, string | null>();
  /** True if the result depends on an id without a pair: a backfill may be adding it right now. */
  leansOnAbsence = false;
  /** Pairs that this read brought, and those it showed that one other read had brought. */
  readonly #supposed = new Set<string>();
  readonly #sighted = new Map<string, Set<string>>();

  /** `host`: that the read was sent to; ids of collections whose pairs are kept for each host are known by both. */
  constructor(known: KnownIds | null, related: RelatedIds = NO_RELATED_IDS, host = '') {
    this.#known = known;
    this.#related = related;
    this.#prefix = `${host} `;
  }

  relates(collection: string): boolean {
    return this.#related.relates(collection);
  }

  looksUp(collection: string): boolean {
    return this.#related.looksUp(collection);
  }

  relate(collection: string, primary: IdValue, twin: IdValue): IdRelated {
    if (this.looksUp(collection) && this.#related.primaryOf(collection, twin.text) === null) this.leansOnAbsence = true;
    const mine = this.#keptValue(collection, primary);
    const related = this.#related.relate(collection, mine, this.#keptValue(collection, twin));
    if (related === 'same' && this.#related.isFresh(collection, mine.text)) this.#meet(collection, mine.text);
    return related;
  }

  suppose(pairs: readonly SupposedPair[]): void {
    const kept = pairs.map(({ collection, primary, twin }) => ({
      collection,
      primary: this.#kept(collection, primary),
      twin: this.#kept(collection, twin),
    }));
    for (const { collection, primary } of kept) this.#supposed.add(`${collection}:${primary}`);
    this.#related.suppose(kept);
  }

  /** The two answers mean the same: counts one more sighting of each pair in them, except those that they were first to show. */
  confirm(): void {
    for (const [collection, primaries] of this.#sighted) this.#related.sighted(collection, primaries);
    this.#sighted.clear();
  }

  #meet(collection: string, primary: string): void {
    if (this.#supposed.has(`${collection}:${primary}`)) return;
    this.#sighted.set(collection, (this.#sighted.get(collection) ?? new Set()).add(primary));
  }

  learn(collection: string, objectId: string | null, uuid: string | null): void {
    if (objectId !== null) this.#uuids.set(`${collection}:${objectId}`, uuid);
    if (uuid !== null) this.#objectIds.set(`${collection}:${uuid}`, objectId);
  }

  uuidOf(collection: string, objectId: string): string | null | undefined {
    return this.#told(this.#uuidOf(collection, objectId));
  }

  objectIdOf(collection: string, uuid: string): string | null | undefined {
    return this.#told(this.#objectIdOf(collection, uuid));
  }

  /** The id as its pair is kept. A host holds no space, so that no two ids become one. */
  #kept(collection: string, id: string): string {
    return this.#related.isPerHost(collection) ? this.#prefix + id : id;
  }

  #keptValue(collection: string, id: IdValue): IdValue {
    return this.#related.isPerHost(collection) ? { ...id, text: this.#prefix + id.text } : id;
  }

  #bare<Id extends string | null | undefined>(collection: string, id: Id): Id | string {
    return typeof id === 'string' && this.#related.isPerHost(collection) ? id.slice(this.#prefix.length) : id;
  }

  #told(id: string | null | undefined): string | null | undefined {
    if (id === null) this.leansOnAbsence = true;
    return id;
  }

  #uuidOf(collection: string, objectId: string): string | null | undefined {
    if (this.#related.relates(collection))
      return this.#bare(collection, this.#related.twinOf(collection, this.#kept(collection, objectId)));
    const learned = this.#uuids.size === 0 ? undefined : this.#uuids.get(`${collection}:${objectId}`);
    return learned !== undefined ? learned : this.#known?.uuidOf(collection, objectId);
  }

  #objectIdOf(collection: string, uuid: string): string | null | undefined {
    if (this.#related.relates(collection)) {
      return this.#bare(collection, this.#related.primaryOf(collection, this.#kept(collection, uuid)));
    }
    const learned = this.#objectIds.size === 0 ? undefined : this.#objectIds.get(`${collection}:${uuid}`);
    return learned !== undefined ? learned : this.#known?.objectIdOf(collection, uuid);
  }

  /** True where new ids came in. @throws what the source throws */
  async lookUp(wanted: readonly WantedId[]): Promise<boolean> {
    const queried = await this.#related.lookUp(wanted);
    const rest = queried ? wanted.filter(({ collection }) => !this.#related.looksUp(collection)) : wanted;
    if (this.#known === null || rest.length === 0) return queried;
    await this.#known.fill(rest, this);
    return true;
  }
}
