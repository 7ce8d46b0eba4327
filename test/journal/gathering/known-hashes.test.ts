import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { KnownHashes } from '../../../src/journal/gathering/known-hashes.ts';

describe('known hashes', () => {
  it('are known at the place they were added to, once each, until all are forgotten', () => {
    const known = new KnownHashes();
    for (const [place, hash] of [
      ['a', '1'],
      ['a', '1'],
      ['a', '2'],
      ['b', '1'],
    ] as const)
      known.add(place, hash);
    expect(known.size).to.equal(3);
    expect(known.has('a', '2')).to.equal(true);
    expect(known.has('b', '2')).to.equal(false);
    expect(known.has('c', '1')).to.equal(false);
    known.clear();
    expect(known.size).to.equal(0);
    expect(known.has('a', '1')).to.equal(false);
  });

  it('take less than 150 bytes each, however long the name of their place and the text they were cut from', () => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    const heap = (): number => {
      if (typeof collect === 'function') collect();
      return process.memoryUsage().heapUsed;
    };
    const before = heap();
    const known = new KnownHashes();
    for (let i = 0; i < 20_000; i += 1) {
      const text = createHash('sha256').update(String(i)).digest('hex');
      known.add(`${'evidence '.repeat(25)}${i % 10}`, `u${text.slice(0, 16)}`);
    }
    const each = (heap() - before) / known.size;
    expect(known.size).to.equal(20_000);
    expect(each).to.be.below(150);
  });
});
