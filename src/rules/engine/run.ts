/** The state of one compare: the request's context, ids that are wanted, and pairs of ids met so far. */
import type { Side } from '../../types.ts';
import type { CompareContext, IdPairs, IdValue, SupposedPair, WantedId } from '../rule.ts';
import { Meter } from './meter.ts';

/** What two ids are to each other; `pending` until the caller has looked the twin's id up. */
export type IdRelation = 'same' | 'pending' | 'different' | 'collision';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** 24 lowercase hex digits; a loop, because this is asked on the equal path of blobs. */
export function isObjectId(text: string): boolean {
  if (text.length !== OBJECT_ID) return false;
  for (let i = 0; i < OBJECT_ID; i++) if (!isLowerHex(text.charCodeAt(i))) return false;
  return true;
}

/** The same of ASCII text that lies between two places. */
export function isObjectIdIn(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== OBJECT_ID) return false;
  for (let i = from; i < to; i++) if (!isLowerHex(bytes[i] ?? 0)) return false;
  return true;
}

const OBJECT_ID = 24;

function isLowerHex(code: number): boolean {
  return (code >= 48 && code < 58) || (code >= 97 && code < 103);
}

export const isUuid = (text: string): boolean => UUID.test(text);

const NO_IDS_KNOWN: IdPairs = Object.freeze({
  uuidOf: () => undefined,
  objectIdOf: () => undefined,
  relates: () => true,
  relate: () => 'new' as const,
});

/** Stands for every id that was never seen. */
export const UNSEEN = '?';

const keyOf = (text: string): IdValue => ({ text, type: 'key' });

export class Run {
  readonly context: CompareContext;
  /** True where the twin answers in its own forms: uuids, to be paired. */
  readonly twinForms: boolean;
  readonly wanted: Map<string, WantedId>;
  /** Ids met for the first time, with the partner they were met with; checked against each other at the end. */
  supposed: SupposedPair[] = [];
  /** While what differs is described: an id that was just met with another partner is a collision at once. */
  describing = false;
  #met: Map<string, string> | null = null;
  readonly meter: Meter;
  /** How often an unknown id was met: tells a list whether the items it just looked at are decided. */
  pendings = 0;
  /** The pairs of this pair of answers: one ObjectId has one uuid. */
  #pairs: PairTable | null = null;
  /** Pairs that are known from the ObjectId alone, by collection and uuid: the reverse has to be watched too. */
  #reverse: Map<string, string> | null = null;

  constructor(context: CompareContext, wanted: Map<string, WantedId> = new Map(), meter = new Meter(context.steps)) {
    this.context = context;
    this.meter = meter;
    this.twinForms = context.representation === 'twin';
    this.wanted = wanted;
  }

  /**
   * What the primary's ObjectId and the twin's uuid are to each other. One ObjectId with two uuids, or the reverse, in
   * one pair of answers is a collision even where each pair looks fine by itself.
   */
  pair(collection: string, objectId: string, uuid: string): IdRelation {
    if (this.relates(collection)) return this.relate(collection, keyOf(objectId), keyOf(uuid));
    return this.pairMapped(collection, objectId, uuid);
  }

  /** The same of a collection whose pairs are looked up by ObjectId and uuid. */
  pairMapped(collection: string, objectId: string, uuid: string): IdRelation {
    const mapped = this.context.ids.objectIdOf(collection, uuid);
    if (mapped === objectId) return this.#put(collection, objectId, uuid) ? 'same' : 'collision';
    if (mapped === undefined) return this.#pairFromPrimary(collection, objectId, uuid);
    return this.context.ids.uuidOf(collection, objectId) === uuid ? 'collision' : 'different';
  }

  /** The entity that an id denotes, as the primary writes it: the ObjectId where the twin's uuid is known. */
  entity(side: Side, collection: string, id: string): string {
    if (!this.twinForms) return id;
    if (this.relates(collection)) return this.#relatedEntity(side, collection, id);
    if (side === 'primary') return id;
    const mapped = this.context.ids.objectIdOf(collection, id);
    if (typeof mapped === 'string') return mapped;
    if (mapped === undefined && isUuid(id)) this.#want(collection, id);
    return id;
  }

  /** Ids that were never seen cannot be told apart. */
  #relatedEntity(side: Side, collection: string, id: string): string {
    const { ids } = this.context;
    if (side === 'primary')
      return ids.looksUp?.(collection) === true || ids.uuidOf(collection, id) !== undefined ? id : UNSEEN;
    const owner = ids.objectIdOf(collection, id);
    if (owner === undefined && ids.looksUp?.(collection) === true) this.#want(collection, id);
    // Looked up, and not found.
    return owner === null ? `!${id}` : (owner ?? UNSEEN);
  }

  /** True where pairs are known by a rule or from answers, and are not looked up. */
  relates(collection: string): boolean {
    return this.twinForms && this.context.ids.relates?.(collection) === true;
  }

  /** True where these two are known partners, or will be looked up; supposes no new pair. */
  knows(collection: string, primary: string, twin: string): boolean {
    const related = this.context.ids.relate?.(collection, keyOf(primary), keyOf(twin));
    if (related === 'unknown') this.#want(collection, twin);
    if (related === 'same' || related === 'unknown') return true;
    return this.supposed.some((one) => one.collection === collection && one.primary === primary && one.twin === twin);
  }

  /** True where neither of the two has a partner. */
  isNew(collection: string, primary: string, twin: string): boolean {
    return this.context.ids.relate?.(collection, keyOf(primary), keyOf(twin)) === 'new';
  }

  /** True where this is an id of such a collection that has a partner. */
  names(side: Side, collection: string, id: string): boolean {
    if (!this.relates(collection)) return false;
    const { ids } = this.context;
    return typeof (side === 'primary' ? ids.uuidOf(collection, id) : ids.objectIdOf(collection, id)) === 'string';
  }

  /** How two ids are related where they are not looked up. */
  relate(collection: string, primary: IdValue, twin: IdValue): IdRelation {
    const related = this.context.ids.relate?.(collection, primary, twin) ?? 'different';
    if (related === 'unknown') {
      this.#want(collection, twin.text);
      return 'pending';
    }
    if (related !== 'new') return related;
    const pair = { collection, primary: primary.text, twin: twin.text };
    this.supposed.push(pair);
    return this.describing && !this.#fits(pair) ? 'collision' : 'same';
  }

  #fits({ collection, primary, twin }: SupposedPair): boolean {
    const [there, back] = [`${collection}>${primary}`, `${collection}<${twin}`];
    this.#met ??= new Map();
    const fits = (this.#met.get(there) ?? twin) === twin && (this.#met.get(back) ?? primary) === primary;
    if (fits) this.#met.set(there, twin).set(back, primary);
    return fits;
  }

  /** The same request with no id known, so that items differ only by what is not an id. */
  blind(): Run {
    return new Run({ ...this.context, representation: 'twin', ids: NO_IDS_KNOWN }, new Map(), this.meter);
  }

  /** True where an id that was met for the first time was met with two partners. */
  get contradicts(): boolean {
    this.#met = null;
    return !this.supposed.every((pair) => this.#fits(pair));
  }

  /** True where the twin's id is one that `id_map` knows. */
  isKnown(collection: string, uuid: string): boolean {
    return typeof this.context.ids.objectIdOf(collection, uuid) === 'string';
  }

  /** The twin's id is not looked up yet; perhaps the primary's is. */
  #pairFromPrimary(collection: string, objectId: string, uuid: string): IdRelation {
    if (!isObjectId(objectId) || !isUuid(uuid)) return 'different';
    if (this.context.ids.uuidOf(collection, objectId) !== uuid) {
      this.#want(collection, uuid);
      return 'pending';
    }
    this.#reverse ??= new Map();
    const key = `${collection}:${uuid}`;
    const known = this.#reverse.get(key);
    if (known !== undefined && known !== objectId) return 'collision';
    this.#reverse.set(key, objectId);
    return this.#put(collection, objectId, uuid) ? 'same' : 'collision';
  }

  #put(collection: string, objectId: string, uuid: string): boolean {
    this.#pairs ??= new PairTable();
    return this.#pairs.put(collection, objectId, uuid);
  }

  #want(collection: string, id: string): void {
    this.pendings++;
    const key = `${collection}:${id}`;
    if (!this.wanted.has(key)) this.wanted.set(key, Object.freeze({ collection, id }));
  }
}

/**
 * ObjectId -> uuid by collection, for one compare. An own table because a `Map` would hash every id again: of an
 * ObjectId the last digits, which count up, are enough to spread.
 */
class PairTable {
  /** One more than the number of the pair; 0 is a free slot. */
  #slots = new Int32Array(slotsFor(lastSize));
  readonly #hashes: number[] = [];
  readonly #objectIds: string[] = [];
  readonly #uuids: string[] = [];
  readonly #collections: string[] = [];

  /** False where the ObjectId is paired with another uuid already. */
  put(collection: string, objectId: string, uuid: string): boolean {
    const hash = slotOf(objectId);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let pair = this.#slots[slot] ?? 0; pair !== 0; pair = this.#slots[slot] ?? 0) {
      if (this.#objectIds[pair - 1] === objectId && this.#collections[pair - 1] === collection)
        return this.#uuids[pair - 1] === uuid;
      slot = (slot + 1) & mask;
    }
    this.#objectIds.push(objectId);
    this.#uuids.push(uuid);
    this.#collections.push(collection);
    lastSize = this.#hashes.push(hash);
    this.#slots[slot] = lastSize;
    if (lastSize * 2 > this.#slots.length) this.#grow();
    return true;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    this.#hashes.forEach((hash, pair) => {
      let slot = hash & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = pair + 1;
    });
    this.#slots = slots;
  }
}

/** Pairs in the table before this one: a page of rows follows on a page of rows, and growing costs more than filling. */
let lastSize = 0;

/** Slots for this many pairs, half of them free; bounded, so that a small answer after a huge one does not pay for it. */
function slotsFor(pairs: number): number {
  let slots = 32;
  while (slots < pairs * 2 && slots < 16_384) slots *= 2;
  return slots;
}

/** The last seven characters as a number. */
function slotOf(id: string): number {
  let slot = 0;
  for (let i = id.length - 7; i < id.length; i++) slot = Math.imul(slot, 31) + id.charCodeAt(i);
  return slot ^ (slot >>> 13);
}
