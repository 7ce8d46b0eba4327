/** Conservation: reads seen are the sum of all verdicts and those in flight, at every moment, whatever happens. */

import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { Admission, Limits, SkipReason } from '../../src/types.ts';
import { LIMITS, type Listening, listen, MirrorBench, policyOf, routeOf } from '../support/mirror-bench.ts';

const THING = {
  _id: '64b000000000000000000001',
  name: 'Lamp',
  amount: 1,
  currency: 'EUR',
  at: '2026-05-01T10:00:00.000Z',
};
const READS = 1_500;

/** A generator of its own, so that a failing run can be had again. */
function prng(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

describe('a storm of reads', function () {
  this.slow(20_000);
  let primary: Listening;
  let twin: Listening;
  const random = prng(20_260_601);

  before(async () => {
    const json = JSON.stringify(THING);
    primary = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(json);
    });
    twin = await listen((request, response) => {
      const answer = (status: number, body: string): void => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body);
      };
      const dice = random();
      if (dice < 0.05) request.socket.destroy();
      else if (dice < 0.1) answer(500, '{}');
      else if (dice < 0.15) answer(200, 'no json');
      else if (dice < 0.25) answer(200, JSON.stringify({ ...THING, name: 'lamp' }));
      else if (dice < 0.3) setTimeout(() => answer(200, json), 400);
      else answer(200, json);
    });
  });

  after(async () => {
    await Promise.all([primary.close(), twin.close()]);
  });

  it('loses none and counts none twice, with faults on all sides, and ends with nothing held', async () => {
    const limits: Partial<Limits> = {
      twinTimeoutMs: 250,
      queue: 60,
      heldBytes: 40_000,
      bodyBytes: 8_000,
      recheckPerSecond: 40,
    };
    const bench = new MirrorBench(primary.url, twin.url, {
      policy: policyOf(limits),
      workers: 2,
      niceness: 0,
      control: 0.05,
      settle: { delaysMs: [5, 15], busyRounds: 5 },
      breaker: { openMs: 100, minimum: 50 },
    });
    await bench.mirror.ready;
    let looks = 0;
    const look = (): void => {
      looks += 1;
      const counts = bench.mirror.counts();
      const ended = Object.values(counts.verdicts).reduce((total, count) => total + count, 0);
      expect(ended + counts.inFlight, 'seen = verdicts + in flight').to.equal(counts.seen);
      expect(ended, 'each verdict was told once').to.equal(bench.verdicts.length);
      for (const route of Object.values(counts.routes)) {
        expect(Object.values(route.verdicts).reduce((total, count) => total + count, 0)).to.be.at.most(route.seen);
      }
      expect(counts.heldBytes).to.be.within(0, limits.heldBytes ?? 0);
      expect(counts.queued).to.be.at.most(limits.queue ?? 0);
      expect(counts.twinConcurrency.inUse).to.be.within(0, LIMITS.twinConcurrency);
    };
    const body = Buffer.from(JSON.stringify(THING));
    const reasons: SkipReason[] = ['client_aborted', 'primary_error', 'unsupported_media'];
    const open: Admission[] = [];
    const finish = (admission: Admission): void => {
      const dice = random();
      const size = dice < 0.03 ? 9_000 : body.length;
      const held = admission.hold(size);
      if (held !== 'held') admission.skip(held);
      else if (dice > 0.9) admission.skip(reasons[Math.floor(random() * reasons.length)] ?? 'primary_error');
      else {
        admission.complete(
          { method: 'GET', target: '/things/64b000000000000000000001', rawHeaders: ['Host', 'a'], body: null },
          {
            status: dice > 0.88 ? 304 : 200,
            rawHeaders: ['content-type', dice > 0.86 ? 'image/png' : 'application/json'],
            chunks: [body.subarray(0, 20), body.subarray(20)],
            askedAt: Date.now(),
            headersMs: 1,
            totalMs: 1,
            overheadMs: 0,
          },
        );
      }
      // An admission that has ended takes nothing more and counts nothing more.
      if (dice > 0.5) admission.skip('overload');
      if (dice > 0.7) expect(admission.hold(1)).to.equal('overload');
    };
    for (let i = 0; i < READS; i += 1) {
      const poison = random() < 0.002;
      const key = poison ? 'GET /exits' : 'GET /things/:id';
      const loop = random() < 0.02;
      const admission = bench.mirror.admit({
        route: routeOf(key),
        served: random() < 0.1 ? 'twin' : 'primary',
        method: 'GET',
        target: poison ? '/exits' : '/things/64b000000000000000000001',
        rawHeaders: loop ? ['X-Shadow-Read', '1'] : [],
        trace: {
          traceId: randomBytes(16).toString('hex'),
          parentSpanId: null,
          spanId: '1'.repeat(16),
          twinSpanId: '2'.repeat(16),
          sampled: true,
        },
        at: Date.now(),
      });
      if (admission !== null) open.push(admission);
      if (random() < 0.6) {
        for (const one of open.splice(0, 5)) finish(one);
      }
      if (random() < 0.01) {
        const off = random() < 0.3;
        bench.mirror.setPolicy(policyOf(limits, { shadowing: !off, version: i }));
      }
      if (random() < 0.1) look();
      if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, random() * 8));
    }
    bench.mirror.setPolicy(policyOf(limits));
    for (const one of open) finish(one);
    look();
    await bench.close(30_000);
    look();
    const counts = bench.mirror.counts();
    expect(counts).to.include({ seen: READS, inFlight: 0, heldBytes: 0, queued: 0, waitingToReadAgain: 0 });
    expect(counts.twinConcurrency.inUse).to.equal(0);
    const ids = new Set(bench.verdicts.map((verdict) => verdict.exchangeId));
    expect(ids.size, 'one verdict a read').to.equal(READS);
    console.log(`      ${looks} looks: ${JSON.stringify({ ...bench.kinds(), workers: counts.workers.replaced })}`);
    expect(Object.keys(bench.kinds()).length).to.be.greaterThan(10);
  });

  it('ends the rest as shutdown when its deadline is over', async () => {
    const bench = new MirrorBench(primary.url, twin.url, { niceness: 0 });
    await bench.mirror.ready;
    const reads = Array.from({ length: 5 }, () =>
      bench.mirror.admit({
        route: routeOf('GET /things/:id'),
        served: 'primary',
        method: 'GET',
        target: '/things/64b000000000000000000001',
        rawHeaders: [],
        trace: {
          traceId: '0'.repeat(32),
          parentSpanId: null,
          spanId: '1'.repeat(16),
          twinSpanId: '2'.repeat(16),
          sampled: true,
        },
        at: Date.now(),
      }),
    );
    for (const read of reads) read?.hold(100);
    await bench.close(50);
    expect(bench.kinds()).to.deep.equal({ 'skipped:shutdown': 5 });
    for (const read of reads) read?.skip('client_aborted');
    expect(bench.mirror.counts()).to.include({ seen: 5, inFlight: 0, heldBytes: 0 });
    expect(bench.kinds()).to.deep.equal({ 'skipped:shutdown': 5 });
  });
});
