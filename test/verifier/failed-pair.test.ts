/** Whose failure it is that a pair cannot be compared; and what asking the twin again and again does to others. */

import { createServer, type ServerResponse } from 'node:http';
import { expect } from 'chai';
import type { Verdict } from '../../src/types.ts';
import { outcomeOf, pairFailure } from '../../src/verifier/failed-pair.ts';
import type { SideResult } from '../../src/verifier/side-client.ts';
import { type Listening, listen, MirrorBench, opened } from '../support/mirror-bench.ts';
import { until } from '../support/until.ts';

const answered = (status: number) => ({ ok: true, answer: { status } }) as const;
const failed: Extract<SideResult, { ok: false }> = {
  ok: false,
  resent: false,
  failure: 'reset',
  timeout: false,
  detail: 'ECONNRESET',
  askedAt: 0,
  ms: 1,
  status: null,
};

describe('verifier/failed-pair', () => {
  for (const status of [429, 502, 503, 504]) {
    it(`calls ${status} of the primary its own trouble, whatever the twin did`, () => {
      for (const twin of [answered(200), answered(404), answered(status), answered(500), failed]) {
        expect(pairFailure(answered(status), twin)).to.include({ end: 'primary_failed' });
      }
    });
  }

  it('compares 500 of the primary with an answer of the twin, and calls 5xx on both sides nobody’s evidence', () => {
    expect(pairFailure(answered(500), answered(200))).to.equal(null);
    expect(pairFailure(answered(500), answered(500))).to.include({ end: 'primary_failed' });
    expect(pairFailure(answered(501), answered(503))).to.include({ end: 'primary_failed' });
    expect(pairFailure(answered(500), failed)).to.include({ end: 'twin_failed', failure: 'reset' });
  });

  it('calls 5xx of the twin its failure where the primary has an answer, good or not', () => {
    for (const status of [200, 301, 404]) {
      expect(pairFailure(answered(status), answered(500))).to.include({ end: 'twin_failed', failure: 'status_5xx' });
      expect(pairFailure(answered(status), answered(404))).to.equal(null);
    }
    expect(pairFailure(failed, answered(200))).to.include({ end: 'primary_failed', detail: 'ECONNRESET' });
  });

  it('calls 429 of the twin its failure, after which it is asked less', () => {
    for (const status of [200, 404, 500]) {
      expect(pairFailure(answered(status), answered(429))).to.include({ end: 'twin_failed', failure: 'status_429' });
    }
    const answer = { status: 429, rawHeaders: [], body: Buffer.alloc(0), askedAt: 0, headersMs: 1, totalMs: 1 };
    expect(pairFailure(answered(429), answered(429))).to.include({ end: 'primary_failed' });
    expect(outcomeOf({ ok: true, resent: false, answer }, 200)).to.equal('status_429');
  });

  it('tells what says that a side is ill from an answer that is wrong', () => {
    expect(outcomeOf({ ...failed, failure: 'refused' }, 200)).to.equal('connection');
    expect(outcomeOf({ ...failed, failure: 'oversized' }, 200)).to.equal('ok');
    expect(outcomeOf({ ...failed, failure: 'body_timeout', timeout: true }, 200)).to.equal('timeout');
  });
});

type Answers = (
  path: string,
  nth: number,
) => { readonly status?: number; readonly body?: unknown; readonly text?: string };

describe('a twin or primary in trouble', () => {
  const open: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  const reply = (response: ServerResponse, { status = 200, body, text }: ReturnType<Answers>): void => {
    response.statusCode = status;
    response.setHeader('content-type', text === undefined ? 'application/json' : 'text/html');
    response.end(text ?? JSON.stringify(body ?? { _id: '64b000000000000000000001', name: 'a' }));
  };
  const side = async (answers: Answers): Promise<Listening> => {
    let nth = 0;
    const listening = await listen((request, response) => {
      nth += 1;
      reply(response, answers(request.url ?? '', nth));
    });
    open.push(listening.close);
    return listening;
  };
  const between = async (
    primary: Answers,
    twin: Answers,
    options: ConstructorParameters<typeof MirrorBench>[2] = {},
  ): Promise<MirrorBench> => {
    const bench = new MirrorBench((await side(primary)).url, (await side(twin)).url, options);
    open.unshift(() => bench.mirror.close({ deadlineMs: 1_000 }));
    await bench.mirror.ready;
    return bench;
  };
  const one = (id = '64b000000000000000000001') => ({ route: 'GET /things/:id', target: `/things/${id}` });
  const shown = ({ kind, reason }: Verdict): string => `${kind}:${reason ?? ''}`;
  const good: Answers = () => ({});

  describe('at one read', () => {
    /** One for all of these: a bench starts a thread. What its sides answer is set for each read. */
    let bench: MirrorBench;
    let answering: { readonly primary: Answers; readonly twin: Answers } = { primary: good, twin: good };
    let asked = { primary: 0, twin: 0 };
    const close: (() => Promise<void>)[] = [];

    before(async () => {
      const serve = async (name: 'primary' | 'twin'): Promise<string> => {
        const listening = await listen((request, response) => {
          asked[name] += 1;
          reply(response, answering[name](request.url ?? '', asked[name]));
        });
        close.push(listening.close);
        return listening.url;
      };
      bench = new MirrorBench(await serve('primary'), await serve('twin'));
      close.unshift(() => bench.mirror.close({ deadlineMs: 1_000 }));
      await bench.mirror.ready;
    });
    after(async () => {
      for (const end of close) await end();
    });

    const verdictOf = (primary: Answers, twin: Answers, served: 'primary' | 'twin' = 'primary'): Promise<Verdict> => {
      answering = { primary, twin };
      asked = { primary: 0, twin: 0 };
      return bench.one({ ...one(), served });
    };

    for (const status of [429, 503]) {
      it(`${status} of the primary against 200 of the twin is primary_error, and the primary is not asked again`, async () => {
        const verdict = await verdictOf(() => ({ status, body: { error: 'busy' } }), good);
        expect(shown(verdict)).to.equal('skipped:primary_error');
        expect(asked.primary).to.equal(1);
      });
    }

    it('429 of the twin against 200 of the primary is an error of the twin, and no read that raced a write', async () => {
      const limited: Answers = (_path, nth) => (nth === 1 ? { status: 429, body: { error: 'slow down' } } : {});
      expect(shown(await verdictOf(good, limited))).to.equal('twin_error:status_429');
      expect(asked).to.deep.equal({ primary: 1, twin: 1 });
    });

    it('500 on both sides is no evidence', async () => {
      const broken: Answers = () => ({ status: 500, body: { error: 'x' } });
      expect(shown(await verdictOf(broken, broken))).to.equal('skipped:primary_error');
    });

    it('500 of the primary against 200 of the twin is a mismatch where it stays', async () => {
      const verdict = await verdictOf(() => ({ status: 500, body: { error: 'x' } }), good);
      expect(shown(verdict)).to.equal('mismatch:');
      expect(verdict.differences.map(({ path }) => path)).to.include('#status');
      const once = await verdictOf((_path, nth) => (nth === 1 ? { status: 500, body: {} } : {}), good);
      expect(shown(once)).to.equal('settled:');
    });

    it('a flipped read whose primary fails is primary_error, at the first asking and at a later one', async () => {
      const away = await verdictOf((_path, nth) => ({ status: nth > 0 ? 503 : 200 }), good, 'twin');
      expect(shown(away)).to.equal('skipped:primary_error');
      const later = await verdictOf(
        (_path, nth) => (nth === 1 ? { body: { name: 'b' } } : { status: 503 }),
        good,
        'twin',
      );
      expect(shown(later)).to.equal('skipped:primary_error');
    });
  });

  it('404 with an HTML page on one route is a mismatch there, and the other route is verified to its last read', async () => {
    const page: Answers = (path) => (path.includes('.csv') ? { status: 404, text: '<h1>no</h1>' } : {});
    const bench = await between((path) => (path.includes('.csv') ? { text: 'id,count\n' } : {}), page);
    for (let i = 0; i < 40; i += 1) {
      await bench.one(one());
      expect(shown(await bench.one({ route: 'GET /things.csv', target: '/things.csv' }))).to.equal('mismatch:');
    }
    expect(bench.mirror.counts().verdicts).to.deep.equal({ match: 40, mismatch: 40 });
    expect(bench.mirror.counts().breaker).to.equal('closed');
  });

  it('a route that the twin answers with 500 is left alone while the others are verified', async () => {
    const bench = await between(good, (path) => (path.includes('?') ? { status: 500 } : {}), {
      breaker: { minimum: 5, openMs: 60_000 },
    });
    for (let i = 0; i < 20; i += 1) {
      await bench.one({ route: 'GET /things', target: '/things?page=1' });
      await bench.one(one());
    }
    const { verdicts, breakerParts } = bench.mirror.counts();
    expect(verdicts).to.deep.equal({ match: 20, 'twin_error:status_5xx': 5, 'skipped:breaker_open': 15 });
    expect(breakerParts).to.deep.equal(['GET /things: status_5xx']);
  });

  it('a twin that fails on most routes is left alone as a whole', async () => {
    const bench = await between(good, () => ({ status: 500 }), { breaker: { minimum: 6, openMs: 60_000 } });
    for (let i = 0; i < 3; i += 1) {
      await bench.one({ route: 'GET /things', target: '/things' });
      await bench.one(one());
    }
    expect(bench.mirror.counts().breakerParts).to.deep.equal(['everything']);
    expect(shown(await bench.one({ route: 'GET /things.csv', target: '/things.csv' }))).to.equal(
      'skipped:breaker_open',
    );
  });

  it('a twin that is not to be reached is left alone as a whole', async () => {
    const [here, nowhere] = [await side(good), await side(good)];
    await nowhere.close();
    const bench = new MirrorBench(here.url, nowhere.url, { breaker: { minimum: 5, openMs: 60_000 } });
    open.unshift(() => bench.mirror.close({ deadlineMs: 1_000 }));
    for (let i = 0; i < 5; i += 1) await bench.one(one());
    await until(() => bench.mirror.counts().breakerParts.length > 0);
    expect(bench.mirror.counts().breakerParts).to.deep.equal(['everything']);
    expect(shown(await bench.one({ route: 'GET /things', target: '/things' }))).to.equal('skipped:breaker_open');
  });

  it('a kept connection that is reset at its second request costs nothing, and is counted apart', async () => {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      response.setHeader('content-type', 'application/json');
      if (Reflect.get(request.socket, 'carried') === true) request.socket.resetAndDestroy();
      else response.end(JSON.stringify({ _id: '64b000000000000000000001', name: 'a' }));
      Reflect.set(request.socket, 'carried', true);
    });
    const twin = await opened(server);
    open.push(twin.close);
    const bench = new MirrorBench((await side(good)).url, twin.url);
    open.unshift(() => bench.mirror.close({ deadlineMs: 1_000 }));
    for (let i = 0; i < 40; i += 1) expect(shown(await bench.one(one()))).to.equal('match:');
    expect(bench.mirror.counts().resent).to.be.within(1, 40);
  });

  it('a fresh connection that is reset is an error at once, and so is one that brought something', async () => {
    const server = createServer((request, _response) => request.socket.resetAndDestroy());
    const twin = await opened(server);
    open.push(twin.close);
    const bench = new MirrorBench((await side(good)).url, twin.url);
    open.unshift(() => bench.mirror.close({ deadlineMs: 1_000 }));
    for (let i = 0; i < 3; i += 1) expect(shown(await bench.one(one()))).to.equal('twin_error:reset');
    expect(bench.mirror.counts().resent).to.equal(0);
  });

  it('a twin that is reset in the middle of an answer without a length gave no answer', async () => {
    const server = createServer((_request, response) => {
      response.socket?.write(
        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{"_id":"64b000000000000000000001",',
        () => setTimeout(() => response.socket?.resetAndDestroy(), 50),
      );
    });
    const twin = await opened(server);
    open.push(twin.close);
    const bench = new MirrorBench((await side(good)).url, twin.url);
    open.unshift(() => bench.mirror.close({ deadlineMs: 1_000 }));
    expect(shown(await bench.one(one()))).to.equal('twin_error:reset');
  });
});
