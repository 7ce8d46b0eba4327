import { expect } from 'chai';
import { autoEntry, createAutoRoutes } from '../../src/api/auto-routes.ts';
import { PathShapes } from '../../src/api/path-shapes.ts';

describe('routes by the shape of a path', () => {
  const keyOf = (target: string, method = 'GET') => createAutoRoutes().match(method, target)?.key ?? null;

  for (const [target, key] of [
    ['/', 'GET /'],
    ['/orders', 'GET /orders'],
    ['/orders?page=2', 'GET /orders'],
    ['/orders/17', 'GET /orders/:id'],
    ['/orders/65f0c0ffee65f0c0ffee65f0', 'GET /orders/:id'],
    ['/orders/0196F0C2-0000-7000-8000-000000000001/lines', 'GET /orders/:id/lines'],
    ['/orders/17/lines/3', 'GET /orders/:orderId/lines/:lineId'],
    ['/users/me', 'GET /users/me'],
    ['/users/ada@example.org', 'GET /users/:id'],
    ['/days/2026-11-26', 'GET /days/:id'],
    ['/images/17.png', 'GET /images/:id.png'],
    ['/orders/17/lines/65f0c0ffee65f0c0ffee65f0.json', 'GET /orders/:orderId/lines/:lineId.json'],
    ['/orders/17.json/lines', 'GET /orders/:id.json/lines'],
    ['/exports/orders.csv', 'GET /exports/orders.csv'],
    ['/a%20b', 'GET /:id'],
    ['/v1/stats', 'GET /v1/stats'],
    ['//orders', null],
    ['/orders/', 'GET /orders/'],
    ['/orders/17/', 'GET /orders/:id/'],
    ['/orders/17/lines/3/?a=1', 'GET /orders/:orderId/lines/:lineId/'],
    ['/orders//', null],
    ['/orders/./', null],
    ['/a/../b', null],
    ['/a%2Fb', null],
    ['/bad%', null],
    ['*', null],
  ] as const) {
    it(`${target}: ${key ?? 'none'}`, () => {
      expect(keyOf(target)).to.equal(key);
    });
  }

  it('take a word of hundreds of letters for a parameter: such a pattern would be too long a key for the journal', () => {
    const word = 'abcdefghij'.repeat(10);
    expect(keyOf(`/${word}`)).to.equal(`GET /${word}`);
    expect(keyOf(`/orders/${word}k`)).to.equal('GET /orders/:id');
    expect(keyOf(`/orders/${'x'.repeat(12_000)}.json/lines`)).to.equal('GET /orders/:id/lines');
  });

  it('are those of GET and HEAD alone', () => {
    expect(keyOf('/orders', 'HEAD')).to.equal('GET /orders');
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect(keyOf('/orders', method)).to.equal(null);
  });

  it('keep the suffix of a parameter when all is seen', () => {
    const shapes = new PathShapes({ values: 4 });
    for (let n = 0; n < 30; n++) for (const suffix of ['', '.json']) shapes.see(`/orders/${n}${suffix}`);
    expect([...shapes.patterns].map((pattern) => shapes.settled(pattern))).to.deep.equal([
      '/orders/:id',
      '/orders/:id.json',
    ]);
  });

  it('a place that takes many values becomes a parameter, and patterns are bounded', () => {
    const shapes = new PathShapes({ values: 4, patterns: 8 });
    const word = (n: number): string =>
      `w${String.fromCharCode(97 + (n % 26))}${String.fromCharCode(97 + ((n / 26) | 0))}`;
    const seen = new Set<string | null>();
    for (let n = 0; n < 300; n++) seen.add(shapes.see(`/posts/${word(n)}`));
    expect(seen.size).to.equal(5);
    expect(shapes.settled('/posts/waa')).to.equal('/posts/:id');
    for (let n = 0; n < 300; n++) shapes.see(`/tags/${word(n)}/`);
    expect(shapes.settled('/tags/waa/'), 'a slash at the end is no value').to.equal('/tags/:id/');
    for (let n = 0; n < 300; n++) shapes.see(`/${word(n)}/${word(n * 3)}/${word(n * 7)}`);
    expect(shapes.patterns.size).to.be.at.most(8);
  });

  it('have an entry that compares strictly, in a domain of their own', () => {
    expect(autoEntry('GET /orders/:id')).to.include({ pattern: '/orders/:id', domain: 'auto', perCaller: true });
    expect(autoEntry('POST /orders')).to.equal(null);
  });
});
