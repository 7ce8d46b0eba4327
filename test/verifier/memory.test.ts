/** The memory of matches: what it may know, what empties it, and that a verdict from it is the one without it. */
import { expect } from 'chai';
import { NO_API } from '../../src/api/load.ts';
import { get, type RouteEntry } from '../../src/api/route.ts';
import { comparator, custom, list, object, text } from '../../src/rules/kit.ts';
import { isPure } from '../../src/rules/pure.ts';
import type { Answer, RawHeaders, Side } from '../../src/types.ts';
import { compileRoute } from '../../src/verifier/engine.ts';
import { KnownIds, ReadIds } from '../../src/verifier/ids/known-ids.ts';
import type { IdMapSource } from '../../src/verifier/ids/source.ts';
import { MatchMemory } from '../../src/verifier/memory.ts';
import { type OpenVerifier, openVerifier } from '../../src/verifier/open.ts';
import { type Reading, readingOf } from '../../src/verifier/reading.ts';
import type { Outcome } from '../../src/verifier/verdict-body.ts';
import { type Listening, listen, routeOf } from '../support/mirror-bench.ts';
import { verifierSettings } from '../support/verifier-settings.ts';

const ROOM = { entries: 100, bytes: 1_000_000 };
const JSON_TYPE: RawHeaders = ['Content-Type', 'application/json'];
const ORIGINS = { primary: 'http://primary', twin: 'http://twin' };

const answerOf = (body: string, rawHeaders = JSON_TYPE, status = 200): Answer => ({
  status,
  rawHeaders,
  body: Buffer.from(body),
  askedAt: 0,
  headersMs: 1,
  totalMs: 2,
});

const trace = { traceId: '0'.repeat(32), parentSpanId: null, spanId: '1', twinSpanId: '2', sampled: true };

interface Asked {
  readonly entry?: RouteEntry;
  readonly method?: string;
  readonly target?: string;
  readonly rawHeaders?: RawHeaders;
  readonly body?: string;
  readonly answer?: Answer;
  readonly served?: Side;
  readonly representation?: 'primary' | 'twin';
}

const PLAIN = get('shop', '/things/:id', { comparator: comparator('plain', object({ name: text() })) });

function readingFor(asked: Asked = {}): Reading {
  const { entry = PLAIN, target = '/things/1', answer = answerOf('{"name":"a"}') } = asked;
  const route = Object.freeze({ entry, ...compileRoute(entry.comparator, ORIGINS) });
  const { method = 'GET', rawHeaders = ['Host', 'api'], body, served = 'primary', representation = 'primary' } = asked;
  const request = { method, target, rawHeaders, body: body === undefined ? null : Buffer.from(body) };
  const { key, pattern, domain } = entry;
  const named = { key, method: 'GET', pattern, domain } as const;
  return readingOf({ id: 'x', route: named, served, request, answer, trace, overheadMs: 0 }, route, representation);
}

const MATCH = {
  shape: '200',
  entityHash: 'e'.repeat(16),
  answerHash: 'a'.repeat(16),
  twinBuild: null,
  request: { method: 'GET', target: '/things/…' },
};

describe('a memory of matches', () => {
  it('tells apart whatever a verdict depends on, and nothing else', () => {
    const memory = new MatchMemory(ROOM);
    const perCaller: RouteEntry = { ...PLAIN, perCaller: true };
    const stricter = get('shop', '/things/:id', {
      comparator: comparator('plain', object({ name: text() }), { headers: ['x-total'] }),
    });
    const twin = answerOf('{ "name": "a" }');
    const keys = [
      memory.keyOf(readingFor(), twin),
      memory.keyOf(readingFor({ target: '/things/2' }), twin),
      memory.keyOf(readingFor({ target: '/things/1?page=2' }), twin),
      memory.keyOf(readingFor({ method: 'HEAD' }), twin),
      memory.keyOf(readingFor({ body: '' }), twin),
      memory.keyOf(readingFor({ body: 'q' }), twin),
      memory.keyOf(readingFor({ rawHeaders: ['Host', 'other'] }), twin),
      memory.keyOf(readingFor({ served: 'twin' }), twin),
      memory.keyOf(readingFor({ representation: 'twin' }), twin),
      memory.keyOf(readingFor({ answer: answerOf('{"name":"b"}') }), twin),
      memory.keyOf(readingFor({ answer: answerOf('{"name":"a"}', JSON_TYPE, 201) }), twin),
      memory.keyOf(readingFor({ answer: answerOf('{"name":"a"}', ['Content-Type', 'text/json']) }), twin),
      memory.keyOf(readingFor({ answer: answerOf('{"name":"a"}', [...JSON_TYPE, 'Cache-Control', 'x']) }), twin),
      memory.keyOf(readingFor(), answerOf('{"name":"a"}')),
      memory.keyOf(readingFor(), answerOf('{ "name": "a" }', JSON_TYPE, 203)),
      memory.keyOf(readingFor(), answerOf('{ "name": "a" }', [...JSON_TYPE, 'Content-Encoding', 'br'])),
      memory.keyOf(readingFor(), answerOf('{ "name": "a" }', [...JSON_TYPE, 'X-Twin-Build', '7'])),
      memory.keyOf(readingFor({ entry: stricter }), twin),
      memory.keyOf(
        readingFor({ entry: stricter, answer: answerOf('{"name":"a"}', [...JSON_TYPE, 'X-Total', '1']) }),
        twin,
      ),
      memory.keyOf(readingFor({ entry: perCaller, rawHeaders: ['Host', 'api', 'Authorization', 'a'] }), twin),
      memory.keyOf(readingFor({ entry: perCaller, rawHeaders: ['Host', 'api', 'Authorization', 'b'] }), twin),
    ];
    expect(new Set(keys).size, 'each is another pair').to.equal(keys.length);
    const same = [
      readingFor({ rawHeaders: ['host', 'api', 'X-Request-Id', '9', 'Authorization', 'b'] }),
      readingFor({
        answer: answerOf('{"name":"a"}', ['Date', 'today', 'content-type', 'application/json', 'ETag', '"1"']),
      }),
    ];
    for (const reading of same) expect(memory.keyOf(reading, twin)).to.equal(keys[0]);
    expect(new MatchMemory(ROOM).keyOf(readingFor(), twin), 'another process').not.to.equal(keys[0]);
  });

  it('knows no boundary that bodies could move', () => {
    const memory = new MatchMemory(ROOM);
    const keyOf = (mine: string, its: string): string | null =>
      memory.keyOf(readingFor({ answer: answerOf(mine) }), answerOf(its));
    expect(keyOf('ab', 'c')).not.to.equal(keyOf('a', 'bc'));
    expect(keyOf('', 'ab')).not.to.equal(keyOf('ab', ''));
  });

  it('is bounded in entries and in bytes, and keeps what was asked for last', () => {
    const few = new MatchMemory({ entries: 3, bytes: 1_000_000 });
    for (const key of ['a', 'b', 'c']) few.put(key, MATCH, 0);
    few.get('a', 0);
    few.put('d', MATCH, 0);
    expect(['a', 'b', 'c', 'd'].map((key) => few.get(key, 0) !== undefined)).to.deep.equal([true, false, true, true]);
    const small = new MatchMemory({ entries: 1_000, bytes: 5_000 });
    for (let i = 0; i < 1_000; i += 1) small.put(`${i}`, { ...MATCH, shape: 's'.repeat(i % 50) }, 0);
    expect(small.bytes).to.be.within(1, 5_000);
    expect(small.entries).to.be.within(1, 12);
    small.put('long', { ...MATCH, shape: 's'.repeat(10_000) }, 0);
    expect([small.entries, small.bytes]).to.deep.equal([0, 0]);
  });

  it('is emptied by an epoch, and by a pair of ids that changes', () => {
    const memory = new MatchMemory(ROOM);
    memory.put('a', MATCH, 0);
    memory.forget();
    expect([memory.get('a', 0), memory.entries, memory.bytes]).to.deep.equal([undefined, 0, 0]);
    memory.put('a', MATCH, 0);
    expect(memory.get('a', 1)).to.equal(undefined);
    expect(memory.entries).to.equal(0);
    memory.put('b', MATCH, 0);
    expect(memory.entries, 'compared under the pairs of before').to.equal(0);
  });

  it('is off without room, and for functions that do not say that they are pure, wherever they stand', () => {
    const off = new MatchMemory({ entries: 0, bytes: 1_000 });
    expect(off.keyOf(readingFor(), answerOf('{}'))).to.equal(null);
    const impure = custom('clock', '1', () => null);
    const pure = custom('sum', '1', () => null, { pure: true });
    const good = object({ name: text() });
    expect(isPure(comparator('x', object({ items: list(object({ at: pure })) })))).to.equal(true);
    for (const one of [
      comparator('x', impure),
      comparator('x', object({ items: list(object({ at: impure })) })),
      comparator('x', good, { error: impure }),
      comparator('x', good, { headers: { 'x-total': impure } }),
      comparator('x', object({ a: pure, b: impure })),
    ]) {
      expect(isPure(one)).to.equal(false);
      const entry = get('shop', '/things/:id', { comparator: one });
      expect(new MatchMemory(ROOM).keyOf(readingFor({ entry }), answerOf('{}'))).to.equal(null);
    }
  });
});

describe('pairs of ids that change', () => {
  const A = 'a'.repeat(24);
  const U = '00000000-0000-7000-8000-000000000001';
  const V = '00000000-0000-7000-8000-000000000002';
  const knownFrom = (uuidOf: () => string | null, size = 1_000) => {
    const source: IdMapSource = {
      lookup: (wanted) =>
        Promise.resolve(wanted.map(({ collection, id }) => ({ collection, objectId: id, uuid: uuidOf() }))),
      close: () => Promise.resolve(),
    };
    return new KnownIds(source, { size, absentMs: 60_000 });
  };
  const look = (known: KnownIds, id = A) => known.fill([{ collection: 'users', id }], new ReadIds(known));

  it('are noticed; one that was not known before is none', async () => {
    let uuid: string | null = U;
    const known = knownFrom(() => uuid);
    await look(known);
    await look(known);
    expect(known.changes).to.equal(0);
    uuid = V;
    await look(known);
    expect(known.changes).to.equal(1);
  });

  it('are noticed where an absent one comes, and may be where one is forgotten', async () => {
    let uuid: string | null = null;
    const known = knownFrom(() => uuid, 40);
    await look(known);
    uuid = U;
    await look(known);
    expect(known.changes).to.equal(1);
    for (let i = 0; i < 40; i += 1) await look(known, i.toString(16).padStart(24, '0'));
    expect(known.changes).to.be.greaterThan(1);
  });

  it('a verdict that leans on an absent one says so', async () => {
    const known = knownFrom(() => null);
    const ids = new ReadIds(known);
    expect([ids.uuidOf('users', A), ids.leansOnAbsence]).to.deep.equal([undefined, false]);
    await known.fill([{ collection: 'users', id: A }], ids);
    expect([ids.uuidOf('users', A), ids.leansOnAbsence]).to.deep.equal([null, true]);
  });
});

describe('a verifier with a memory', () => {
  const answers: Record<Side, { status: number; body: string }> = {
    primary: { status: 200, body: '' },
    twin: { status: 200, body: '' },
  };
  const sides: Listening[] = [];
  let verifier: OpenVerifier;
  let without: OpenVerifier;

  before(async () => {
    for (const side of ['primary', 'twin'] as const) {
      sides.push(
        await listen((_request, response) => {
          response.writeHead(answers[side].status, { 'content-type': 'application/json' });
          response.end(answers[side].body);
        }),
      );
    }
    const [primary, twin] = sides;
    const settings = verifierSettings({
      primaryUrl: primary?.url ?? '',
      twinUrl: twin?.url ?? '',
      api: { ...NO_API, module: new URL('../support/things-routes.ts', import.meta.url).href },
    });
    verifier = await openVerifier(settings);
    without = await openVerifier({ ...settings, memory: { entries: 0, bytes: 1 } });
  });

  after(async () => {
    await Promise.all([verifier.close(), without.close(), ...sides.map((side) => side.close())]);
  });

  const verify = (on: OpenVerifier, key: string, target: string, control = false): Promise<Outcome> => {
    const { status, body } = answers.primary;
    const request = { method: 'GET', target, rawHeaders: ['Host', 'api'], body: null };
    const answer = answerOf(body, ['content-type', 'application/json'], status);
    const exchange = {
      id: 'x',
      route: routeOf(key),
      served: 'primary',
      request,
      answer,
      trace,
      overheadMs: 0,
    } as const;
    return on.verify(
      { exchange, representation: 'primary', control },
      { requestEnded: () => undefined, readAgain: () => Promise.resolve(true) },
    );
  };
  const one = (name: string): string =>
    JSON.stringify({
      _id: '64b000000000000000000001',
      name,
      amount: 1,
      currency: 'EUR',
      at: '2026-05-01T10:00:00.000Z',
    });
  const timeless = ({ body: { primary, twin, compareMs: _, ...body } }: Outcome) => ({
    ...body,
    statuses: [primary?.status, twin?.status],
  });

  it('gives the same evidence from its memory as without one', async () => {
    const page = JSON.stringify({ data: [], pagination: { page: 3, limit: 20, total: 0, pages: 0 } });
    const error = JSON.stringify({ error: { code: 'not_found', message: 'x' } });
    for (const [key, target, status, body] of [
      ['GET /things/:id', '/things/64b000000000000000000001', 200, one('Lamp')],
      ['GET /things/:id', '/things/64b000000000000000000001?colour=red&x=1', 200, one('Lamp')],
      ['GET /things', '/things?page=3&sort=-name', 200, page],
      ['GET /things', '/things?page=3&sort=name&sort=at', 200, page],
      ['GET /things/:id', '/things/64b000000000000000000009', 404, error],
    ] as const) {
      answers.primary = { status, body };
      answers.twin = { status, body: `${body} ` };
      const first = await verify(verifier, key, target);
      const again = await verify(verifier, key, target);
      expect([first.remembered, again.remembered], target).to.deep.equal([false, true]);
      expect(timeless(again)).to.deep.equal(timeless(first));
      expect(timeless(again)).to.deep.equal(timeless(await verify(without, key, target)));
      expect((await verify(without, key, target)).remembered).to.equal(false);
    }
  });

  it('never knows anything but a match, and knows none of before an epoch', async () => {
    const key = 'GET /things/:id';
    const target = '/things/64b0000000000000000000ff';
    const say = (primary: string, twin: string, status = 200): void => {
      answers.primary = { status: 200, body: primary };
      answers.twin = { status, body: twin };
    };
    const said = async (control = false): Promise<string> => {
      const { body, remembered } = await verify(verifier, key, target, control);
      return `${body.kind}${remembered ? ' known' : ''}`;
    };
    say(one('Lamp'), one('Lamb'));
    expect([await said(), await said()]).to.deep.equal(['mismatch', 'mismatch']);
    say(one('Lamp'), one('Lamp'));
    expect([await said(), await said()]).to.deep.equal(['match', 'match known']);
    say(one('Lamp'), one('Lamb'));
    expect(await said()).to.equal('mismatch');
    say(one('Lamp'), 'no json');
    expect([await said(), await said()]).to.deep.equal(['twin_error', 'twin_error']);
    say(one('Lamp'), '{}', 500);
    expect([await said(), await said()]).to.deep.equal(['twin_error', 'twin_error']);
    say(one('Lamp'), one('Lamp'));
    expect([await said(), await said(true), await said()]).to.deep.equal(['match known', 'match', 'match known']);
    verifier.forget();
    expect([await said(), await said()]).to.deep.equal(['match', 'match known']);
  });

  it('does not remember a match by a function of the user’s own that may change its mind', async () => {
    answers.primary = { status: 200, body: '"go on"' };
    answers.twin = { status: 200, body: '"go on"' };
    expect((await verify(verifier, 'GET /loops', '/loops')).body.kind).to.equal('match');
    expect((await verify(verifier, 'GET /loops', '/loops')).remembered).to.equal(false);
  });
});
