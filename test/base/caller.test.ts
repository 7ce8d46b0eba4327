import { expect } from 'chai';
import { callerKeyOf, credentialsOf, declareRenamed, splitCredentials } from '../../src/base/caller.ts';

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
    it(`is identified by ${what}, and by all who ask in the same way`, () => {
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

describe('what is never kept of a request', () => {
  const kept = (...raw: string[]): string => splitCredentials(raw).rest.join();

  it('is what looks like a credential by its name, in any spelling; it makes no other caller', () => {
    for (const name of [
      'X-Session-Token',
      'x-csrf-token',
      'API-Key',
      'X_Access_Token',
      'X-JWT',
      'X-Auth',
      'Session-Id',
    ])
      expect(kept(name, 'hunter2', 'Accept', 'a'), name).to.equal('Accept,a');
    for (const name of ['Accept', 'X-Author', 'X-Tokenizer', 'Sec-WebSocket-Key'])
      expect(kept(name, 'v'), name).to.equal(`${name},v`);
    expect(credentialsOf(['X-Csrf-Token', 'fresh'])).to.equal('');
  });

  it('is a credential under the name that the config gives it, and the one that it had, on either side', () => {
    declareRenamed({ 'X-Who-Asks': 'Authorization' }, { 'x-who-asks': 'X-Person', 'X-Plain': 'X-Other' });
    for (const name of ['X-WHO-ASKS', 'x-person'])
      expect(kept(name, 'hunter2', 'Accept', 'a'), name).to.equal('Accept,a');
    expect(kept('X-Plain', 'v', 'X-Other', 'w')).to.equal('X-Plain,v,X-Other,w');
    expect(credentialsOf(['X-Who-Asks', 'ada'])).to.not.equal(credentialsOf(['X-Who-Asks', 'eve']));
  });
});
