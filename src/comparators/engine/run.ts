/** The state of one compare: the request's context, ids that are wanted, and pairs of ids met so far. */
import type { Side } from '../../types.ts';
import type { CompareContext, WantedId } from '../rule.ts';

/** What two ids are to each other; `pending` until the caller has looked the twin's id up. */
export type IdRelation = 'same' | 'pending' | 'different' | 'collision';

const OBJECT_ID = /^[0-9a-f]{24}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isObjectId = (text: string): boolean => OBJECT_ID.test(text);
export const isUuid = (text: string): boolean => UUID.test(text);

export class Run {
  readonly context: CompareContext;
  /** True where the twin answers in its own forms: uuids, to be paired. */
  readonly twinForms: boolean;
  readonly wanted: Map<string, WantedId>;
  /** How often an unknown id was met: tells a list whether the items it just looked at are decided. */
  pendings = 0;
  /** Per collection: ObjectId -> the uuid it was paired with in this pair of answers. */
  readonly #paired = new Map<string, Map<string, string>>();
  #lastCollection = '';
  #lastPaired = new Map<string, string>();

  constructor(context: CompareContext, wanted: Map<string, WantedId> = new Map()) {
    this.context = context;
    this.twinForms = context.representation === 'twin';
    this.wanted = wanted;
  }

  /** Pairs the primary's ObjectId with the twin's uuid, and remembers it: one ObjectId has one uuid and the reverse. */
  pair(collection: string, objectId: string, uuid: string): IdRelation {
    const paired = this.#pairsOf(collection);
    const known = paired.get(objectId);
    if (known === uuid) return 'same';
    const mapped = this.context.ids.objectIdOf(collection, uuid);
    if (mapped === undefined) return this.#pairByObjectId(paired, collection, objectId, uuid);
    if (mapped !== objectId) return this.#isReverse(collection, objectId, uuid) ? 'collision' : 'different';
    if (known !== undefined) return 'collision';
    paired.set(objectId, uuid);
    return 'same';
  }

  /** The entity that an id denotes, as the primary writes it: the ObjectId where the twin's uuid is known. */
  entity(side: Side, collection: string, id: string): string {
    if (side === 'primary' || !this.twinForms) return id;
    const mapped = this.context.ids.objectIdOf(collection, id);
    if (typeof mapped === 'string') return mapped;
    if (mapped === undefined && isUuid(id)) this.#want(collection, id);
    return id;
  }

  /** True where the twin's id is one that `id_map` knows. */
  isKnown(collection: string, uuid: string): boolean {
    return typeof this.context.ids.objectIdOf(collection, uuid) === 'string';
  }

  #pairsOf(collection: string): Map<string, string> {
    if (collection === this.#lastCollection) return this.#lastPaired;
    let paired = this.#paired.get(collection);
    if (paired === undefined) {
      paired = new Map();
      this.#paired.set(collection, paired);
    }
    this.#lastCollection = collection;
    this.#lastPaired = paired;
    return paired;
  }

  #pairByObjectId(paired: Map<string, string>, collection: string, objectId: string, uuid: string): IdRelation {
    if (!isObjectId(objectId) || !isUuid(uuid)) return 'different';
    if (this.context.ids.uuidOf(collection, objectId) !== uuid) {
      this.#want(collection, uuid);
      return 'pending';
    }
    for (const [other, its] of paired) if ((other === objectId) !== (its === uuid)) return 'collision';
    paired.set(objectId, uuid);
    return 'same';
  }

  #isReverse(collection: string, objectId: string, uuid: string): boolean {
    return this.context.ids.uuidOf(collection, objectId) === uuid;
  }

  #want(collection: string, id: string): void {
    this.pendings++;
    const key = `${collection}:${id}`;
    if (!this.wanted.has(key)) this.wanted.set(key, Object.freeze({ collection, id }));
  }
}
