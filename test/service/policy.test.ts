import { expect } from 'chai';
import { loadConfig } from '../../src/config.ts';
import { createPolicy } from '../../src/service/policy.ts';
import type { Route } from '../../src/types.ts';

const routes: readonly Route[] = [
  { key: 'GET /a/:id', method: 'GET', pattern: '/a/:id', domain: 'alpha' },
  { key: 'GET /b', method: 'GET', pattern: '/b', domain: 'beta' },
];
const config = loadConfig(null, { SHADOWREAD_TWIN_URL: 'http://127.0.0.1:9' }).config;

describe('policy', () => {
  it('is frozen, and a change is a new value with a higher version', () => {
    const holder = createPolicy(config, routes);
    const first = holder.current();
    holder.control({ routes: { 'GET /b': { sample: 0.5 } } });
    expect(first.routes['GET /b']?.sample).to.equal(1);
    expect(holder.current().routes['GET /b']?.sample).to.equal(0.5);
    expect(holder.current().version).to.be.greaterThan(first.version);
    expect(Object.isFrozen(holder.current()) && Object.isFrozen(holder.current().routes)).to.equal(true);
  });

  it('mirrors nothing where no twin is configured', () => {
    expect(createPolicy(loadConfig(null, {}).config, routes).current().shadowing).to.equal(false);
  });

  it('keeps run-time controls over a reloaded config', () => {
    const holder = createPolicy(config, routes);
    holder.control({ domains: { alpha: { paused: true } } });
    holder.configure({ ...config, shadow: { ...config.shadow, sample: 0.2 } });
    expect(holder.current().routes['GET /a/:id']).to.include({ paused: true, sample: 0.2 });
    expect(holder.current().routes['GET /b']).to.include({ paused: false, sample: 0.2 });
  });

  it('goes off and on again by the switch, whatever the controls say', () => {
    const holder = createPolicy(config, routes);
    holder.control({ shadowing: true });
    expect(holder.toggle()).to.equal(false);
    expect(holder.toggle()).to.equal(true);
  });

  it("follows the journal's stages and keeps the config's for the rest", () => {
    const holder = createPolicy({ ...config, domains: { beta: { stage: 'off' } } }, routes);
    holder.stages({ alpha: { stage: 'flipped', percent: 5 } });
    expect(holder.current().domains).to.deep.equal({
      alpha: { stage: 'flipped', percent: 5 },
      beta: { stage: 'off', percent: 100 },
    });
  });

  it('refuses a route or a domain that is not in the table', () => {
    const holder = createPolicy(config, routes);
    expect(() => holder.control({ routes: { 'GET /c': { paused: true } } })).to.throw('GET /c');
    expect(() => holder.control({ domains: { gamma: { paused: true } } })).to.throw('gamma');
  });
});
