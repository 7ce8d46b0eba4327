import { expect } from 'chai';
import fc from 'fast-check';
import { createRouteMatcher } from '../../src/api/route-matcher.ts';
import { ShadowError } from '../../src/errors.ts';
import type { Route } from '../../src/types.ts';

const route = (pattern: string, method: 'GET' | 'POST' = 'GET'): Route => ({
  key: `${method} ${pattern}`,
  method,
  pattern,
  domain: 'd',
});

const routes = [
  '/',
  '/api/users/me',
  '/api/users/:id',
  '/api/users/:id/notes',
  '/api/:kind/special',
  '/api/:kind/:id/:part',
  '/api/payments/export.csv',
  '/api/payments/:id',
].map((pattern) => route(pattern));
const matcher = createRouteMatcher([...routes, route('/api/search', 'POST')]);
const found = (target: string, method = 'GET'): string | null => matcher.match(method, target)?.pattern ?? null;

describe('route matcher', () => {
  for (const [target, pattern] of [
    ['/', '/'],
    ['/?a=/api/users/me', '/'],
    ['/api/users/me', '/api/users/me'],
    ['/api/users/me?x=/y//z', '/api/users/me'],
    ['/api/users/42', '/api/users/:id'],
    ['/api/users/me/notes', '/api/users/:id/notes'],
    ['/api/users/special', '/api/users/:id'],
    ['/api/things/special', '/api/:kind/special'],
    ['/api/users/1/other', '/api/:kind/:id/:part'],
    ['/api/users/me/other', '/api/:kind/:id/:part'],
    ['/api/payments/export.csv', '/api/payments/export.csv'],
    ['/api/%75sers/m%65', '/api/users/me'],
    ['/api/users/%C3%A4', '/api/users/:id'],
    ['/api/users/a%20b%3F', '/api/users/:id'],
    ['/api/users/a+b', '/api/users/:id'],
    ['http://example.test/api/users/me', '/api/users/me'],
    ['https://example.test:8443/api/users/7?x', '/api/users/:id'],
    ['HTTP://example.test/', '/'],
  ] as const) {
    it(`${target} is ${pattern}`, () => expect(found(target)).to.equal(pattern));
  }

  for (const target of [
    ...['', '*', 'api/users/me', '//', '//api/users/me', '/api//users/me', '/api/users/', '/api/users/me/', '/api'],
    ...['/API/users/me', '/api/Users/me', '/api/users/.', '/api/users/..', '/api/x/../users/me', '/api/users/%2e%2e'],
    ...[
      '/api/users/%2E',
      '/api/users/a%2Fb',
      '/api/users/a%2fnotes',
      '/api%2Fusers/me',
      '/api/users/a%5Cb',
      '/api/users/a\\b',
    ],
    ...['/api/users/%', '/api/users/%zz', '/api/users/%ff', '/api/users/%00', '/api/users/me#x', '/api/users/1/2/3'],
    ...[
      'http://example.test',
      'http://example.test?/api/users/me',
      'ftp://example.test/api/users/me',
      'example.test:443',
    ],
    `/api/users/${'x/'.repeat(5_000)}`,
  ]) {
    it(`${target.slice(0, 50)} is no known route`, () => expect(found(target)).to.equal(null));
  }

  it('HEAD is matched as GET, POST on its own, and other methods never', () => {
    expect(found('/api/users/me', 'HEAD')).to.equal('/api/users/me');
    expect(found('/api/search', 'POST')).to.equal('/api/search');
    expect(found('/api/search')).to.equal(null);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'get', 'CONNECT', '__proto__'])
      expect(found('/api/users/me', method)).to.equal(null);
  });

  it('names of every object are no routes', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(found(`/api/users/${name}`)).to.equal('/api/users/:id');
      expect(found(`/${name}`)).to.equal(null);
    }
  });

  for (const [title, bad] of [
    ['the same pattern twice', ['/a/:x', '/a/:x']],
    ['the same shape with another name', ['/a/:x', '/a/:y']],
    ['no slash at the start', ['a/b']],
    ['nothing at all', ['']],
    ['a suffix without a parameter', ['/a/:.json']],
    ['an empty segment', ['/a//b']],
    ['a parameter without a name', ['/a/:']],
    ['a parameter with a pattern of its own', ['/a/:id(\\d+)']],
    ['an optional parameter', ['/a/:id?']],
    ['one name twice', ['/a/:id/b/:id']],
    ['a wildcard', ['/a/*']],
    ['a percent escape', ['/a%20b']],
    ['a dot segment', ['/a/../b']],
    ['a query', ['/a?x=1']],
  ] as const) {
    it(`${title} is refused with SHADOW_ROUTE`, () => {
      expect(() => createRouteMatcher(bad.map((pattern) => route(pattern))))
        .to.throw(ShadowError)
        .with.property('code', 'SHADOW_ROUTE');
    });
  }

  it('a path with a slash at the end is another path, and so is each suffix', () => {
    const matcher = createRouteMatcher(
      ['/a', '/a/', '/a/:id', '/a/:id/', '/a/:id.json', '/a/:id.min.json', '/a/x.json', '/:b.json/c'].map((pattern) =>
        route(pattern),
      ),
    );
    const found = (path: string): string | null => matcher.match('GET', path)?.pattern ?? null;
    for (const [path, pattern] of [
      ['/a', '/a'],
      ['/a/', '/a/'],
      ['/a/?q=1', '/a/'],
      ['/a//', null],
      ['/a/7', '/a/:id'],
      ['/a/7/', '/a/:id/'],
      ['/a/7.json', '/a/:id.json'],
      ['/a/7.json?q=1', '/a/:id.json'],
      ['/a/7.min.json', '/a/:id.min.json'],
      ['/a/.json', '/a/:id'],
      ['/a/x.json', '/a/x.json'],
      ['/a/x.json/', '/a/:id/'],
      ['/a.json/c', '/:b.json/c'],
      ['/', null],
    ] as const) {
      expect(found(path), path).to.equal(pattern);
    }
  });

  it('the same pattern for GET and POST is two routes', () => {
    const both = createRouteMatcher([route('/a'), route('/a', 'POST')]);
    expect(both.match('POST', '/a')?.method).to.equal('POST');
    expect(both.match('GET', '/a')?.method).to.equal('GET');
  });

  it('finds what going through all patterns in order of preference finds, and never throws', () => {
    const patterns = fc.uniqueArray(
      fc
        .array(fc.constantFrom('a', 'b', 'c', ':p'), { minLength: 1, maxLength: 5 })
        .map((parts) => `/${parts.map((part, i) => (part === ':p' ? `:p${i}` : part)).join('/')}`),
      { minLength: 1, maxLength: 30 },
    );
    const paths = fc.array(
      fc
        .array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 5 })
        .map((parts) => `/${parts.join('/')}`),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(patterns, paths, (known, asked) => {
        const one = createRouteMatcher(known.map((pattern) => route(pattern)));
        expect(asked.map((path) => one.match('GET', path)?.pattern ?? null)).to.deep.equal(
          asked.map((path) => slowly(known, path)),
        );
      }),
      { numRuns: 100, seed: 11 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (target) => {
        matcher.match('GET', target);
        matcher.match('GET', `/${target}`);
        matcher.match('GET', `http://${target}`);
      }),
      { numRuns: 2_000, seed: 12 },
    );
  });

  it('many overlapping patterns compile, and a match costs a step per segment', () => {
    const many = Array.from({ length: 150 }, (_, i) =>
      route(`/api/${i % 2 === 0 ? `s${i}` : ':a'}/${i % 3 === 0 ? ':b' : `t${i}`}/r${i}`),
    );
    const one = createRouteMatcher(many);
    for (const entry of many)
      expect(one.match('GET', entry.pattern.replace(':a', 'x').replace(':b', 'y'))?.key).to.equal(entry.key);
  });
});

/** The preference said in words: the pattern whose first static segment comes earliest wins, segment by segment. */
function slowly(patterns: readonly string[], path: string): string | null {
  const parts = path.split('/');
  const fitting = patterns.filter((pattern) => {
    const own = pattern.split('/');
    return own.length === parts.length && own.every((segment, i) => segment.startsWith(':') || segment === parts[i]);
  });
  const rank = (pattern: string): string =>
    pattern
      .split('/')
      .map((segment) => (segment.startsWith(':') ? '1' : '0'))
      .join('');
  return fitting.sort((a, b) => (rank(a) < rank(b) ? -1 : 1))[0] ?? null;
}
