import { expect } from 'chai';
import { ControlReads } from '../../../src/journal/gathering/control-reads.ts';
import { mismatch, verdict } from '../../support/verdicts.ts';

describe('where the primary disagrees with itself', () => {
  it('is kept of control reads and of unstable reads alike, and only the former count for the noise floor', () => {
    const reads = new ControlReads();
    const control = { agreed: false, paths: ['/token', '/at'] };
    reads.add(verdict({ control }), control);
    const { patterns } = mismatch();
    const [{ path = '' } = {}] = patterns;
    for (let n = 0; n < 2; n += 1) reads.unstable(verdict({ kind: 'unstable', patterns: [...patterns, ...patterns] }));
    const taken = reads.take();
    expect(taken.controlPaths.map((one) => [one.path, one.n])).to.deep.equal([
      ['/token', 1],
      ['/at', 1],
      [path, 2],
    ]);
    expect(taken.control.map(({ n, disagreed }) => [n, disagreed])).to.deep.equal([[1, 1]]);
  });
});
