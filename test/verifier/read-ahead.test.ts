/** The reads that a worker has ahead of need: who may ask when, without threads and with a clock that is told. */
import { expect } from 'chai';
import type { Job } from '../../src/verifier/protocol.ts';
import { ReadAhead } from '../../src/verifier/read-ahead.ts';
import { SharedRate } from '../../src/verifier/shared-rate.ts';
import { Slots } from '../../src/verifier/slots.ts';
import { routeOf } from '../support/mirror-bench.ts';

const NS_PER_MS = 1_000_000n;

function jobOf(id: number): Job {
  return {
    id,
    representation: 'primary',
    control: false,
    whole: false,
    exchange: {
      id: `x-${id}`,
      route: routeOf('GET /things/:id'),
      served: 'primary',
      request: { method: 'GET', target: `/things/${id}`, rawHeaders: [], body: null },
      answer: { status: 200, rawHeaders: [], body: new Uint8Array(0), askedAt: 0, headersMs: 0, totalMs: 0 },
      trace: { traceId: '', parentSpanId: null, spanId: '', twinSpanId: '', sampled: true },
      overheadMs: 0,
    },
  };
}

/** The main thread's side and the worker's, over one piece of shared memory. */
class Bench {
  readonly main = new Slots();
  readonly rate = new SharedRate();
  readonly started: number[] = [];
  readonly timers: { readonly at: bigint; readonly call: () => void }[] = [];
  readonly cells = new Map<number, number>();
  now = 0n;
  readonly slots = new Slots(this.main.buffer);
  readonly ahead: ReadAhead;

  constructor(share: number, perSecond = 1_000_000, burst = 1_000) {
    this.main.setShare('twin', share);
    this.rate.set(perSecond, burst);
    const primary = new SharedRate();
    primary.set(1_000, 100);
    this.ahead = new ReadAhead({
      slots: this.slots,
      rates: { primary, twin: new SharedRate(this.rate.buffer) },
      start: (job) => this.started.push(job.id),
      later: (ms, call) => this.timers.push({ at: this.now + BigInt(ms) * NS_PER_MS, call }),
      now: () => this.now,
    });
  }

  hand(level: number, ...ids: readonly number[]): void {
    for (const id of ids) {
      const cell = this.main.put(id, level);
      this.cells.set(id, cell);
      this.ahead.add(jobOf(id), cell, level);
    }
    this.ahead.refill();
  }

  takeBack(id: number, level: number): boolean {
    return this.main.takeOut(this.cells.get(id) ?? -1, id, level);
  }

  /** Time goes on, timers ring. */
  wait(ms: number): void {
    this.now += BigInt(ms) * NS_PER_MS;
    for (const timer of this.timers.splice(0)) {
      if (timer.at <= this.now) timer.call();
      else this.timers.push(timer);
    }
  }
}

describe('reads ahead of need', () => {
  it('begin as soon as a slot is free, without a word from the main thread, and never more than the share', () => {
    const bench = new Bench(2);
    bench.hand(0, 1, 2, 3, 4);
    expect(bench.started).to.deep.equal([1, 2]);
    expect([bench.main.inUse('twin'), bench.main.waiting()]).to.deep.equal([2, 2]);
    bench.ahead.free('twin');
    expect(bench.started).to.deep.equal([1, 2, 3]);
    bench.ahead.free('twin');
    bench.ahead.free('twin');
    expect(bench.started).to.deep.equal([1, 2, 3, 4]);
    expect([bench.main.inUse('twin'), bench.main.waiting()]).to.deep.equal([1, 0]);
  });

  it('follow a share that is lowered or raised while they wait', () => {
    const bench = new Bench(3);
    bench.hand(0, 1, 2, 3, 4, 5, 6);
    bench.main.setShare('twin', 1);
    bench.ahead.free('twin');
    bench.ahead.free('twin');
    expect(bench.started, 'one is still out').to.deep.equal([1, 2, 3]);
    bench.ahead.free('twin');
    expect(bench.started).to.deep.equal([1, 2, 3, 4]);
    bench.main.setShare('twin', 3);
    bench.ahead.heard(0);
    expect(bench.started).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  it('keep the rate that all share, and follow a new one', () => {
    const bench = new Bench(10, 100, 2);
    bench.hand(0, 1, 2, 3, 4, 5);
    expect(bench.started, 'the burst').to.deep.equal([1, 2]);
    bench.wait(10);
    expect(bench.started).to.deep.equal([1, 2, 3]);
    bench.wait(10);
    expect(bench.started).to.deep.equal([1, 2, 3, 4]);
    bench.rate.set(0, 1);
    bench.wait(1_000);
    expect(bench.started, 'at a rate of 0 nothing is asked').to.deep.equal([1, 2, 3, 4]);
    bench.rate.set(100, 2);
    bench.ahead.heard(0);
    expect(bench.started).to.deep.equal([1, 2, 3, 4, 5]);
    expect(bench.main.inUse('twin')).to.equal(5);
  });

  it('can be taken back until they begin, each by exactly one of the two threads', () => {
    const bench = new Bench(1);
    bench.hand(0, 1, 2, 3, 4);
    expect(bench.takeBack(1, 0), 'it has begun').to.equal(false);
    expect(bench.takeBack(2, 0)).to.equal(true);
    expect(bench.takeBack(2, 0), 'twice').to.equal(false);
    expect(bench.main.waiting()).to.equal(2);
    bench.ahead.free('twin');
    bench.ahead.free('twin');
    bench.ahead.free('twin');
    expect(bench.started).to.deep.equal([1, 3, 4]);
  });

  it('go by what the gate lacks most, also those that come later', () => {
    const bench = new Bench(1);
    bench.hand(1, 1, 2);
    bench.hand(7, 3);
    for (let i = 0; i < 3; i += 1) bench.ahead.free('twin');
    expect(bench.started).to.deep.equal([1, 3, 2]);
  });

  it('wait for the main thread to hear of a side that is ill, before each further question', () => {
    const bench = new Bench(2);
    bench.hand(0, 1, 2, 3, 4);
    bench.ahead.stop();
    bench.ahead.free('twin');
    bench.ahead.stop();
    bench.ahead.free('twin');
    expect(bench.started).to.deep.equal([1, 2]);
    bench.ahead.heard(1);
    expect(bench.started).to.deep.equal([1, 2]);
    expect(bench.takeBack(3, 0), 'the breaker opened meanwhile').to.equal(true);
    bench.ahead.heard(1);
    expect(bench.started).to.deep.equal([1, 2, 4]);
  });

  it('let a reading again go first', () => {
    const bench = new Bench(1);
    bench.hand(7, 1, 2);
    bench.ahead.again('twin', () => bench.started.push(99));
    bench.ahead.free('twin');
    expect(bench.started).to.deep.equal([1, 99]);
  });

  it('do not pile up where those of a low level are taken back again and again', () => {
    const bench = new Bench(1);
    bench.hand(7, ...Array.from({ length: 40 }, (_, i) => i));
    for (let id = 100; id < 5_000; id += 1) {
      bench.hand(0, id);
      expect(bench.takeBack(id, 0)).to.equal(true);
    }
    expect(bench.ahead.size).to.be.at.most(2 * 40 + 64);
    expect(bench.main.waiting()).to.equal(39);
  });
});
