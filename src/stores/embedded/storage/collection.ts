import { randomUUID } from 'node:crypto';
import { decode } from '../bson/decode.ts';
import { encode } from '../bson/encode.ts';
import { hashKey } from '../bson/hash-key.ts';
import { type Doc, int32, Regex, Timestamp, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { sortNeeds } from '../query/needs.ts';
import type { Change } from '../replica/change-log.ts';
import { MAX_DOCUMENT } from '../wire/message.ts';
import { duplicateKey, Index, type IndexSpec, type Key } from './index.ts';
import { newObjectId } from './object-id.ts';
import { Record } from './record.ts';

const ID_PATTERN: Doc = new Map([['_id', int32(1)]]);

export const ID_INDEX = {
  name: '_id_',
  pattern: ID_PATTERN,
  parts: [{ name: '_id', path: ['_id'], direction: 1 as const }],
};

/** Is told of each change of a document when it is made. */
export type Note = (id: Value, change: Change) => void;

/** The documents of one collection, in the order they were inserted, with the indexes over them. */
export class Collection {
  readonly namespace: string;
  readonly uuid = Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
  readonly records = new Map<number, Record>();
  readonly indexes = new Map<string, Index>();
  readonly #byId = new Map<string, Record>();
  /** The order of ids, made when a range or a sort first asks for it. */
  #idOrder: Index | undefined;
  #next = 1;
  readonly #note: Note | undefined;

  constructor(namespace: string, note?: Note) {
    this.namespace = namespace;
    this.#note = note;
  }

  findById(id: Value): Record | undefined {
    return this.#byId.get(hashKey(id));
  }

  get idOrder(): Index {
    if (this.#idOrder === undefined) {
      const index = new Index({
        ...ID_INDEX,
        unique: true,
        sparse: false,
        expireAfterSeconds: undefined,
        partial: undefined,
        description: new Map(),
      });
      const needs = new Set(['_id']);
      for (const record of this.records.values()) index.add(index.keysOf(record.look(needs)), record);
      this.#idOrder = index;
    }
    return this.#idOrder;
  }

  /** Inserts the bytes of a document; gives it an `_id` and puts that first where MongoDB would. */
  insert(given: Buffer): Record {
    const decoded = decode(given);
    const document = prepared(decoded);
    const bytes = document === decoded ? copyOf(given) : encode(document);
    checkSize(bytes);
    return this.#add(bytes, document);
  }

  insertDocument(given: Doc): Record {
    const document = prepared(given);
    const bytes = encode(document);
    checkSize(bytes);
    return this.#add(bytes, document);
  }

  #add(bytes: Buffer, document: Doc): Record {
    const id = document.get('_id') ?? null;
    const key = hashKey(id);
    if (this.#byId.has(key)) throw duplicateKey(this.namespace, ID_INDEX, [id]);
    const record = new Record(this.#next, bytes);
    const entries = [...this.indexes.values()].map((index): [Index, Key[]] => [index, index.keysOf(document)]);
    for (const [index, keys] of entries) index.check(keys, undefined, this.namespace);
    this.#next += 1;
    this.records.set(record.id, record);
    this.#byId.set(key, record);
    for (const [index, keys] of entries) index.add(keys, record);
    if (this.#idOrder !== undefined) this.#idOrder.add([[id]], record);
    this.#note?.(id, { kind: 'insert', document: bytes });
    return record;
  }

  /**
   * Puts another version of a document in its place; whether anything changed. The `_id` must be the same. `changeOf` says
   * what of it is changed, where it is not the whole document.
   */
  replace(record: Record, document: Doc, changeOf?: (before: Doc) => Change): boolean {
    const bytes = encode(document);
    if (bytes.equals(record.bytes)) return false;
    checkSize(bytes);
    const before = record.document;
    const changes: [Index, Key[], Key[]][] = [];
    for (const index of this.indexes.values()) {
      const keys = index.keysOf(document);
      index.check(keys, record, this.namespace);
      changes.push([index, index.keysOf(before), keys]);
    }
    for (const [index, old, keys] of changes) {
      index.remove(old, record);
      index.add(keys, record);
    }
    record.replace(bytes, document);
    this.#note?.(document.get('_id') ?? null, changeOf?.(before) ?? { kind: 'replace', document: bytes });
    return true;
  }

  remove(record: Record): void {
    const document = record.document;
    const id = document.get('_id') ?? null;
    for (const index of this.indexes.values()) index.remove(index.keysOf(document), record);
    this.#idOrder?.remove([[id]], record);
    this.#byId.delete(hashKey(id));
    this.records.delete(record.id);
    record.gone = true;
    this.#note?.(id, { kind: 'delete' });
  }

  /** Builds an index over the stored documents; with a duplicate key no index is kept. */
  createIndex(spec: IndexSpec): void {
    const index = new Index(spec);
    const needs = spec.partial === undefined ? sortNeeds(spec.parts) : undefined;
    for (const record of this.records.values()) {
      const keys = index.keysOf(record.look(needs));
      index.check(keys, record, this.namespace);
      index.add(keys, record);
    }
    this.indexes.set(spec.name, index);
  }
}

/** Out of the message it came in, which would stay in memory as long as one of its documents does. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafe(bytes.length);
  bytes.copy(copy);
  return copy;
}

function checkSize(bytes: Buffer): void {
  if (bytes.length <= MAX_DOCUMENT) return;
  throw new MongoError(
    'BSONObjectTooLarge',
    `object to insert too large. size in bytes: ${bytes.length}, max size: ${MAX_DOCUMENT}`,
  );
}

/** The document as it is stored: `_id` first, empty timestamps of the first level filled in. */
function prepared(document: Doc): Doc {
  const [first] = document.keys();
  const id = document.get('_id');
  checkId(id);
  const hasEmpty = [...document.values()].some((value) => value instanceof Timestamp && value.value === 0n);
  if (first === '_id' && !hasEmpty) return document;
  const stored: Doc = new Map([['_id', id ?? (document.has('_id') ? null : newObjectId())]]);
  for (const [name, value] of document) {
    if (name !== '_id') stored.set(name, value instanceof Timestamp && value.value === 0n ? nextTimestamp() : value);
  }
  return stored;
}

export function checkId(id: Value | undefined): void {
  if (Array.isArray(id)) throw new MongoError('InvalidIdField', "The '_id' value cannot be of type array");
  if (id instanceof Regex) throw new MongoError('InvalidIdField', "The '_id' value cannot be of type regex");
  if (!(id instanceof Map)) return;
  for (const name of id.keys()) {
    if (name.startsWith('$')) {
      throw new MongoError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${name}' in '_id' is not allowed`,
      );
    }
  }
}

let increment = 0n;

function nextTimestamp(): Timestamp {
  increment += 1n;
  return new Timestamp((BigInt(Math.floor(Date.now() / 1000)) << 32n) | (increment & 0xffffffffn));
}
