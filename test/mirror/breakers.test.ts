/** Whom a failure keeps from being asked: one caller, one route, or all. Pure, with a clock of its own. */
import { expect } from 'chai';
import { BREAKER_DEFAULTS } from '../../src/mirror/breaker.ts';
import { Breakers, type Illness, type ReadFrom } from '../../src/mirror/breakers.ts';
import { RememberedCallers } from '../../src/mirror/remembered-callers.ts';

const OPTIONS = { ...BREAKER_DEFAULTS, minimum: 20, failureShare: 0.5, windowMs: 10_000, openMs: 1_000 };

const asked = (route: string, caller: string | null): ReadFrom => ({
  route: { key: `GET ${route}`, method: 'GET', pattern: route, domain: 'd' },
  rawHeaders: caller === null ? [] : ['Authorization', `Bearer ${caller}`],
});

describe('the parts of the breaker', () => {
  let breakers: Breakers;
  let now = 0;
  beforeEach(() => {
    breakers = new Breakers(OPTIONS);
    now = 1;
  });

  /** One read; false where it was refused. */
  function read(route: string, caller: string | null, outcome: 'ok' | Illness): boolean {
    now += 1;
    const ticket = breakers.acquire(asked(route, caller), now);
    if (ticket === null) return false;
    breakers.report(outcome, ticket, now);
    return true;
  }
  const refuses = (route: string, caller: string | null): boolean => breakers.refuses(asked(route, caller), now);

  it('one caller who fails is refused alone, however often that caller asks', () => {
    for (let n = 0; n < 300; n += 1) {
      read('/a', 'broken', 'status_5xx');
      if (n % 10 === 0) for (const caller of ['x', 'y', 'z']) expect(read('/a', caller, 'ok')).to.equal(true);
    }
    expect(refuses('/a', 'broken')).to.equal(true);
    for (const caller of ['x', 'y', 'z', 'new', null]) expect(refuses('/a', caller), String(caller)).to.equal(false);
    expect(refuses('/b', 'broken')).to.equal(false);
    expect(breakers.figures(now).open).to.deep.equal(['GET /a: status_5xx for 1 caller']);
  });

  it('nor does the only caller of a route close it for those to come', () => {
    for (let n = 0; n < 100; n += 1) read('/a', 'broken', 'timeout');
    expect(refuses('/a', 'broken')).to.equal(true);
    expect(refuses('/a', 'another')).to.equal(false);
  });

  it('nor does one who fails on every route', () => {
    for (let n = 0; n < 100; n += 1) {
      for (const route of ['/a', '/b', '/c']) read(route, 'broken', 'status_5xx');
      if (n % 20 === 0) read('/a', 'x', 'ok');
    }
    expect(breakers.figures(now).open).to.have.length(3);
    for (const route of ['/a', '/b', '/c']) expect(refuses(route, 'x'), route).to.equal(false);
  });

  it('nor two of five', () => {
    for (let n = 0; n < 100; n += 1) {
      for (const caller of ['p', 'q']) read('/a', caller, 'status_5xx');
      for (const caller of ['x', 'y', 'z']) if (n % 5 === 0) read('/a', caller, 'ok');
    }
    expect(refuses('/a', 'x')).to.equal(false);
    expect(breakers.figures(now).open).to.deep.equal(['GET /a: status_5xx for 2 callers']);
  });

  it('a route that fails for most callers is left alone for all, and no other', () => {
    for (let n = 0; n < 20; n += 1) read('/a', `caller ${n}`, 'status_5xx');
    expect(refuses('/a', 'new')).to.equal(true);
    expect(refuses('/b', 'new')).to.equal(false);
    expect(breakers.figures(now).open).to.deep.equal(['GET /a: status_5xx']);
  });

  it('where callers cannot be told apart, a route that fails is left alone', () => {
    for (let n = 0; n < 20; n += 1) read('/a', null, 'protocol');
    expect(refuses('/a', null)).to.equal(true);
    expect(breakers.figures(now).open).to.deep.equal(['GET /a: protocol']);
  });

  it('most routes failing for most callers, or no connection at all, is everything', () => {
    for (let n = 0; n < 20; n += 1) read(n % 2 === 0 ? '/a' : '/b', `caller ${n}`, 'status_5xx');
    expect(breakers.figures(now).open).to.deep.equal(['everything']);
    breakers = new Breakers(OPTIONS);
    for (let n = 0; n < 20; n += 1) read('/a', 'one', 'connection');
    expect(breakers.figures(now).open).to.deep.equal(['everything']);
  });

  it('requests of the caller are sent again after a while, and a good answer or three close the part', () => {
    for (let n = 0; n < 30; n += 1) read('/a', 'broken', 'status_5xx');
    expect(refuses('/a', 'broken')).to.equal(true);
    now += 2_000;
    for (let n = 0; n < 3; n += 1) expect(read('/a', 'broken', 'ok')).to.equal(true);
    expect(breakers.figures(now).open).to.deep.equal([]);
  });

  it('gives back every leave, so that probes are never lost', () => {
    for (let n = 0; n < 30; n += 1) read('/a', 'broken', 'status_5xx');
    now += 2_000;
    for (let n = 0; n < 10; n += 1) {
      const ticket = breakers.acquire(asked('/a', 'broken'), now);
      expect(ticket).to.not.equal(null);
      if (ticket !== null) breakers.giveBack(ticket);
    }
  });

  it('a caller who never asks again is forgotten a window after the part may be asked, and its count stays', () => {
    for (let n = 0; n < 30; n += 1) read('/a', 'broken', 'status_5xx');
    const opened = now;
    now = opened + OPTIONS.openMs + OPTIONS.windowMs - 100;
    expect(breakers.figures(now)).to.deep.include({ state: 'open', open: ['GET /a: status_5xx for 1 caller'] });
    now = opened + OPTIONS.openMs + OPTIONS.windowMs;
    expect(breakers.figures(now)).to.deep.equal({ state: 'closed', open: [], opened: 1 });
    for (let n = 0; n < 30; n += 1) read('/a', 'broken', 'status_5xx');
    expect(breakers.figures(now)).to.deep.include({ state: 'open', opened: 2 });
  });

  it('nor does a part stay half open whose probes came back good, but too few', () => {
    for (let n = 0; n < 30; n += 1) read('/a', 'broken', 'status_5xx');
    now += OPTIONS.openMs;
    read('/a', 'broken', 'ok');
    expect(breakers.figures(now).state).to.equal('half_open');
    now += OPTIONS.windowMs;
    expect(breakers.figures(now).state).to.equal('closed');
  });

  it('a probe that is out keeps it half open, however long it takes', () => {
    for (let n = 0; n < 30; n += 1) read('/a', 'broken', 'status_5xx');
    now += OPTIONS.openMs;
    const ticket = breakers.acquire(asked('/a', 'broken'), now);
    now += 10 * OPTIONS.windowMs;
    expect(breakers.figures(now).state).to.equal('half_open');
    if (ticket !== null) breakers.report('status_5xx', ticket, now);
    expect(breakers.figures(now).state).to.equal('open');
  });

  it('a route, and everything, close by themselves likewise', () => {
    for (const [outcome, callers] of [
      ['status_5xx', 20],
      ['connection', 1],
    ] as const) {
      breakers = new Breakers(OPTIONS);
      for (let n = 0; n < 20; n += 1) read('/a', `caller ${n % callers}`, outcome);
      expect(breakers.figures(now).state, outcome).to.equal('open');
      now += OPTIONS.openMs + OPTIONS.windowMs;
      expect(breakers.figures(now).open, outcome).to.deep.equal([]);
      expect(read('/a', 'caller 1', 'ok'), outcome).to.equal(true);
    }
  });
});

describe('callers that are remembered for asking again', () => {
  const evidence = (n: number): Uint8Array => Buffer.from(`read ${n}`.padEnd(80, '.'));

  it('are forgotten after an hour, whether or not anything is asked', () => {
    const callers = new RememberedCallers();
    for (let n = 0; n < 3; n += 1) callers.remember(evidence(n), ['Authorization', `Bearer ${n}`], n);
    expect(callers.of(evidence(2), 100)).to.deep.equal(['Authorization', 'Bearer 2']);
    callers.forgetOld(3_600_001.5);
    expect([callers.size, callers.of(evidence(1), 3_600_001.5)]).to.deep.equal([1, []]);
  });
});
