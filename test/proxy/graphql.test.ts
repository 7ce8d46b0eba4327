/** What is a read of a route that takes both: a real proxy in front of two real servers, with a real verifier. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { loadApi, NO_API } from '../../src/api/load.ts';
import { plainRoutes } from '../../src/api/module.ts';
import { createRouteMatcher } from '../../src/api/route-matcher.ts';
import { createProxy, type ProxyServer } from '../../src/proxy/proxy.ts';
import type { Side } from '../../src/types.ts';
import { type Listening, listen, MirrorBench, policyOf } from '../support/mirror-bench.ts';
import { until } from '../support/until.ts';

const ENTRIES = [
  { method: 'POST', pattern: '/graphql', domain: 'shop', rules: 'strict' },
  { method: 'GET', pattern: '/graphql', domain: 'shop', rules: 'strict' },
  { method: 'POST', pattern: '/persisted', domain: 'shop', rules: 'strict', reads: { persisted: ['listed'] } },
  { method: 'POST', pattern: '/rpc', domain: 'shop', rules: 'strict', reads: { body: { '/method': ['get', 'list'] } } },
  { method: 'POST', pattern: '/search', domain: 'shop', rules: 'strict' },
];
const QUERY = JSON.stringify({ query: '{ shop { name } }' });
const MUTATION = JSON.stringify({ query: 'mutation { pay(cents: 100) { ok } }' });

interface Asked {
  readonly path: string;
  readonly body?: string;
}
const READS: Readonly<Record<string, Asked>> = {
  'a query': { path: '/graphql', body: QUERY },
  'a query by GET': { path: `/graphql?query=${encodeURIComponent('{ shop { name } }')}` },
  'a persisted query of the list': { path: '/persisted', body: '{"id":"listed"}' },
  'a body that says so': { path: '/rpc', body: '{"method":"get"}' },
  'anything sent to a route without `reads`': { path: '/search', body: MUTATION },
};
const NO_READS: Readonly<Record<string, Asked>> = {
  'a mutation': { path: '/graphql', body: MUTATION },
  'a mutation by GET': { path: `/graphql?query=${encodeURIComponent('mutation { pay }')}` },
  'a batch with a mutation': { path: '/graphql', body: `[${QUERY},${MUTATION}]` },
  'a body that cannot be parsed': { path: '/graphql', body: '{"query":' },
  'a persisted query of which nobody knows': { path: '/persisted', body: '{"id":"unlisted"}' },
  'a body that says otherwise': { path: '/rpc', body: '{"method":"set"}' },
};

describe('a route that takes reads and writes', () => {
  const seen: Record<Side, string[]> = { primary: [], twin: [] };
  let sides: Record<Side, Listening>;
  let bench: MirrorBench;
  let proxy: ProxyServer;
  let base = '';
  let served: Side = 'primary';
  let writes = 0;
  let flipped = false;
  let trailers: readonly string[] | null = null;

  const answering =
    (side: Side) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (side === 'primary') trailers = request.rawTrailers;
        seen[side].push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
        response.writeHead(200, { 'Content-Type': 'application/json', 'X-From': side }).end('{"data":{"ok":true}}');
      });
    };

  before(async () => {
    sides = { primary: await listen(answering('primary')), twin: await listen(answering('twin')) };
    const source = { ...NO_API, entries: ENTRIES };
    bench = new MirrorBench(sides.primary.url, sides.twin.url, {
      api: source,
      policy: policyOf({}, { domains: { shop: { stage: 'shadow', percent: 100 } } }),
    });
    await bench.mirror.ready;
    proxy = createProxy({
      primary: sides.primary.url,
      twin: sides.twin.url,
      match: createRouteMatcher(plainRoutes(await loadApi(source))).match,
      gate: bench.mirror,
      serve: () => served,
      mindsWrites: () => flipped,
      hooks: {
        onWrite() {
          writes += 1;
        },
      },
      timeouts: { twinMs: 30_000 },
    });
    base = `http://127.0.0.1:${(await proxy.listen(0)).port}`;
  });
  after(async () => {
    await proxy?.close({ deadlineMs: 100 });
    await bench?.close();
    await sides?.primary.close();
    await sides?.twin.close();
  });

  /** Who answered, who was asked what, and the verdict. */
  async function send({ path, body }: Asked, side: Side) {
    served = side;
    writes = 0;
    seen.primary = [];
    seen.twin = [];
    const before = bench.verdicts.length;
    const answer = await fetch(base + path, {
      ...(body === undefined ? {} : { method: 'POST', body, headers: { 'Content-Type': 'application/json' } }),
    });
    await answer.text();
    await until(() => bench.verdicts.length > before && proxy.inFlight === 0);
    const { kind, reason } = bench.verdicts.at(-1) ?? {};
    return { from: answer.headers.get('x-from'), verdict: `${kind} ${reason}`, ...seen };
  }

  for (const side of ['primary', 'twin'] as const) {
    describe(`served by the ${side}`, () => {
      for (const [what, asked] of Object.entries(READS)) {
        it(`${what} is sent to both sides and compared`, async () => {
          const sent = `${asked.body === undefined ? 'GET' : 'POST'} ${asked.path} ${asked.body ?? ''}`;
          expect(await send(asked, side)).to.deep.equal({
            from: side,
            verdict: 'match null',
            primary: [sent],
            twin: [sent],
          });
          expect(writes).to.equal(0);
        });
      }
      for (const [what, asked] of Object.entries(NO_READS)) {
        it(`${what} reaches the primary once, as it was sent, and the twin never`, async () => {
          const sent = `${asked.body === undefined ? 'GET' : 'POST'} ${asked.path} ${asked.body ?? ''}`;
          expect(await send(asked, side)).to.deep.equal({
            from: 'primary',
            verdict: 'skipped not_a_read',
            primary: [sent],
            twin: [],
          });
          // In stage shadow nobody has looked at the body when the answer goes out.
          expect(writes > 0).to.equal(side === 'twin');
        });
      }
    });
  }

  describe('served by the primary while a domain is flipped', () => {
    before(() => {
      flipped = true;
    });
    after(() => {
      flipped = false;
    });
    for (const [what, asked] of Object.entries(READS)) {
      it(`${what} is no write of its caller`, async () => {
        expect(await send(asked, 'primary')).to.include({ from: 'primary', verdict: 'match null' });
        expect(writes).to.equal(0);
      });
    }
    for (const [what, asked] of Object.entries(NO_READS)) {
      it(`${what} is a write of its caller, when it comes and when it is answered`, async () => {
        expect(await send(asked, 'primary')).to.include({ from: 'primary', verdict: 'skipped not_a_read' });
        expect(writes).to.equal(2);
      });
    }
    it('a body of more than is kept is taken for a write, and reaches the primary whole', async () => {
      const body = JSON.stringify({ query: `{ shop(name: "${'x'.repeat(1_100_000)}") { name } }` });
      const { from, primary } = await send({ path: '/graphql', body }, 'twin');
      expect([from, primary.length, primary[0]?.length]).to.deep.equal(['primary', 1, 14 + body.length]);
      expect(writes).to.equal(2);
    });
  });

  for (const side of ['primary', 'twin'] as const) {
    it(`a mutation in chunks keeps its trailers, where the domain is served by the ${side}`, async () => {
      served = side;
      trailers = null;
      const wire = connect(Number(new URL(base).port), '127.0.0.1');
      const chunk = `${MUTATION.length.toString(16)}\r\n${MUTATION}\r\n`;
      wire.write(
        `POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\nX-Sum: 42\r\n\r\n`,
      );
      await until(() => trailers !== null && proxy.inFlight === 0);
      wire.destroy();
      expect(trailers).to.deep.equal(['X-Sum', '42']);
    });
  }

  it('a mutation whose body comes in chunks is the primary’s too, byte for byte', async () => {
    served = 'twin';
    seen.primary = [];
    seen.twin = [];
    const half = MUTATION.length / 2;
    const answer = await fetch(`${base}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: new ReadableStream({
        start(controller) {
          for (const part of [MUTATION.slice(0, half), MUTATION.slice(half)]) controller.enqueue(Buffer.from(part));
          controller.close();
        },
      }),
      duplex: 'half',
    });
    expect(answer.headers.get('x-from')).to.equal('primary');
    expect(seen).to.deep.equal({ primary: [`POST /graphql ${MUTATION}`], twin: [] });
  });
});
