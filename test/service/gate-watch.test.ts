import { expect } from 'chai';
import { lacking } from '../../src/service/gate-watch.ts';

describe('what a route still lacks', () => {
  it('is all while nothing was compared, and nothing from the minimum on', () => {
    expect(lacking(undefined, 300, null)).to.equal(1);
    expect(lacking({ distinct: 75, answers: 75 }, 300, null)).to.equal(0.75);
    expect(lacking({ distinct: 300, answers: 10 }, 300, null)).to.equal(0);
    expect(lacking({ distinct: 9_000, answers: 10 }, 300, null)).to.equal(0);
  });

  it('is nothing once every one of few possible answers was seen', () => {
    expect(lacking({ distinct: 4, answers: 4 }, 300, 4)).to.equal(0);
    expect(lacking({ distinct: 3, answers: 3 }, 300, 4)).to.equal(0.99);
  });
});
