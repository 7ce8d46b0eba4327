import { expect } from 'chai';
import { boundedCondition, boundedEvidence } from '../../src/gate/bounded.ts';
import type { Condition } from '../../src/gate/decision.ts';
import type { DomainEvidence, RouteEvidence } from '../../src/gate/evidence.ts';
import { evidence } from './evidence.ts';

describe("a gate's answer", () => {
  it('is of bounded length whatever there is, and says how much was left out', () => {
    const [route] = evidence().routes;
    const [shape] = route?.shapes ?? [];
    if (route === undefined || shape === undefined) throw new Error('no route to begin with');
    const many: RouteEvidence = {
      ...route,
      shapes: Array.from({ length: 300 }, (_, i) => ({ ...shape, shape: `q=${i}`, distinct: 300 - i })),
    };
    const whole: DomainEvidence = {
      ...evidence(),
      routes: [many],
      fingerprints: Array.from({ length: 4_404 }, (_, i) => ({
        fingerprint: String(i),
        route: route.key,
        kinds: ['value'],
        state: 'open' as const,
        owner: null,
        reason: null,
        expiresAt: null,
        count: 1,
        lastSeen: 0,
      })),
    };
    const shown = boundedEvidence(whole);
    expect(JSON.stringify(shown).length).to.be.below(30_000);
    expect(shown.cut).to.deep.equal({ fingerprints: 4_354, shapes: { [route.key]: 275 } });
    // Those that lack most are the ones to look at.
    expect(shown.routes[0]?.shapes[0]?.shape).to.equal('q=299');
  });

  it('names the first of what is missing and counts the rest', () => {
    const condition: Condition = {
      name: 'shapes',
      holds: null,
      figure: 0,
      limit: 1_000,
      unit: 'count',
      window: 'epoch 1',
      text: '',
      missing: Array.from({ length: 1_000 }, (_, i) => `payments: shape ${i}`),
    };
    const { missing } = boundedCondition(condition);
    expect(missing).to.have.length(25);
    expect(missing.at(-1)).to.equal('and 976 more of this kind');
  });
});
