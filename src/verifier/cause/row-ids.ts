/** Ids of documents and rows, by `id_map` or by the tables that keep both. */
import type { ModelMapping } from '../../api/mapping.ts';
import type { IdPairs, WantedId } from '../../rules/rule.ts';
import { type KnownIds, ReadIds } from '../ids/known-ids.ts';
import { isObjectId, isUuid } from '../ids/source.ts';
import type { NamedEntity } from './entities.ts';
import type { CauseSource } from './source.ts';

/** Rows looked up at once by their own ids. */
const AT_ONCE = 100;

export interface PairedId {
  /** The document's id. */
  readonly mongoId: string;
  /** The row's own id, where it has one. */
  readonly uuid: string | null;
}

export class RowIds implements IdPairs {
  readonly #source: CauseSource;
  readonly #byCollection: ReadonlyMap<string, ModelMapping>;
  readonly #mapped: ReadIds;
  readonly #own = new Map<string, string | null>();
  readonly #documents = new Map<string, string | null>();

  constructor(known: KnownIds, source: CauseSource, byCollection: ReadonlyMap<string, ModelMapping>) {
    this.#mapped = new ReadIds(known);
    this.#source = source;
    this.#byCollection = byCollection;
  }

  uuidOf(collection: string, mongoId: string): string | null | undefined {
    return this.#keeps(collection) === null
      ? this.#mapped.uuidOf(collection, mongoId)
      : this.#own.get(`${collection}:${mongoId}`);
  }

  objectIdOf(collection: string, own: string): string | null | undefined {
    return this.#keeps(collection) === null
      ? this.#mapped.objectIdOf(collection, own)
      : this.#documents.get(`${collection}:${own}`);
  }

  /** Documents' ids, of any collection. */
  async lookUp(wanted: readonly WantedId[]): Promise<void> {
    const kept = wanted.filter(({ collection }) => this.#keeps(collection) !== null);
    const rest = wanted.filter(({ collection }) => this.#keeps(collection) === null);
    if (rest.length > 0) await this.#mapped.lookUp(rest);
    for (const [collection, ids] of Map.groupBy(kept, (one) => one.collection)) {
      const mapping = this.#keeps(collection);
      if (mapping === null) continue;
      const documents = ids.map(({ id }) => id);
      const found = await this.#source.ownIds(mapping, documents);
      for (const id of documents) this.#own.set(`${collection}:${id}`, found.get(id) ?? null);
    }
  }

  /** Rows' own ids, of any collection: which documents they are of, where the table keeps both. */
  async claimOf(wanted: readonly WantedId[]): Promise<void> {
    for (const [collection, named] of Map.groupBy(wanted, (one) => one.collection)) {
      const mapping = this.#keeps(collection);
      if (mapping === null) continue;
      const own = [...new Set(named.map(({ id }) => id))].slice(0, AT_ONCE);
      const found = await this.#source.claimedBy(mapping, own);
      for (const id of own) this.#documents.set(`${collection}:${id}`, found.get(id) ?? null);
    }
  }

  /** The documents of these entities; null for an entity without one. */
  async pair(entities: readonly NamedEntity[]): Promise<readonly (PairedId | null)[]> {
    const mapped = entities.filter(({ collection }) => this.#keeps(collection) === null);
    await this.#learnMapped(mapped);
    await this.claimOf(entities.filter(({ side }) => side === 'twin'));
    // Rows that refer to what the read is about hold its own id.
    await this.lookUp(
      entities.filter(
        ({ collection, side, as }) => side === 'primary' && as === 'param' && this.#keeps(collection) !== null,
      ),
    );
    return entities.map((entity) =>
      this.#keeps(entity.collection) === null ? this.#mappedPair(entity) : this.#keptPair(entity),
    );
  }

  #keptPair({ collection, id, side }: NamedEntity): PairedId | null {
    // In the primary's forms both sides print the document's id.
    const mongoId = side === 'twin' ? (this.objectIdOf(collection, id) ?? id) : id;
    return { mongoId, uuid: side === 'twin' ? id : (this.uuidOf(collection, id) ?? null) };
  }

  #mappedPair({ collection, id: given }: NamedEntity): PairedId | null {
    const id = given.toLowerCase();
    if (!isUuid(id) && !isObjectId(id)) return null;
    const mongoId = isUuid(id) ? this.#mapped.objectIdOf(collection, id) : id;
    const uuid = isUuid(id) ? id : (this.#mapped.uuidOf(collection, id) ?? null);
    return typeof mongoId === 'string' ? { mongoId, uuid } : null;
  }

  async #learnMapped(entities: readonly NamedEntity[]): Promise<void> {
    const unknown = entities
      .filter(({ collection, id, as }) =>
        isUuid(id)
          ? this.#mapped.objectIdOf(collection, id) === undefined
          : as === 'param' && isObjectId(id.toLowerCase()),
      )
      .map(({ collection, id }) => ({ collection, id: id.toLowerCase() }));
    if (unknown.length > 0) await this.#mapped.lookUp(unknown);
    // A row that never had a document is in no `id_map`: only the row itself says which document it claims to be.
    const wanted = new Map<string, Set<string>>();
    for (const { collection, id } of entities) {
      const uuid = id.toLowerCase();
      if (!isUuid(uuid) || typeof this.#mapped.objectIdOf(collection, uuid) === 'string') continue;
      wanted.set(collection, (wanted.get(collection) ?? new Set()).add(uuid));
    }
    for (const [collection, uuids] of wanted) {
      const mapping = this.#byCollection.get(collection);
      if (mapping?.identity !== 'objectId') continue;
      const claimed = await this.#source.claimedBy(mapping, [...uuids].slice(0, AT_ONCE));
      for (const [uuid, mongoId] of claimed) this.#mapped.learn(collection, mongoId, uuid);
    }
  }

  #keeps(collection: string): ModelMapping | null {
    const mapping = this.#byCollection.get(collection);
    return mapping?.identity === 'column' ? mapping : null;
  }
}
