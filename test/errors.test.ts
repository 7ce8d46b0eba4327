import { expect } from 'chai';
import { messageOf } from '../src/errors.ts';

describe('the message of what was thrown', () => {
  it('is never empty: neither of a name whose addresses all fail nor of an error without words', () => {
    const refused = (address: string): Error => new Error(`connect ECONNREFUSED ${address}`);
    expect(
      messageOf(new AggregateError([refused('::1:5432'), refused('127.0.0.1:5432'), refused('::1:5432')])),
    ).to.equal('connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432');
    expect(messageOf(new AggregateError([new Error('one')], 'none of two'))).to.equal('none of two');
    expect(messageOf(Object.assign(new Error(''), { code: 'ECONNRESET' }))).to.equal('ECONNRESET');
    expect(messageOf(new TypeError())).to.equal('TypeError');
    expect(messageOf('text')).to.equal('text');
  });
});
