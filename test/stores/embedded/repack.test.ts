import { expect } from 'chai';
import { encode } from '../../../src/stores/embedded/bson/encode.ts';
import { type Doc, int32, type Value } from '../../../src/stores/embedded/bson/values.ts';
import { Catalog } from '../../../src/stores/embedded/storage/catalog.ts';
import { memoryOf, repack } from '../../../src/stores/embedded/storage/repack.ts';

const DOCUMENTS = 40;
const document = (id: number, version: number): Doc =>
  new Map<string, Value>([
    ['_id', int32(id)],
    ['version', int32(version)],
    ['text', 'x'.repeat(300)],
  ]);

describe('repack', () => {
  let poolSize: number;
  before(() => {
    poolSize = Buffer.poolSize;
    // As in the server's process.
    Buffer.poolSize = 1 << 20;
  });
  after(() => {
    Buffer.poolSize = poolSize;
  });

  it('gives back the memory that replies and earlier versions took beside documents which stayed', () => {
    const catalog = new Catalog();
    const collection = catalog.ensure('app', 'payments');
    for (let id = 0; id < DOCUMENTS; id += 1) {
      collection.insertDocument(document(id, 0));
      // What a server writes in between.
      for (let i = 0; i < 3; i += 1) encode(new Map([['reply', 'y'.repeat(400_000)]]));
    }
    const before = memoryOf(catalog);
    expect(before.held).to.be.greaterThan(before.documents * 100);
    const kept = [...collection.records.values()].map(({ bytes }) => Buffer.from(bytes));
    expect(repack(catalog)).to.be.greaterThan(before.held / 2);
    expect(memoryOf(catalog).held).to.be.at.most(4 << 20);
    expect([...collection.records.values()].map(({ bytes }) => bytes)).to.deep.equal(kept);
    expect(collection.findById(int32(7))?.document.get('text')).to.equal('x'.repeat(300));
  });

  it('leaves documents where they are while most of the memory is theirs', () => {
    const catalog = new Catalog();
    const collection = catalog.ensure('app', 'payments');
    for (let id = 0; id < DOCUMENTS; id += 1) collection.insertDocument(document(id, 0));
    const before = [...collection.records.values()].map(({ bytes }) => bytes);
    expect(repack(catalog)).to.equal(0);
    expect([...collection.records.values()].every(({ bytes }, i) => bytes === before[i])).to.equal(true);
  });
});
