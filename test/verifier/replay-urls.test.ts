/** What a replay knows of a read is what the verifier knew of it. */
import { expect } from 'chai';
import { loadApi, NO_API } from '../../src/api/load.ts';
import { replay } from '../../src/verifier/recheck.ts';
import type { Evidence } from '../../src/verifier/sealed-pair.ts';
import { originsOf, tableOf } from '../../src/verifier/table.ts';

describe('a replay of answers with URLs', () => {
  const key = 'GET /orders/:id';
  const entry = {
    pattern: '/orders/:id',
    twinPath: '/v2/orders/:id',
    domain: 'shop',
    rules: { object: { self: 'url' } },
  };
  const judged = async (primary: string, twin: string, further?: Parameters<typeof originsOf>[3]) => {
    const { routes } = await loadApi({ ...NO_API, entries: [entry] });
    const route = tableOf(routes, originsOf('http://mongo:1', 'http://pg:2/shop', routes, further)).get(key);
    if (route === undefined) throw new Error('no route');
    const kept = (self: string) => ({
      status: 200,
      rawHeaders: ['Content-Type', 'application/json'],
      askedAt: 1,
      body: Buffer.from(JSON.stringify({ self })),
    });
    const evidence: Evidence = {
      exchangeId: 'a-1',
      route: { key, method: 'GET', pattern: '/orders/:id', domain: 'shop' },
      served: 'primary',
      representation: 'primary',
      request: { method: 'GET', target: '/orders/7', rawHeaders: ['Host', 'api.example'], body: null },
      withoutCredentials: false,
      trace: { traceId: '', parentSpanId: null, spanId: '', twinSpanId: '', sampled: false },
      at: 1,
      pairs: [{ primary: kept(primary), twin: kept(twin) }],
    };
    return (await replay(evidence, route, { uuidOf: () => null, objectIdOf: () => null })).outcome;
  };

  it('knows the Host that was asked, and the paths of the twin', async () => {
    expect(await judged('http://api.example/orders/7', 'http://pg:2/shop/v2/orders/7')).to.equal('equal');
    expect(await judged('https://api.example/orders/7', '/shop/v2/orders/7')).to.equal('equal');
    expect(await judged('http://api.example/orders/7', 'http://pg:2/shop/v2/orders/8')).to.equal('differs');
    expect(await judged('http://other.example/orders/7', '/shop/v2/orders/7')).to.equal('differs');
  });

  it('knows the origins that the config gives a side, for that side alone', async () => {
    const further = { primary: ['https://other.example'], twin: ['https://new.example'] };
    expect(await judged('https://other.example/orders/7', 'https://new.example/shop/v2/orders/7', further)).to.equal(
      'equal',
    );
    expect(await judged('http://api.example/orders/7', 'https://new.example/shop/v2/orders/7', further)).to.equal(
      'equal',
    );
    expect(await judged('https://new.example/orders/7', '/shop/v2/orders/7', further)).to.equal('differs');
    expect(await judged('https://third.example/orders/7', '/shop/v2/orders/7', further)).to.equal('differs');
  });
});
