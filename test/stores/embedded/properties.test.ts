import { BSON } from 'bson';
import { expect } from 'chai';
import fc from 'fast-check';
import { compare, equal } from '../../../src/stores/embedded/bson/compare.ts';
import { decode, decodeFields } from '../../../src/stores/embedded/bson/decode.ts';
import { encode } from '../../../src/stores/embedded/bson/encode.ts';
import { hashKey } from '../../../src/stores/embedded/bson/hash-key.ts';
import { type Doc, int32, isDoc, type Value } from '../../../src/stores/embedded/bson/values.ts';
import { Run } from '../../../src/stores/embedded/commands/query.ts';
import { parseSort } from '../../../src/stores/embedded/query/sort.ts';
import { Collection } from '../../../src/stores/embedded/storage/collection.ts';
import { Ordered } from '../../../src/stores/embedded/storage/ordered.ts';
import { documents, filters, values } from './values.ts';

describe('stores/embedded, for any values', () => {
  it('a document is the same bytes after decoding and encoding, and the bytes of the package bson', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 4 }), (list) => {
        const bytes = encode(new Map([['list', list]]));
        expect(encode(decode(bytes)).equals(bytes)).to.equal(true);
        if (list.some(hasOddName)) return;
        const theirs = BSON.serialize(BSON.deserialize(bytes, { promoteValues: false, bsonRegExp: true }));
        // NaN has many bit patterns in a decimal and in a double; one is written.
        if (!bytes.includes(Buffer.from([0xf8, 0x7f]))) expect(Buffer.from(theirs).equals(bytes)).to.equal(true);
      }),
    );
  });

  it('fields that are decoded alone equal those of the whole document', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const part = decodeFields(encode(document), new Set(['b', 'c']));
        const whole = decode(encode(document));
        whole.delete('a');
        expect(encode(part).equals(encode(whole))).to.equal(true);
      }),
    );
  });

  it('their order is total, and values share a hash exactly when they are equal', () => {
    fc.assert(
      fc.property(values, values, values, (one, two, three) => {
        expect(Math.sign(compare(one, two))).to.equal(-Math.sign(compare(two, one)) + 0);
        if (compare(one, two) <= 0 && compare(two, three) <= 0) expect(compare(one, three)).to.be.at.most(0);
        expect(hashKey(one) === hashKey(two)).to.equal(equal(one, two));
      }),
      { numRuns: 2000 },
    );
  });

  it('an index finds what a walk through all finds, whatever comes and goes', () => {
    fc.assert(
      fc.property(
        fc.array(documents, { maxLength: 12 }),
        fc.array(documents, { maxLength: 6 }),
        filters,
        (first, later, filter) => {
          const walked = new Collection('t.walked');
          const indexed = new Collection('t.indexed');
          for (const pattern of [{ a: 1 }, { b: -1 }, { 'a.b': 1 }, { b: 1, c: -1 }]) declare(indexed, pattern);
          for (const collection of [walked, indexed]) change(collection, first, later);
          expect(ids(indexed, filter)).to.deep.equal(ids(walked, filter));
        },
      ),
      { numRuns: 600 },
    );
  });

  it('an index that gives an order gives the order of sorting', () => {
    fc.assert(
      fc.property(
        fc.array(documents, { maxLength: 12 }),
        fc.constantFrom(1, -1),
        fc.constantFrom(1, -1),
        (list, one, two) => {
          const walked = new Collection('t.walked');
          const indexed = new Collection('t.indexed');
          declare(indexed, { b: 1, c: -1 });
          for (const collection of [walked, indexed]) change(collection, list, []);
          const keys = (collection: Collection): string[] => {
            const run = new Run(collection, {
              ...ALL,
              sort: parseSort(
                new Map([
                  ['b', int32(one)],
                  ['c', int32(two)],
                ]),
              ),
            });
            return [...run.records()].map(({ record }) =>
              hashKey([record.document.get('b') ?? null, record.document.get('c') ?? null]),
            );
          };
          const isPlain = list.every((document) => !Array.isArray(document.get('c')));
          if (isPlain) expect(keys(indexed)).to.deep.equal(keys(walked));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('an ordered list is a sorted array, forwards and backwards from anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 3000 })), { maxLength: 3000 }),
        fc.integer({ min: 0, max: 3000 }),
        (steps, from) => {
          const list = new Ordered<number>((first, second) => first - second);
          const model = new Set<number>();
          for (const [adds, value] of steps) {
            if (adds && !model.has(value)) {
              list.add(value);
              model.add(value);
            } else if (!adds) expect(list.remove(value)).to.equal(model.delete(value));
          }
          const sorted = [...model].sort((first, second) => first - second);
          expect(list.size).to.equal(sorted.length);
          expect([...list.from((value) => value - from)]).to.deep.equal(sorted.filter((value) => value >= from));
          expect([...list.downFrom((value) => value - from)]).to.deep.equal(
            sorted.filter((value) => value <= from).reverse(),
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});

/** Names that a JavaScript object does not keep in their place. */
function hasOddName(value: Value): boolean {
  if (Array.isArray(value)) return value.some(hasOddName);
  if (!isDoc(value)) return false;
  return [...value].some(([name, inner]) => ['10', '2', '__proto__'].includes(name) || hasOddName(inner));
}

const ALL = {
  filter: new Map<string, Value>(),
  sort: [],
  skip: 0,
  limit: 0,
  projection: undefined,
  variables: new Map<string, Value>(),
};

function declare(collection: Collection, fields: Readonly<Record<string, number>>): void {
  const pattern: Doc = new Map(Object.entries(fields).map(([name, direction]) => [name, int32(direction)]));
  const name = Object.keys(fields).join('_');
  const parts = parseSort(pattern);
  collection.createIndex({
    name,
    pattern,
    parts,
    unique: false,
    sparse: false,
    expireAfterSeconds: undefined,
    partial: undefined,
    description: new Map(),
  });
}

/** Inserts, replaces every third by a later one, and removes every fifth. */
function change(collection: Collection, first: readonly Doc[], later: readonly Doc[]): void {
  for (const [at, document] of first.entries())
    collection.insertDocument(new Map<string, Value>([['_id', at], ...document]));
  for (const [at, document] of later.entries()) {
    const record = collection.findById(at * 3);
    if (record !== undefined) collection.replace(record, new Map<string, Value>([['_id', at * 3], ...document]));
  }
  for (let at = 0; at < first.length; at += 5) {
    const record = collection.findById(at);
    if (record !== undefined) collection.remove(record);
  }
}

function ids(collection: Collection, filter: Doc): unknown[] {
  const found = [...new Run(collection, { ...ALL, filter }).records()].map(({ record }) => record.document.get('_id'));
  return found.sort((first, second) => compare(first, second));
}
