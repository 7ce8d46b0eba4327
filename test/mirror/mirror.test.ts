import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect } from 'chai';
import { type Listening, listen, MirrorBench } from '../support/mirror-bench.ts';

const THING = {
  _id: '64b000000000000000000001',
  __v: 0,
  name: 'Lamp',
  amount: 12.5,
  currency: 'EUR',
  at: '2026-05-01T10:00:00.000Z',
};

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

describe('the mirror', () => {
  let primary: Listening;
  let twin: Listening;
  let bench: MirrorBench;
  let answerPrimary: (request: IncomingMessage, response: ServerResponse) => void;
  let answerTwin: (request: IncomingMessage, response: ServerResponse) => void;
  const offer = { route: 'GET /things/:id', target: '/things/64b000000000000000000001' };

  before(async () => {
    primary = await listen((request, response) => answerPrimary(request, response));
    twin = await listen((request, response) => answerTwin(request, response));
    bench = new MirrorBench(primary.url, twin.url);
    await bench.mirror.ready;
  });

  beforeEach(() => {
    answerPrimary = (_request, response) => json(response, 200, THING);
    answerTwin = (_request, response) => json(response, 200, { ...THING, __v: undefined, amount: 12.5 });
  });

  after(async () => {
    await bench.close();
    await Promise.all([primary.close(), twin.close()]);
  });

  it('says match where both mean the same', async () => {
    const verdict = await bench.one(offer);
    expect(verdict).to.include({ kind: 'match', reason: null, representation: 'primary' });
    expect(verdict.twin?.status).to.equal(200);
    expect(Object.isFrozen(verdict)).to.equal(true);
  });

  it('asks the twin as a shadow, with the trace and without what would get it less than the whole answer', async () => {
    let seen: IncomingMessage['headers'] = {};
    answerTwin = (request, response) => {
      seen = request.headers;
      json(response, 200, THING);
    };
    const rawHeaders = [
      'Host',
      'api.example',
      'If-None-Match',
      '"x"',
      'Range',
      'bytes=0-1',
      'Connection',
      'X-Hop',
      'X-Hop',
      '1',
      'Authorization',
      'Bearer u1',
    ];
    const verdict = await bench.one({ ...offer, rawHeaders });
    expect(seen).to.include({ host: 'api.example', authorization: 'Bearer u1', 'x-shadow-read': '1' });
    expect(seen).to.include({ 'x-twin-representation': 'primary' });
    expect(seen.traceparent).to.equal(`00-${verdict.trace.traceId}-${verdict.trace.twinSpanId}-01`);
    expect(seen).not.to.have.any.keys('if-none-match', 'range', 'x-hop');
  });

  it('says mismatch, with what differs and without its values', async () => {
    answerTwin = (_request, response) => json(response, 200, { ...THING, amount: 12.51 });
    const verdict = await bench.one(offer);
    expect(verdict).to.include({ kind: 'mismatch', fatal: true, differenceCount: 1 });
    expect(verdict.differences[0]).to.deep.include({
      path: '/amount',
      kind: 'value',
      rule: 'money',
      measure: { of: 'number', delta: '1', unit: 'EUR 1e-2' },
    });
    expect(JSON.stringify(verdict)).not.to.contain('12.5');
    expect(verdict.rechecks.length).to.be.greaterThan(0);
    expect(verdict.cause).to.deep.include({ cause: 'unknown' });
  });

  it('says settled where both agree when read again', async () => {
    let asked = 0;
    answerTwin = (_request, response) => {
      asked += 1;
      json(response, 200, { ...THING, name: asked < 3 ? 'Lam' : 'Lamp' });
    };
    const verdict = await bench.one(offer);
    expect(verdict.kind).to.equal('settled');
    expect(verdict.settleMs).to.be.greaterThan(50);
    expect(verdict.rechecks.map((recheck) => recheck.agreed)).to.deep.equal([false, true]);
  });

  it('says unstable where the primary does not agree with itself', async () => {
    let asked = 0;
    answerPrimary = (_request, response) => {
      asked += 1;
      json(response, 200, { ...THING, name: `Lamp ${asked}` });
    };
    const verdict = await bench.one(offer);
    expect(verdict.kind).to.equal('unstable');
  });
});
