import { expect } from 'chai';
import { sumUnknown } from '../../src/base/unknown-reads.ts';
import { UnknownReadCounts } from '../../src/service/unknown-reads.ts';
import type { Route } from '../../src/types.ts';

const route = (pattern: string): Route => ({ key: `GET ${pattern}`, method: 'GET', pattern, domain: 'orders' });
const routes = [route('/v1/orders'), route('/v1/orders/:id'), route('/v1/orders/:id/items')];

function counted(targets: readonly string[], times = 1) {
  const reads = new UnknownReadCounts(routes);
  for (let n = 0; n < times; n += 1) for (const target of targets) expect(reads.see('GET', target)).to.equal(null);
  return reads.top();
}

describe('reads of no route', () => {
  it('show a path that differs from a route only in its form, and say what differs', () => {
    for (const [target, path, near, differs] of [
      ['/v1/orders/', '/v1/orders/', 'GET /v1/orders', 'a slash at the end'],
      ['/V1/Orders', '/V1/Orders', 'GET /v1/orders', 'upper and lower case'],
      ['//v1/orders', '//v1/orders', 'GET /v1/orders', 'an empty segment or a dot'],
      ['/v1//orders/5', '/v1//orders/*', 'GET /v1/orders/:id', 'an empty segment or a dot'],
      ['/v1/./orders', '/v1/*/orders', 'GET /v1/orders', 'an empty segment or a dot'],
      ['/v1/%6frders', '/v1/*', 'GET /v1/orders', 'percent-encoding'],
      [
        'http://api.example//V1/orders/7/items/?x=1',
        '//V1/orders/*/items/',
        'GET /v1/orders/:id/items',
        'a slash at the end, an empty segment or a dot, upper and lower case',
      ],
    ] as const) {
      const { reads, paths } = counted([target]);
      expect(reads).to.equal(1);
      expect(paths[0], target).to.include({ path, count: 1 });
      expect(paths[0]?.near, target).to.deep.equal({ route: near, differs });
    }
    expect(counted(['/v2/refunds'], 5).paths[0]).to.deep.equal({
      path: '/v2/refunds',
      count: 5,
      atMostTooMany: 0,
      near: null,
    });
  });

  it('hide what may be a value: ids by their form, a word until it is read often, words that are many', () => {
    for (const hidden of [
      '/accounts/64b0c1a2f3d4e5f6a7b8c9d0',
      '/accounts/0198c0de-0000-7000-8000-000000000000',
      '/accounts/12345',
      '/accounts/ada@example.com',
      '/accounts/2026-01-31',
      '/accounts/%F0%9F%92%A5',
      `/accounts/${'x'.repeat(5_000)}`,
    ])
      expect(counted([hidden], 6).paths[0]?.path, hidden).to.equal('/accounts/*');
    expect(counted(['/accounts/ada']).paths[0]?.path).to.equal('/*/*');
    const people = Array.from(
      { length: 60 },
      (_, i) => `/accounts/${String.fromCharCode(97 + (i % 26))}nn${'abc'[i % 3]}`,
    );
    expect(counted(people, 6).paths).to.have.length(1);
    expect(counted(people, 6).paths[0]).to.include({ path: '/accounts/*', count: 360 });
    expect(
      counted(['/v1/orders?token=secret#secret', '/x?secret'])
        .paths.map(({ path }) => path)
        .join(),
    ).to.not.contain('secret');
  });

  it('show ids with a suffix as one path', () => {
    expect(counted(['/images/17.png', '/images/18.png', '/images/19.png'], 6).paths).to.deep.equal([
      { path: '/images/*.png', count: 18, atMostTooMany: 0, near: null },
    ]);
  });

  it('count reads alone, and find the most frequent beside any number of rare ones, within 256 counters', () => {
    const reads = new UnknownReadCounts(routes);
    for (const method of ['POST', 'PUT', 'OPTIONS']) reads.see(method, '/v2/refunds');
    expect(reads.top()).to.deep.equal({ reads: 0, paths: [] });
    for (let i = 0; i < 20_000; i += 1) {
      reads.see(
        'GET',
        `/rare/${i.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '')}/a${i % 7 === 0 ? 'b' : ''}`,
      );
      if (i % 10 === 0) reads.see('HEAD', '/v2/refunds');
      if (i % 20 === 0) reads.see('GET', '/v1/orders/');
    }
    const { reads: all, paths } = reads.top();
    expect(all).to.equal(23_000);
    const refunds = paths.find(({ path }) => path === '/v2/refunds');
    expect(refunds?.count).to.be.at.least(2_000);
    expect((refunds?.count ?? 0) - (refunds?.atMostTooMany ?? 0)).to.be.at.most(2_000);
    expect(paths.find(({ path }) => path === '/v1/orders/')?.near?.route).to.equal('GET /v1/orders');
    expect(paths.length).to.be.at.most(10);
    expect(JSON.stringify(paths).length).to.be.below(4_000);
  });

  it('are the sum of all replicas', () => {
    const one = counted(['/v2/refunds'], 5);
    const other = counted(['/v2/refunds', '/v1/orders/'], 7);
    expect(sumUnknown([one, other])).to.deep.equal({
      reads: 19,
      paths: [
        { path: '/v2/refunds', count: 12, atMostTooMany: 0, near: null },
        {
          path: '/v1/orders/',
          count: 7,
          atMostTooMany: 0,
          near: { route: 'GET /v1/orders', differs: 'a slash at the end' },
        },
      ],
    });
  });

  it('cost little: a flood of new paths does not slow the proxy', () => {
    const reads = new UnknownReadCounts(routes);
    const began = process.cpuUsage().user;
    for (let i = 0; i < 50_000; i += 1) reads.see('GET', `/flood/${(i * 7919).toString(36)}/x`);
    // Microseconds of CPU, some twenty times what it takes.
    expect((process.cpuUsage().user - began) / 50_000).to.be.below(100);
  });
});
