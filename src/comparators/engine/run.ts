/** The state of one compare: the request's context, ids that are wanted, and pairs of ids met so far. */
import type { Side } from '../../types.ts';
import type { CompareContext, WantedId } from '../rule.ts';

/** What two ids are to each other; `pending` until the caller has looked the twin's id up. */
export type IdRelation = 'same' | 'pending' | 'different' | 'collision';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** 24 lowercase hex digits; a loop, because this is asked on the equal path of blobs. */
export function isObjectId(text: string): boolean {
  if (text.length !== 24) return false;
  for (let i = 0; i < 24; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 102 || (code > 57 && code < 97)) return false;
  }
  return true;
}

export const isUuid = (text: string): boolean => UUID.test(text);

export class Run {
  readonly context: CompareContext;
  /** True where the twin answers in its own forms: uuids, to be paired. */
  readonly twinForms: boolean;
  readonly wanted: Map<string, WantedId>;
  /** How often an unknown id was met: tells a list whether the items it just looked at are decided. */
  pendings = 0;
  /** Pairs that `id_map` was seen to give in one direction only: collection and ObjectId -> uuid. */
  #paired: Map<string, string> | null = null;

  constructor(context: CompareContext, wanted: Map<string, WantedId> = new Map()) {
    this.context = context;
    this.twinForms = context.representation === 'twin';
    this.wanted = wanted;
  }

  /**
   * What the primary's ObjectId and the twin's uuid are to each other. Both directions are asked: one ObjectId with two
   * uuids, or the reverse, is a collision even where each pair looks fine by itself.
   */
  pair(collection: string, objectId: string, uuid: string): IdRelation {
    const { ids } = this.context;
    const mapped = ids.objectIdOf(collection, uuid);
    const reverse = ids.uuidOf(collection, objectId);
    if (mapped === objectId) return reverse === uuid ? 'same' : this.#oneWay(collection, objectId, uuid, reverse);
    if (mapped === undefined) {
      if (!isObjectId(objectId) || !isUuid(uuid)) return 'different';
      if (reverse === uuid) return this.#oneWay(collection, objectId, uuid, undefined);
      this.#want(collection, uuid);
      return 'pending';
    }
    return reverse === uuid ? 'collision' : 'different';
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

  /** Only one direction is known: what this pair of answers has shown so far stands in for the other. */
  #oneWay(collection: string, objectId: string, uuid: string, reverse: string | null | undefined): IdRelation {
    if (typeof reverse === 'string') return 'collision';
    this.#paired ??= new Map();
    for (const [key, value] of [
      [`${collection}:${objectId}`, uuid],
      [`${collection}:${uuid}`, objectId],
    ] as const) {
      const known = this.#paired.get(key);
      if (known !== undefined && known !== value) return 'collision';
      this.#paired.set(key, value);
    }
    return 'same';
  }

  #want(collection: string, id: string): void {
    this.pendings++;
    const key = `${collection}:${id}`;
    if (!this.wanted.has(key)) this.wanted.set(key, Object.freeze({ collection, id }));
  }
}
