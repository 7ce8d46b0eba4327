/** Where the twin has what the primary has. */
import { expect } from 'chai';
import { mistakeInTwinPath, twinPathsOf, twinTargetOf } from '../../src/api/twin-path.ts';
import type { Route, Side } from '../../src/types.ts';

const route = (pattern: string, twinPath?: string): Route => ({
  key: `GET ${pattern}`,
  method: 'GET',
  pattern,
  domain: 'd',
  ...(twinPath === undefined ? {} : { twinPath }),
});

describe('the target of a request to the twin', () => {
  for (const [pattern, twinPath, target, expected] of [
    ['/orders/:id', '/v2/orders/:id', '/orders/7', '/v2/orders/7'],
    ['/orders/:id', '/v2/orders/:id', '/orders/7?a=%41&a=b', '/v2/orders/7?a=%41&a=b'],
    ['/orders/:id', '/v2/orders/:id', '/orders/7?', '/v2/orders/7?'],
    ['/orders/:id', '/v2/orders/:id', '/orders/a%2Db%20c', '/v2/orders/a%2Db%20c'],
    ['/u/:user/orders/:id', '/orders/:id/of/:user', '/u/1/orders/2', '/orders/2/of/1'],
    ['/u/:user/orders/:id', '/orders/:id', '/u/1/orders/2?x', '/orders/2?x'],
    ['/orders/:id.json', '/v2/orders/:id', '/orders/7.json', '/v2/orders/7'],
    ['/orders/:id.json', '/v2/orders/:id', '/orders/a%2Fb%2Ejson', '/v2/orders/a%2Fb'],
    ['/orders/:id', '/v2/orders/:id.json', '/orders/7', '/v2/orders/7.json'],
    ['/orders', '/v2/orders/', '/orders?page=2', '/v2/orders/?page=2'],
    ['/orders/:id', '/bestellungen/für/:id', '/orders/7', '/bestellungen/f%C3%BCr/7'],
    ['/orders/:id', undefined, '/orders/7?a', '/orders/7?a'],
  ] as const) {
    it(`${target} of ${pattern} by ${twinPath ?? 'nothing'} is ${expected}`, () => {
      expect(twinTargetOf(route(pattern, twinPath), target)).to.equal(expected);
    });
  }
});

describe('a twinPath', () => {
  it('has only parameters of the pattern', () => {
    expect(mistakeInTwinPath('/orders/:orderId', '/v2/orders/:orderId')).to.equal(null);
    expect(mistakeInTwinPath('/orders/:orderId', '/v2/:ordrId')).to.match(/found :ordrId; did you mean :orderId\?/);
    expect(mistakeInTwinPath('/orders', '/v2/:id')).to.match(/no parameter/);
    for (const path of ['/v2/:id?x=1', '/v2//x', '/v2/:id:x', '/v2/../x'])
      expect(() => mistakeInTwinPath('/orders/:id', path), path).to.throw(/can never match/);
  });
});

describe('paths that the two sides show', () => {
  const routes = [
    route('/orders/:id', '/v2/orders/:id'),
    route('/orders/recent'),
    route('/u/:user/orders/:id', '/v2/orders/:id'),
    route('/people/:id'),
  ];
  const paths = twinPathsOf(routes, 'http://twin/shop/');
  const same = (primary: string, twin: string): boolean => paths?.('primary', primary) === paths?.('twin', twin);

  for (const [primary, twin, expected] of [
    ['/orders/7', '/shop/v2/orders/7', true],
    ['/orders/7', '/v2/orders/7', true],
    ['/orders/7', '/orders/7', true],
    ['/orders/7', '/shop/orders/7', true],
    ['/orders/7?a=1#b', '/shop/v2/orders/7?a=1#b', true],
    ['/u/1/orders/7', '/shop/v2/orders/7', true],
    ['/people/7', '/shop/people/7', true],
    ['/elsewhere', '/shop/elsewhere', true],
    ['/', '/shop', true],
    ['/orders/7', '/shop/v2/orders/8', false],
    ['/orders/7?a=1', '/shop/v2/orders/7?a=2', false],
    ['/orders/recent', '/shop/v2/orders/recent', false],
    ['/people/7', '/shop/v2/people/7', false],
    ['/people/7', '/shopping/people/7', false],
    ['/shop/people/7', '/people/7', false],
  ] as const) {
    it(`${primary} and ${twin} are ${expected ? 'one' : 'two'}`, () => expect(same(primary, twin)).to.equal(expected));
  }

  it('stay unchanged where the twin has no prefix and no path of its own', () => {
    expect(twinPathsOf([route('/people/:id')], 'http://twin/')).to.equal(null);
  });

  it('keep parts that no route knows', () => {
    const odd = ['//x', '/a%', '/a/../b', '/a\\b', '*', ''];
    for (const side of ['primary', 'twin'] satisfies Side[])
      for (const path of odd) expect(paths?.(side, path)).to.equal(path);
  });
});
