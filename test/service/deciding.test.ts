import { expect } from 'chai';
import { type ConfigInput, defineConfig } from '../../src/config.ts';
import { rulesByDomain } from '../../src/service/deciding.ts';
import { api } from '../support/things-routes.ts';

const digests = (input: ConfigInput): Readonly<Record<string, string>> => rulesByDomain(api, defineConfig(input));

describe('what a domain is compared by', () => {
  const plain = digests({});

  it('changes with what the config says of the ids that its rules name, and of no others', () => {
    const paired = digests({ ids: { things: { by: 'consistent' } } });
    expect(paired.things).not.to.equal(plain.things);
    expect(paired.poison).to.equal(plain.poison);
    expect(digests({ ids: { things: { by: 'same' } } }).things).not.to.equal(paired.things);
    expect(digests({ ids: { nobody: { by: 'consistent' } } })).to.deep.equal(plain);
  });

  it('changes with the origins of a side, which any Location may have', () => {
    const origins = ['https://shop.example'];
    const changed = [digests({ primary: { origins } }), digests({ twin: { origins } })];
    for (const domain of Object.keys(plain))
      expect(new Set([plain, ...changed].map((of) => of[domain])).size, domain).to.equal(3);
  });

  it('stays where only the address changes at which ids are asked for', () => {
    const query = 'select id, uuid from things where id = any($1)';
    const asked = (url: string) => digests({ ids: { things: { by: 'query', query, url } } });
    expect(asked('postgres://a/b')).to.deep.equal(asked('postgres://c/d'));
    expect(asked('postgres://a/b').things).not.to.equal(plain.things);
  });
});
