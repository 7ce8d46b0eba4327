import { expect } from 'chai';
import fc from 'fast-check';
import { AnswerHeads, type StatusLine } from '../../src/proxy/answer-heads.ts';
import { RawClient } from '../support/raw-http.ts';
import { until } from '../support/until.ts';
import { openPair, type Pair } from './transparency/kit.ts';
import { answerOf, bytesOf, expectSame, expectSameCase, send } from './transparency/same.ts';
import { EXCHANGE } from './transparency/scripts.ts';

/** What undici would be told, piece by piece. */
function fed(text: string, cuts: readonly number[]): { readonly lines: StatusLine[]; readonly passed: string } {
  const heads = new AnswerHeads();
  heads.begin();
  let passed = '';
  let at = 0;
  for (const cut of [...cuts, text.length].sort((a, b) => a - b)) {
    if (cut <= at) continue;
    const chunk = Buffer.from(text.slice(at, cut), 'latin1');
    if (heads.open) heads.feed(chunk);
    passed += chunk.toString('latin1');
    at = cut;
  }
  const reported = [...passed.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => Number(code));
  return { lines: reported.map((code) => heads.next(code, 'as undici says')), passed };
}

describe('the heads of answers on the short way', () => {
  const WHOLE =
    'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\nX-A: 100\r\n\r\nHTTP/1.1 103\r\nLink: <a>\r\n\r\n' +
    'HTTP/1.1 200 Fran\xe7ais  \x85\r\nX-B: HTTP/1.0 100 \r\n\r\nbody 100\r\n\r\n';

  it('tell every status and reason as they came, in whatever pieces, and show a 100 as a 102', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: WHOLE.length }), { maxLength: 20 }), (cuts) => {
        const { lines, passed } = fed(WHOLE, cuts);
        expect(lines).to.deep.equal([
          { status: 102, reason: 'Processing' },
          { status: 100, reason: 'Continue' },
          { status: 103, reason: '' },
          { status: 200, reason: 'Fran\xe7ais  \x85' },
        ]);
        expect(passed).to.equal(WHOLE.replace('100 Continue', '102 Continue'));
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it("fall back on undici's own words where they do not fit", () => {
    const heads = new AnswerHeads();
    heads.begin();
    heads.feed(Buffer.from('HTTP/1.1 200 Fine\r\n\r\n'));
    expect(heads.next(204, 'No Content')).to.deep.equal({ status: 204, reason: 'No Content' });
    expect(heads.next(200, 'OK')).to.deep.equal({ status: 200, reason: 'OK' });
  });
});

describe('the long way, with the short one switched off', () => {
  let pair: Pair;
  before(async () => {
    pair = await openPair({ shortWay: false });
  });
  after(() => pair.close());

  it('is the same for the client: 300 generated exchanges', async () => {
    const lanes = fc.sample(EXCHANGE, { numRuns: 300, seed: 11 }).map((make, index) => ({ index, make }));
    const work = Array.from({ length: 8 }, async () => {
      const clients = { direct: new RawClient(pair.upstream.port), through: new RawClient(pair.proxyPort) };
      for (let job = lanes.shift(); job !== undefined; job = lanes.shift()) {
        await expectSame(pair, clients, `long${job.index}`, job.make(`long${job.index}`));
      }
      clients.direct.close();
      clients.through.close();
    });
    await Promise.all(work);
    await until(() => pair.proxy.inFlight === 0);
    expect(pair.gate.ended).to.equal(pair.gate.admitted);
    expect(pair.gate.broken).to.equal(0);
  });
});

describe('the short way', () => {
  let pair: Pair;
  before(async () => {
    pair = await openPair();
  });
  after(() => pair.close());

  it('keeps its connections: a hundred reads one after another on very few of them', async () => {
    pair.upstream.scripts.set('kept', { steps: [send(answerOf('200 OK', [], 'kept'))] });
    const client = new RawClient(pair.proxyPort);
    const ask = bytesOf('GET /x HTTP/1.1\r\nHost: a\r\nX-Script: kept\r\n\r\n');
    for (let i = 0; i < 100; i++) expect((await client.ask(ask, 'GET')).body.toString()).to.equal('kept');
    client.close();
    expect(pair.upstream.connections.size).to.be.lessThan(10);
  });

  it('carries six megabytes whole, held back by its client as often as need be', async () => {
    const body = Buffer.alloc(6 * 1024 * 1024, 'held back ');
    const { proxied } = await expectSameCase(pair, { start: 'GET /x HTTP/1.1' }, answerOf('200 OK', [], body));
    expect(proxied.body.equals(body)).to.equal(true);
  });
});
