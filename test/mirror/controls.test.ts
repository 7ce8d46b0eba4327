/** What people and the gate may turn: in force at the next read. */

import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import type { Policy, RoutePolicy } from '../../src/types.ts';
import { type Listening, listen, MirrorBench, policyOf } from '../support/mirror-bench.ts';

const THING = JSON.stringify({
  _id: '64b000000000000000000001',
  name: 'Lamp',
  amount: 1,
  currency: 'EUR',
  at: '2026-05-01T10:00:00.000Z',
});
const CSV = 'id,count\r\n64b000000000000000000001,3\r\n';
const offer = { route: 'GET /things/:id', target: '/things/64b000000000000000000001' };
const PAGE = JSON.stringify({ data: [], pagination: { page: 1, limit: 20, total: 0, pages: 0 } });

const route = (more: Partial<RoutePolicy>): RoutePolicy => ({
  paused: false,
  sample: 1,
  sampleBy: 'read',
  priority: 0,
  ...more,
});

describe('the controls of the mirror', () => {
  let primary: Listening;
  let twin: Listening;
  let held: ServerResponse[] = [];
  let holding = false;
  let asked = 0;
  let primaryAsked = 0;

  const answer = (target: string, response: ServerResponse): void => {
    const csv = target.endsWith('.csv');
    response.writeHead(200, { 'content-type': csv ? 'text/csv; charset=utf-8' : 'application/json' });
    response.end(csv ? CSV : target.startsWith('/things?') ? PAGE : THING);
  };

  before(async () => {
    primary = await listen((request, response) => {
      primaryAsked += 1;
      answer(request.url ?? '', response);
    });
    twin = await listen((request, response) => {
      asked += 1;
      if (holding) held.push(response);
      else answer(request.url ?? '', response);
    });
  });

  after(async () => {
    await Promise.all([primary.close(), twin.close()]);
  });

  const using = async (
    options: ConstructorParameters<typeof MirrorBench>[2],
    run: (bench: MirrorBench) => Promise<void>,
  ): Promise<void> => {
    const bench = new MirrorBench(primary.url, twin.url, { niceness: 0, ...options });
    try {
      await bench.mirror.ready;
      await run(bench);
    } finally {
      holding = false;
      for (const response of held) answer('', response);
      held = [];
      await bench.close();
    }
  };

  it('pause all, pause a route, a stage that is off and a sample of none: each by its reason, and the twin is not asked', () =>
    using({}, async (bench) => {
      const before = asked;
      bench.mirror.setPolicy(policyOf({}, { shadowing: false }));
      await bench.read(offer);
      bench.mirror.setPolicy(policyOf({}, { routes: { [offer.route]: route({ paused: true }) } }));
      await bench.read(offer);
      bench.mirror.setPolicy(policyOf({}, { domains: { things: { stage: 'off', percent: 100 } } }));
      await bench.read(offer);
      bench.mirror.setPolicy(policyOf({}, { routes: { [offer.route]: route({ sample: 0 }) } }));
      await bench.read(offer);
      bench.mirror.setPolicy(policyOf());
      await bench.read({ ...offer, rawHeaders: ['X-SHADOW-READ', '1'] });
      expect(bench.kinds()).to.deep.equal({ 'skipped:paused': 3, 'skipped:not_sampled': 1, 'skipped:loop': 1 });
      expect(asked).to.equal(before);
      expect((await bench.one(offer)).kind).to.equal('match');
    }));

  it('switching off also stops what waits for a worker', () =>
    using({ policy: policyOf({ twinConcurrency: 1 }) }, async (bench) => {
      holding = true;
      for (let i = 0; i < 5; i += 1) await bench.read(offer);
      while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      bench.mirror.setPolicy(policyOf({ twinConcurrency: 1 }, { shadowing: false }));
      expect(bench.kinds()).to.deep.equal({ 'skipped:paused': 4 });
      for (const response of held.splice(0)) answer('', response);
      await bench.until(5);
      expect(bench.kinds()).to.deep.equal({ 'skipped:paused': 4, match: 1 });
    }));

  it('a limit that rises reaches what waits with a worker, and one that falls too', () => {
    // On a busy machine none of those that are held may time out.
    const limited = (twinConcurrency: number, more: Partial<Policy> = {}): Policy =>
      policyOf({ twinConcurrency, twinTimeoutMs: 60_000 }, more);
    return using({ policy: limited(1) }, async (bench) => {
      const waiting = async (count: number): Promise<void> => {
        while (held.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      holding = true;
      for (let i = 0; i < 6; i += 1) await bench.read(offer);
      await waiting(1);
      bench.mirror.setPolicy(limited(3));
      await waiting(3);
      expect(bench.mirror.counts()).to.deep.include({
        queued: 3,
        twinConcurrency: { limit: 3, ceiling: 3, inUse: 3 },
      });
      bench.mirror.setPolicy(limited(1));
      for (const response of held.splice(0)) answer('', response);
      await bench.until(3);
      await waiting(1);
      expect([held.length, bench.mirror.counts().queued]).to.deep.equal([1, 2]);
      bench.mirror.setPolicy(limited(1, { shadowing: false }));
      expect(bench.kinds()).to.deep.equal({ match: 3, 'skipped:paused': 2 });
    });
  });

  it('under pressure what the gate lacks goes first, at the cost of what it does not', () => {
    const limits = { twinConcurrency: 1, queue: 4 };
    const routes = { 'GET /things': route({ priority: 1 }), [offer.route]: route({ priority: 0.1 }) };
    return using({ policy: policyOf(limits, { routes }) }, async (bench) => {
      holding = true;
      await bench.read(offer);
      while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      for (let i = 0; i < 6; i += 1) await bench.read(offer);
      expect(bench.kinds()).to.deep.equal({ 'skipped:overload': 2 });
      for (let i = 0; i < 3; i += 1) await bench.read({ route: 'GET /things', target: '/things?page=1' });
      const shed = bench.verdicts.filter((verdict) => verdict.reason === 'overload');
      expect(shed.map((verdict) => verdict.route.key)).to.deep.equal(Array.from({ length: 5 }, () => offer.route));
      expect(bench.mirror.counts().queued).to.equal(4);
    });
  });

  it('the byte budget refuses what does not fit, and too large is too large', () =>
    using({ policy: policyOf({ heldBytes: 300, bodyBytes: 200 }) }, async (bench) => {
      const admit = () => {
        const admission = bench.mirror.admit({
          route: { key: offer.route, method: 'GET', pattern: '/things/:id', domain: 'things' },
          served: 'primary',
          method: 'GET',
          target: offer.target,
          rawHeaders: [],
          trace: {
            traceId: '0'.repeat(32),
            parentSpanId: null,
            spanId: '1'.repeat(16),
            twinSpanId: '2'.repeat(16),
            sampled: true,
          },
          at: 0,
        });
        if (admission === null) throw new Error('refused');
        return admission;
      };
      const [first, second] = [admit(), admit()];
      expect([first.hold(150), first.hold(51), second.hold(151), second.hold(150)]).to.deep.equal([
        'held',
        'too_large',
        'overload',
        'held',
      ]);
      expect(bench.mirror.counts().heldBytes).to.equal(300);
      first.skip('too_large');
      expect(bench.mirror.counts().heldBytes).to.equal(150);
      second.skip('client_aborted');
      expect(bench.mirror.counts().heldBytes).to.equal(0);
    }));

  it('the twin gets requests no faster than its rate', () =>
    using({ policy: policyOf({ twinPerSecond: 20 }) }, async (bench) => {
      const began = performance.now();
      for (let i = 0; i < 8; i += 1) await bench.read(offer);
      await bench.until(8);
      expect(bench.kinds()).to.deep.equal({ match: 8 });
      // Two at once, then one each 50 ms.
      expect(performance.now() - began).to.be.at.least(250);
    }));

  it('a control read asks the primary once more, by the same client at the same time, within its budget', () =>
    using({ control: 1, policy: policyOf({ recheckPerSecond: 0.001 }) }, async (bench) => {
      const before = primaryAsked;
      const verdict = await bench.one(offer);
      expect(verdict.kind).to.equal('match');
      expect(verdict.control).to.deep.include({ agreed: true, paths: [] });
      expect(verdict.control?.timing?.primary.headersMs).to.be.greaterThan(0);
      expect(verdict.control?.timing?.twin?.headersMs).to.be.greaterThan(0);
      expect(primaryAsked - before).to.equal(2);
      expect((await bench.one(offer)).control).to.equal(null);
      expect(primaryAsked - before).to.equal(3);
    }));

  it('HEAD, CSV and a flipped read are verified too', () =>
    using({}, async (bench) => {
      expect((await bench.one({ ...offer, method: 'HEAD' })).kind).to.equal('match');
      expect((await bench.one({ route: 'GET /things.csv', target: '/things.csv' })).kind).to.equal('match');
      const before = primaryAsked;
      const flipped = await bench.one({ ...offer, served: 'twin' });
      expect(flipped).to.include({ kind: 'match', served: 'twin', representation: 'primary' });
      expect(primaryAsked - before).to.equal(1);
    }));

  it('without a twin nothing is mirrored, and closing is quick', async () => {
    const bench = new MirrorBench(primary.url, primary.url, { twinUrl: null });
    await bench.mirror.ready;
    await bench.read(offer);
    expect(bench.kinds()).to.deep.equal({ 'skipped:paused': 1 });
    await bench.close();
  });

  it('a listener that throws loses its verdict and nothing else', () =>
    using(
      {
        onVerdict: () => {
          throw new Error('the journal is on fire');
        },
      },
      async (bench) => {
        await bench.one(offer);
        expect(bench.mirror.counts()).to.include({ seen: 1, inFlight: 0 });
        expect(bench.logs.join()).to.contain('the journal is on fire');
      },
    ));
});
