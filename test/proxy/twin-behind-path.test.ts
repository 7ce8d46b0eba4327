/** A twin behind a path: a real proxy, two real servers, a real verifier. */

import { request } from 'node:http';
import { expect } from 'chai';
import { loadApi, NO_API } from '../../src/api/load.ts';
import { plainRoutes } from '../../src/api/module.ts';
import { createRouteMatcher } from '../../src/api/route-matcher.ts';
import { configSchema } from '../../src/config-schema.ts';
import { createProxy } from '../../src/proxy/proxy.ts';
import type { Side } from '../../src/types.ts';
import { listen, MirrorBench, policyOf } from '../support/mirror-bench.ts';
import { until } from '../support/until.ts';

describe('a twin behind a path', () => {
  for (const path of ['/shop/v2', '/shop/v2/']) {
    it(`gets requests below ${path}, for verified and for flipped reads, and the primary is not`, async () => {
      const seen: string[] = [];
      const answering = (side: Side) =>
        listen((request, response) => {
          seen.push(`${side} ${request.url}`);
          response.writeHead(200, { 'Content-Type': 'application/json', 'X-From': side }).end('{"ok":true}');
        });
      const [primary, twin] = [await answering('primary'), await answering('twin')];
      const url = `${twin.url}${path}`;
      const api = { ...NO_API, entries: [{ pattern: '/orders/:id', domain: 'shop', rules: 'strict' }] };
      const bench = new MirrorBench(primary.url, url, {
        api,
        policy: policyOf({}, { domains: { shop: { stage: 'shadow', percent: 100 } } }),
      });
      await bench.mirror.ready;
      let served: Side = 'primary';
      const proxy = createProxy({
        primary: primary.url,
        twin: url,
        match: createRouteMatcher([{ key: 'GET /orders/:id', method: 'GET', pattern: '/orders/:id', domain: 'shop' }])
          .match,
        gate: bench.mirror,
        serve: () => served,
        timeouts: { twinMs: 30_000 },
      });
      const { port } = await proxy.listen(0);
      try {
        for (const side of ['primary', 'twin'] as const) {
          served = side;
          seen.length = 0;
          const before = bench.verdicts.length;
          const answer = await fetch(`http://127.0.0.1:${port}/orders/7?a=%41`);
          expect(answer.headers.get('x-from')).to.equal(side);
          await until(() => bench.verdicts.length > before);
          expect(bench.verdicts.at(-1)?.kind).to.equal('match');
          expect(seen.toSorted()).to.deep.equal(['primary /orders/7?a=%41', 'twin /shop/v2/orders/7?a=%41']);
        }
      } finally {
        await proxy.close({ deadlineMs: 100 });
        await bench.close();
        await primary.close();
        await twin.close();
      }
    });
  }

  it('has a path of its own for a route, which every way uses, and its URLs are the same ones', async () => {
    const seen: string[] = [];
    const answering = (side: Side, path: string) =>
      listen((request, response) => {
        seen.push(`${side} ${request.url}`);
        const url = `http://${request.headers.host}${path}`;
        response.writeHead(200, { 'Content-Type': 'application/json', Link: `<${url}/8>; rel="next"`, 'X-From': side });
        response.end(JSON.stringify({ self: `${url}/7`, all: [`${path}/9`, `${path}/8?a=1`] }));
      });
    const [primary, twin] = [await answering('primary', '/orders'), await answering('twin', '/shop/v2/orders')];
    const url = `${twin.url}/shop`;
    const entry = {
      pattern: '/orders/:id',
      twinPath: '/v2/orders/:id',
      domain: 'shop',
      rules: { object: { self: 'url', all: { set: 'url' } } },
      headers: ['link'],
    };
    const api = { ...NO_API, entries: [entry] };
    const bench = new MirrorBench(primary.url, url, {
      api,
      policy: policyOf({}, { domains: { shop: { stage: 'shadow', percent: 100 } } }),
      evidenceKey: Buffer.alloc(32, 7),
    });
    await bench.mirror.ready;
    let served: Side = 'primary';
    const proxy = createProxy({
      primary: primary.url,
      twin: url,
      match: createRouteMatcher(plainRoutes(await loadApi(api))).match,
      gate: bench.mirror,
      serve: () => served,
      timeouts: { twinMs: 30_000 },
    });
    const { port } = await proxy.listen(0);
    const asked = ['primary /orders/7?a=%41', 'twin /shop/v2/orders/7?a=%41'];
    try {
      for (const side of ['primary', 'twin'] as const) {
        served = side;
        for (const target of ['/orders/7?a=%41', 'http://api.example/orders/7?a=%41']) {
          seen.length = 0;
          const before = bench.verdicts.length;
          const from = await fieldOf(port, target, 'x-from');
          expect(from).to.equal(side);
          await until(() => bench.verdicts.length > before);
          expect(bench.verdicts.at(-1)?.differences).to.deep.equal([]);
          expect(bench.verdicts.at(-1)?.kind).to.equal('match');
          if (target.startsWith('/')) expect(seen.toSorted()).to.deep.equal(asked);
          else expect(seen).to.include(asked[1]);
        }
      }
    } finally {
      await proxy.close({ deadlineMs: 100 });
      await bench.close();
      await primary.close();
      await twin.close();
    }
  });

  it('is taken by the config; a query is not, nor a path of the primary, nor credentials, which nobody would send', () => {
    const taken = (config: unknown): boolean => configSchema.safeParse(config).success;
    expect(taken({ twin: { url: 'http://twin/v2' } })).to.equal(true);
    expect(taken({ twin: { url: 'http://twin/v2?a=1' } })).to.equal(false);
    expect(taken({ primary: { url: 'http://primary/v2' } })).to.equal(false);
    for (const side of ['primary', 'twin'])
      for (const who of ['ada:pw', 'ada', ':pw'])
        expect(taken({ [side]: { url: `http://${who}@side` } }), `${side} ${who}`).to.equal(false);
  });
});

/** One field of the answer to a target as it stands. */
function fieldOf(port: number, path: string, name: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  request({ port, path, host: '127.0.0.1' }, (answer) => {
    answer.resume();
    answer.on('end', () => resolve(answer.headers[name]));
  })
    .on('error', reject)
    .end();
  return promise;
}
