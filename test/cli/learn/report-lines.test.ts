import { expect } from 'chai';
import type { BothSidesCounts } from '../../../src/cli/learn/both-sides.ts';
import { draftLines } from '../../../src/cli/learn/report-lines.ts';
import { draftOf } from '../../../src/traffic/learn/draft.ts';
import { Learner, type SeenAnswer } from '../../../src/traffic/learn/learner.ts';

const COUNTS: BothSidesCounts = { asked: 0, dropped: 0, noReads: 0, failed: {}, waiting: 0 };

describe('what learn says', () => {
  it('calls a mutation no read, which came no faster than others', () => {
    const draft = draftOf(new Learner());
    expect(draftLines(draft, [], { ...COUNTS, noReads: 1 })).to.include(
      '1 request was not asked: a write such as a GraphQL mutation, or not certain to be a read',
    );
    expect(draftLines(draft, [], { ...COUNTS, dropped: 2 }).join()).to.match(/2 reads dropped: they came faster/);
  });

  it('says what is noise of that which was seen too seldom for a rule as well', () => {
    const learner = new Learner();
    const error = (id: string): SeenAnswer => ({ status: 404, rawHeaders: [], body: { requestId: id } });
    for (let i = 0; i < 3; i += 1) {
      const [primary, twin, again] = [error(`p${i}`), error(`t${i}`), error(`q${i}`)];
      learner.see({ method: 'GET', target: '/x/1', caller: null, primary, twin, again })?.keep();
    }
    expect(draftLines(draftOf(learner), [], COUNTS).join('\n')).to.match(/requestId.*the primary differs from itself/);
  });
});
