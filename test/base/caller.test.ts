import { expect } from 'chai';
import { callerKeyOf, credentialsOf, splitCredentials } from '../../src/base/caller.ts';

describe('the caller', () => {
  for (const [what, one, other, same] of [
    ['a token', ['Authorization', 'Bearer a'], ['authorization', 'Bearer a'], true],
    ['another token', ['Authorization', 'Bearer a'], ['Authorization', 'Bearer b'], false],
    ['a key', ['X-API-Key', 'a'], ['x-api-key', 'b'], false],
    ['the same key in another field', ['X-API-Key', 'a'], ['X-Auth-Token', 'a'], false],
    [
      'a session beside a token',
      ['Authorization', 'a', 'Cookie', 's=1'],
      ['Authorization', 'a', 'Cookie', 's=2'],
      false,
    ],
    ['the same in another order', ['Cookie', 's', 'Authorization', 'a'], ['Authorization', 'a', 'Cookie', 's'], true],
    ['what is no credential', ['Accept', 'a'], ['Accept', 'b'], true],
  ] as const) {
    it(`is told by ${what}, and by all who ask in the same way`, () => {
      expect(credentialsOf(one) === credentialsOf(other)).to.equal(same);
      expect(callerKeyOf(one) === callerKeyOf(other)).to.equal(same);
      const left = [one, other].map((raw) => splitCredentials(raw).credentials.join());
      if (!same) expect(left[0]).to.not.equal(left[1]);
    });
  }

  it('without credentials is the address that a load balancer reported, which makes no other question', () => {
    const [one, other] = [
      ['X-Forwarded-For', '10.0.0.1'],
      ['X-Forwarded-For', '10.0.0.2'],
    ];
    expect(callerKeyOf(one ?? [])).to.not.equal(callerKeyOf(other ?? []));
    expect(credentialsOf(one ?? []))
      .to.equal('')
      .and.to.equal(credentialsOf(other ?? []));
  });
});
