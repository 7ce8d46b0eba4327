/** Copies of a gateway before a real verifier: two real servers, our own client for the primary, worker threads. */
import { expect } from 'chai';
import { request } from 'undici';
import { loadApi, NO_API } from '../../../src/api/load.ts';
import { plainRoutes } from '../../../src/api/module.ts';
import { createRouteMatcher } from '../../../src/api/route-matcher.ts';
import { configSchema } from '../../../src/config-schema.ts';
import { traceOf } from '../../../src/proxy/trace-context.ts';
import { openPrimaryClient, primaryChanges } from '../../../src/service/primary-client.ts';
import { createSink } from '../../../src/traffic/sink/sink.ts';
import type { Side } from '../../../src/types.ts';
import { listen, MirrorBench, policyOf } from '../../support/mirror-bench.ts';

describe('a sink before a verifier', () => {
  const entry = { pattern: '/orders/:id', twinPath: '/v2/orders/:id', domain: 'shop', rules: 'strict' };
  const api = { ...NO_API, entries: [entry] };
  const seen: string[] = [];
  /** What our own client measured of the primary, ms. */
  const measured: number[] = [];
  const ending: (() => Promise<unknown>)[] = [];
  let twinSays = '{"ok":true}';
  let bench: MirrorBench;
  let url = '';

  before(async () => {
    const answering = (side: Side, body: () => string) =>
      listen((asked, response) => {
        seen.push(`${side} ${asked.url}`);
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(body());
      });
    const primary = await answering('primary', () => '{"ok":true}');
    const twin = await answering('twin', () => twinSays);
    bench = new MirrorBench(primary.url, `${twin.url}/shop`, {
      api,
      policy: policyOf({}, { domains: { shop: { stage: 'shadow', percent: 100 } } }),
      evidenceKey: Buffer.alloc(32, 7),
    });
    await bench.mirror.ready;
    const config = configSchema.parse({});
    const changes = primaryChanges(config);
    const client = openPrimaryClient(config, { url: primary.url, connections: 4, changes, loopSecret: '' });
    const sink = createSink({
      gate: bench.mirror,
      fetchPrimary: async (...asked) => {
        const result = await client.fetch(...asked);
        if (result.ok) measured.push(result.answer.headersMs);
        return result;
      },
      match: createRouteMatcher(plainRoutes(await loadApi(api))).match,
      traceOf,
      restore: { targetFields: ['x-original-uri'], methodFields: [], hostFields: [], hostSuffix: '' },
      perSecond: 10_000,
      share: 1,
      concurrency: 4,
      bodyBytes: 1_000,
      sides: [],
      certificate: null,
      onLoop: () => undefined,
      onFault: (_stage, thrown) => {
        throw thrown;
      },
    });
    url = `http://127.0.0.1:${(await sink.listen(0)).port}`;
    ending.push(
      () => sink.close({ deadlineMs: 1_000 }),
      () => client.close(),
      () => bench.close(),
      () => primary.close(),
      () => twin.close(),
    );
  });
  after(async () => {
    for (const end of ending) await end();
  });

  async function judged() {
    const count = bench.verdicts.length;
    const { body, statusCode } = await request(`${url}/mirror`, { headers: { 'x-original-uri': '/orders/7?a=%41' } });
    await body.dump();
    expect(statusCode).to.equal(204);
    return (await bench.until(count + 1))[count];
  }
  const both = ['primary /orders/7?a=%41', 'twin /shop/v2/orders/7?a=%41'];

  it("asks the twin at the route's own path there, and times both sides by our own asking", async () => {
    const verdict = await judged();
    expect(verdict).to.include({ kind: 'match', source: 'sink' });
    expect(seen.splice(0).toSorted()).to.deep.equal(both);
    // What the gateway's client waited for is not known here, and plays no part.
    expect(verdict?.primary?.headersMs).to.equal(measured.at(-1)).and.to.be.above(0);
    expect(verdict?.twin?.headersMs).to.be.above(0);
  });

  it("asks there again when what it found is rechecked, and finds it right when the twin's answer is", async () => {
    twinSays = '{"ok":false}';
    const verdict = await judged();
    expect(verdict?.kind).to.equal('mismatch');
    const evidence = verdict?.evidence ?? new Uint8Array();
    seen.length = 0;
    expect((await bench.mirror.recheck(evidence)).kind).to.equal('mismatch');
    expect(new Set(seen.splice(0))).to.deep.equal(new Set(both));
    twinSays = '{"ok":true}';
    expect((await bench.mirror.recheck(evidence)).kind).to.equal('match');
    expect(seen.toSorted()).to.deep.equal(both);
  });
});
