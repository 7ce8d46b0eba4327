import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { ownText } from '../../src/base/own-text.ts';
import { Generations } from '../../src/verifier/ids/generations.ts';
import { RelatedIds } from '../../src/verifier/ids/related-ids.ts';

const BODIES = 200;
const BODY_BYTES = 100_000;

/** An id as a reader of CSV cuts it out of a body. */
function cutOut(n: number, half: string): string {
  const id = `${half}${String(n).padStart(23, '0')}`;
  const body = Buffer.alloc(BODY_BYTES, `${id},`).toString('latin1');
  return body.slice(0, id.length);
}

describe('ids that are kept', () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  const heap = (): number => {
    if (typeof collect === 'function') collect();
    return process.memoryUsage().heapUsed;
  };

  it('do not keep the bodies that they were cut out of', () => {
    const before = heap();
    const known = new Generations<string | null>(1_000);
    const related = new RelatedIds({ orders: { by: 'consistent', type: null } });
    for (let n = 0; n < BODIES; n += 1) {
      known.set(cutOut(n, 'a'), null, Number.POSITIVE_INFINITY);
      related.suppose([{ collection: 'orders', primary: cutOut(n, 'b'), twin: cutOut(n, 'c') }]);
    }
    const kept = heap() - before;
    expect(known.size).to.equal(BODIES);
    expect(related.twinOf('orders', cutOut(7, 'b'))).to.equal(cutOut(7, 'c'));
    expect(kept).to.be.below(5 * BODY_BYTES);
  });

  it('are the same texts, whatever is in them', () => {
    for (const text of ['', 'short', 'a'.repeat(40), 'naïve Zoë 日本 🙂 and more', '\ud800 alone, \udfff alone'])
      expect(ownText(text)).to.equal(text);
  });
});
