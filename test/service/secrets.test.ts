import { expect } from 'chai';
import { loadConfig } from '../../src/config.ts';
import { readSecrets, sharedKeys } from '../../src/service/secrets.ts';

const { config } = loadConfig(null, {});

describe('the keys of a replica', () => {
  it('are the same in all of its processes, though none is configured', () => {
    const shared = sharedKeys(config, {});
    const [one, other] = [readSecrets(config, shared), readSecrets(config, { ...shared })];
    expect(one.redactionKey).to.deep.equal(other.redactionKey);
    expect(one.loopSecret).to.equal(other.loopSecret);
    expect(readSecrets(config, sharedKeys(config, {})).redactionKey).not.to.deep.equal(one.redactionKey);
  });

  it('are those of the environment where it has some', () => {
    const given = { SHADOWREAD_REDACTION_KEY: 'a key of ours', SHADOWREAD_LOOP_SECRET: 'a-secret-of-ours' };
    expect(sharedKeys(config, given)).to.deep.equal({});
    const { SHADOWREAD_LOOP_SECRET: secret } = given;
    expect(Object.keys(sharedKeys(config, { SHADOWREAD_LOOP_SECRET: secret }))).to.deep.equal([
      'SHADOWREAD_REDACTION_KEY',
    ]);
  });
});
