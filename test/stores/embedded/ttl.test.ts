import { expect } from 'chai';
import { DateTime, type Doc, int32, type Value } from '../../../src/stores/embedded/bson/values.ts';
import { parseSort } from '../../../src/stores/embedded/query/sort.ts';
import { Catalog } from '../../../src/stores/embedded/storage/catalog.ts';
import type { Collection } from '../../../src/stores/embedded/storage/collection.ts';
import { expire } from '../../../src/stores/embedded/storage/ttl.ts';

const NOW = 1_000_000;
const LIVES_SECONDS = 10;
const LIMIT = NOW - LIVES_SECONDS * 1_000;

function declare(collection: Collection, direction: 1 | -1): void {
  const pattern: Doc = new Map([['at', int32(direction)]]);
  collection.createIndex({
    name: 'at',
    pattern,
    parts: parseSort(pattern),
    unique: false,
    sparse: false,
    expireAfterSeconds: LIVES_SECONDS,
    partial: undefined,
    description: new Map(),
  });
}

/** A collection of documents with these values, whose ids are their places, and of one without. */
function stored(direction: 1 | -1, ...at: readonly Value[]): { readonly catalog: Catalog; left(): unknown[] } {
  const catalog = new Catalog();
  const collection = catalog.ensure('app', 'sessions');
  declare(collection, direction);
  const documents = at.map(
    (value, id): Doc =>
      new Map<string, Value>([
        ['_id', String(id)],
        ['at', value],
      ]),
  );
  for (const document of documents) collection.insertDocument(document);
  collection.insertDocument(new Map<string, Value>([['_id', 'none']]));
  return { catalog, left: () => [...collection.records.values()].map(({ document }) => document.get('_id')) };
}

describe('time to live', () => {
  for (const direction of [1, -1] as const) {
    it(`deletes what is as old as that or older, and nothing else, by an index in direction ${direction}`, () => {
      const { catalog, left } = stored(
        direction,
        new DateTime(LIMIT + 1),
        new DateTime(LIMIT),
        new DateTime(-LIMIT),
        new DateTime(Number.MIN_SAFE_INTEGER),
        'never',
        int32(1),
        null,
        true,
        [new DateTime(NOW), new DateTime(0)],
        [new DateTime(NOW), new DateTime(NOW + 1)],
      );
      expect(expire(catalog, NOW)).to.equal(4);
      expect(left()).to.deep.equal(['0', '4', '5', '6', '7', '9', 'none']);
      expect(expire(catalog, NOW)).to.equal(0);
    });

    it(`looks at few of those that live on, in direction ${direction}`, () => {
      let looks = 0;
      const later = Array.from({ length: 2_000 }, (_, i) =>
        Object.defineProperty(new DateTime(0), 'ms', {
          get() {
            looks += 1;
            return NOW + i;
          },
        }),
      );
      const { catalog } = stored(direction, new DateTime(0), ...later);
      looks = 0;
      expect(expire(catalog, NOW)).to.equal(1);
      expect(looks).to.be.below(100);
    });
  }
});
