/** The parts that the mirror is made of, each by itself; time is told, not waited for. */
import { expect } from 'chai';
import { burstOf, TokenBucket } from '../../src/base/token-bucket.ts';
import { BREAKER_DEFAULTS, Breaker } from '../../src/mirror/breaker.ts';
import { ByteBudget } from '../../src/mirror/byte-budget.ts';
import { AdaptiveConcurrency } from '../../src/mirror/concurrency.ts';
import { Patience } from '../../src/mirror/patience.ts';
import { levelOf, PriorityQueue } from '../../src/mirror/queue.ts';
import { ReadAgainBudget } from '../../src/mirror/read-again.ts';
import { isSampled } from '../../src/mirror/sampling.ts';
import type { IncomingRead, RoutePolicy } from '../../src/types.ts';
import { decodeBatch, encodeBatch, type JobOfChunks } from '../../src/verifier/protocol.ts';
import { routeOf } from '../support/mirror-bench.ts';

const trace = {
  traceId: '0'.repeat(32),
  parentSpanId: null,
  spanId: '1'.repeat(16),
  twinSpanId: '2'.repeat(16),
  sampled: true,
};

describe('a token bucket', () => {
  it('gives its rate, saves up its burst and no more', () => {
    const bucket = new TokenBucket(10, 2, 0);
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).to.deep.equal([true, true, false]);
    expect(bucket.waitMs(0)).to.equal(100);
    expect([bucket.take(99), bucket.take(100)]).to.deep.equal([false, true]);
    expect([bucket.take(10_000), bucket.take(10_000), bucket.take(10_000)]).to.deep.equal([true, true, false]);
  });

  it('gives nothing at rate 0, and never goes back with the clock', () => {
    const bucket = new TokenBucket(0, 1, 1_000);
    expect(bucket.take(1_000)).to.equal(true);
    expect(bucket.waitMs(500)).to.equal(Number.POSITIVE_INFINITY);
    expect(burstOf(5)).to.equal(1);
  });
});

describe('the byte budget', () => {
  it('holds up to its limit, exactly, and releases exactly what was held', () => {
    const budget = new ByteBudget(10);
    expect([budget.hold(6), budget.hold(4), budget.hold(1)]).to.deep.equal([true, true, false]);
    budget.release(4);
    expect([budget.held, budget.peak, budget.hold(4)]).to.deep.equal([6, 10, true]);
    budget.setLimit(5);
    expect(budget.hold(1)).to.equal(false);
  });
});

describe('the breaker', () => {
  const options = {
    ...BREAKER_DEFAULTS,
    minimum: 4,
    failureShare: 0.5,
    windowMs: 1_000,
    openMs: 100,
    maxOpenMs: 300,
    probes: 2,
  };
  const failed = (breaker: Breaker, at: number, count: number): void => {
    for (let i = 0; i < count; i += 1) breaker.report(false, breaker.acquire(at) ?? 0, at);
  };

  it('opens at the share of failures, not before the minimum', () => {
    const breaker = new Breaker(options);
    failed(breaker, 0, 3);
    expect(breaker.state).to.equal('closed');
    failed(breaker, 0, 1);
    expect([breaker.state, breaker.acquire(50), breaker.refuses(50), breaker.opensIn(50)]).to.deep.equal([
      'open',
      null,
      true,
      50,
    ]);
  });

  it('forgets what is older than its window', () => {
    const breaker = new Breaker(options);
    failed(breaker, 0, 3);
    failed(breaker, 1_500, 3);
    expect(breaker.state).to.equal('closed');
  });

  it('lets a few probes through, closes when all are good, and stays away longer each time one is not', () => {
    const breaker = new Breaker(options);
    failed(breaker, 0, 4);
    const [first, second, third] = [breaker.acquire(100), breaker.acquire(100), breaker.acquire(100)];
    expect([breaker.state, third]).to.deep.equal(['half_open', null]);
    breaker.report(true, first ?? 0, 110);
    breaker.report(false, second ?? 0, 120);
    expect([breaker.state, breaker.opensIn(120)]).to.deep.equal(['open', 200]);
    const again = [breaker.acquire(320), breaker.acquire(320)];
    // A probe of the time before comes in late: it says nothing about now.
    breaker.report(false, second ?? 0, 321);
    expect(breaker.state).to.equal('half_open');
    for (const ticket of again) breaker.report(true, ticket ?? 0, 330);
    expect(breaker.state).to.equal('closed');
    expect(breaker.opened).to.equal(2);
  });

  it('takes a probe back that was never sent', () => {
    const breaker = new Breaker({ ...options, probes: 1 });
    failed(breaker, 0, 4);
    const ticket = breaker.acquire(100);
    breaker.giveBack(ticket ?? 0);
    expect(breaker.acquire(100)).not.to.equal(null);
  });
});

describe('patience with workers', () => {
  it('is longer from the start until the first worker has caught up, and usual ever after', () => {
    const patience = new Patience();
    expect(patience.ms(0, false, false, 2_000)).to.equal(30_000);
    patience.longest(0);
    expect(patience.ms(9_000, false, false, 2_000), 'no worker yet').to.equal(30_000);
    expect(patience.ms(10_000, true, false, 2_000)).to.equal(30_000);
    patience.longest(9_000);
    expect(patience.ms(12_000, true, false, 2_000), 'still behind').to.equal(30_000);
    patience.longest(900);
    expect(patience.ms(13_000, true, false, 2_000)).to.equal(2_000);
    expect(patience.ms(14_000, false, false, 2_000), 'a later one is missing').to.equal(2_000);
  });

  it('is usual where a worker died at its start, and ends where the first one never catches up', () => {
    const patience = new Patience();
    expect(patience.ms(0, false, true, 2_000)).to.equal(2_000);
    expect(patience.ms(1_000, true, false, 2_000)).to.equal(30_000);
    patience.longest(20_000);
    expect(patience.ms(31_001, true, false, 2_000)).to.equal(2_000);
    expect(new Patience().ms(0, false, false, 60_000), 'as is configured').to.equal(60_000);
  });
});

describe('the adaptive limit', () => {
  it('halves on a timeout, once in a while, and never goes below 1', () => {
    const limit = new AdaptiveConcurrency(16);
    for (let i = 0; i < 10; i += 1) limit.take();
    for (let i = 0; i < 10; i += 1) limit.report('timeout', 1_000, 0);
    expect([limit.limit, limit.inUse]).to.deep.equal([8, 0]);
    for (let i = 1; i < 20; i += 1) {
      limit.take();
      limit.report('timeout', 1_000, i * 1_000);
    }
    expect(limit.limit).to.equal(1);
  });

  it('lowers itself when answers take long against their best, and comes back to its ceiling', () => {
    const limit = new AdaptiveConcurrency(8);
    let now = 0;
    const answers = (count: number, ms: number): void => {
      for (let i = 0; i < count; i += 1) {
        now += 100;
        limit.take();
        limit.report('ok', ms, now);
      }
    };
    answers(50, 5);
    expect(limit.limit).to.equal(8);
    answers(100, 200);
    expect(limit.limit).to.be.lessThan(3);
    answers(400, 5);
    expect(limit.limit).to.equal(8);
  });

  it('keeps an eighth of its ceiling where answers are only slow', () => {
    const limit = new AdaptiveConcurrency(32);
    for (let i = 0; i < 500; i += 1) {
      limit.take();
      limit.report('ok', i < 50 ? 2 : 500, i * 1_000);
    }
    expect(limit.limit).to.equal(4);
  });

  it('follows a new ceiling', () => {
    const limit = new AdaptiveConcurrency(4);
    limit.setCeiling(10);
    expect(limit.limit).to.equal(10);
    limit.setCeiling(2);
    expect(limit.limit).to.equal(2);
  });
});

describe('the queue', () => {
  const item = (name: string, priority: number) => ({ name, level: levelOf(priority) });

  it('gives the most wanted first, in order of arrival', () => {
    const queue = new PriorityQueue<ReturnType<typeof item>>();
    for (const one of [item('a', 0), item('b', 1), item('c', 0.5), item('d', 1), item('e', 0)]) queue.push(one);
    expect(queue.peek()?.name).to.equal('b');
    expect(Array.from({ length: 6 }, () => queue.shift()?.name)).to.deep.equal(['b', 'd', 'c', 'a', 'e', undefined]);
    expect(queue.size).to.equal(0);
  });

  it('sheds only what matters less', () => {
    const queue = new PriorityQueue<ReturnType<typeof item>>();
    queue.push(item('low', 0.2));
    queue.push(item('high', 0.9));
    expect(queue.shed(levelOf(0.2))).to.equal(undefined);
    expect(queue.shed(levelOf(0.9))?.name).to.equal('low');
    expect(queue.shed(levelOf(0.9))).to.equal(undefined);
    expect(queue.size).to.equal(1);
  });

  it('stays right over many turns', () => {
    const queue = new PriorityQueue<{ level: number; n: number }>();
    let next = 0;
    let expected = 0;
    for (let turn = 0; turn < 500; turn += 1) {
      for (let i = 0; i < 3; i += 1) queue.push({ level: 0, n: next++ });
      for (let i = 0; i < (turn % 2 === 0 ? 2 : 4); i += 1) expect(queue.shift()?.n).to.equal(expected++);
    }
    expect(queue.removeWhere((one) => one.n % 2 === 0).length + queue.size).to.equal(next - expected);
  });
});

describe('the budget of reading again', () => {
  it('serves pairs already begun first, and gives up what waited too long', () => {
    const budget = new ReadAgainBudget(10, 0);
    expect(budget.takeNow(0)).to.equal(true);
    budget.wish(1, 1, 500);
    budget.wish(2, 2, 500);
    budget.wish(3, 1, 50);
    expect(budget.takeNow(100)).to.equal(false);
    expect(budget.serve(100, () => true)).to.deep.equal([2]);
    expect(budget.expire(100)).to.deep.equal([3]);
    expect(budget.serve(200, () => false)).to.deep.equal([]);
    budget.forget(1);
    expect(budget.waiting).to.equal(0);
  });
});

describe('sampling', () => {
  const policy: RoutePolicy = { paused: false, sample: 0.3, sampleBy: 'entity', priority: 0 };
  const read = (target: string, rawHeaders: readonly string[] = [], route = 'GET /things/:id'): IncomingRead => ({
    route: routeOf(route),
    served: 'primary',
    method: 'GET',
    target,
    rawHeaders,
    trace,
    at: 0,
  });
  const never = (): number => {
    throw new Error('no chance is asked for');
  };

  it('by entity always decides alike, whatever is asked about it, and takes its share', () => {
    let taken = 0;
    for (let i = 0; i < 10_000; i += 1) {
      const first = isSampled(read(`/things/${i}`), policy, never);
      expect(isSampled(read(`/things/${i}?fields=name`, ['authorization', 'x']), policy, never)).to.equal(first);
      if (first) taken += 1;
    }
    expect(taken / 10_000).to.be.within(0.28, 0.32);
  });

  it('by caller follows the credentials', () => {
    const byCaller = { ...policy, sampleBy: 'caller' } as const;
    let taken = 0;
    for (let i = 0; i < 10_000; i += 1) {
      const headers = ['Authorization', `Bearer ${i}`];
      const first = isSampled(read('/things/1', headers), byCaller, never);
      expect(isSampled(read('/things/2', headers), byCaller, never)).to.equal(first);
      if (first) taken += 1;
    }
    expect(taken / 10_000).to.be.within(0.28, 0.32);
  });

  it('by read is chance, and of no concern to the trace', () => {
    const byRead = { ...policy, sampleBy: 'read' } as const;
    expect(isSampled(read('/things/1'), byRead, () => 0.29)).to.equal(true);
    expect(isSampled(read('/things/1'), byRead, () => 0.31)).to.equal(false);
    expect(isSampled(read('/things/1'), { ...byRead, sample: 1 }, never)).to.equal(true);
    expect(isSampled(read('/things/1'), { ...byRead, sample: 0 }, never)).to.equal(false);
  });
});

describe('handing over', () => {
  it('brings jobs across byte for byte, bodies in one buffer', () => {
    const job = (id: number, body: Uint8Array | null, chunks: Uint8Array[]): JobOfChunks => ({
      id,
      representation: id % 2 === 0 ? 'twin' : 'primary',
      control: id === 2,
      whole: id % 3 === 0,
      chunks,
      exchange: {
        id: `x-${id}`,
        route: routeOf('GET /things'),
        served: 'primary',
        request: { method: 'GET', target: '/things?q=%C3%A9', rawHeaders: ['X-L', 'caf\u00e9'], body },
        answer: {
          status: 200,
          rawHeaders: ['A', 'b', 'A', 'c'],
          body: new Uint8Array(0),
          askedAt: 1,
          headersMs: 2,
          totalMs: 3,
        },
        trace,
        overheadMs: 0.5,
      },
    });
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const jobs = [job(1, null, [bytes('ab'), bytes('c')]), job(2, bytes('body'), []), job(3, null, [bytes('xyz')])];
    const decoded = decodeBatch(structuredClone(encodeBatch(jobs)));
    const text = (part: Uint8Array | null): string | null => (part === null ? null : new TextDecoder().decode(part));
    expect(decoded.map(({ exchange }) => text(exchange.answer.body))).to.deep.equal(['abc', '', 'xyz']);
    expect(decoded.map(({ exchange }) => text(exchange.request.body))).to.deep.equal([null, 'body', null]);
    const { chunks: _chunks, ...second } = jobs[1] ?? job(0, null, []);
    const [, got] = decoded;
    expect({ ...got, exchange: { ...got?.exchange, request: null, answer: null } }).to.deep.equal({
      ...second,
      exchange: { ...second.exchange, request: null, answer: null },
    });
    expect(got?.exchange.request.rawHeaders).to.deep.equal(['X-L', 'caf\u00e9']);
  });

  it('says the fields of one caller once for all reads that come together', () => {
    const fields = ['Host', 'api', 'Authorization', 'Bearer u1'];
    const job = (id: number, rawHeaders: readonly string[]): JobOfChunks => ({
      id,
      representation: 'primary',
      control: false,
      whole: false,
      chunks: [],
      exchange: {
        id: `x-${id}`,
        route: routeOf('GET /things'),
        served: 'primary',
        request: { method: 'GET', target: '/things', rawHeaders, body: null },
        answer: { status: 200, rawHeaders: [], body: new Uint8Array(0), askedAt: 1, headersMs: 2, totalMs: 3 },
        trace,
        overheadMs: 0,
      },
    });
    const batch = encodeBatch([
      job(1, fields),
      job(2, [...fields]),
      job(3, ['A', 'b\nC', 'd']),
      job(4, ['A', 'b', 'C', 'd']),
    ]);
    expect(batch.heads.split('Bearer u1')).to.have.length(2);
    const heads = decodeBatch(batch).map(({ exchange }) => exchange.request.rawHeaders);
    expect(heads).to.deep.equal([fields, fields, ['A', 'b\nC', 'd'], ['A', 'b', 'C', 'd']]);
    expect(heads[0] === heads[1], 'one list, for what is made of it once').to.equal(true);
  });
});
