import { expect } from 'chai';
import { writtenEntry } from '../../src/api/written-entry.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import type { Exchange } from '../../src/types.ts';
import { Hashes } from '../../src/verifier/hashes.ts';
import { readingOf } from '../../src/verifier/reading.ts';
import type { ShownParameters } from '../../src/verifier/settings.ts';
import { shownTarget } from '../../src/verifier/shown-target.ts';
import { tableOf } from '../../src/verifier/table.ts';

const hashes = new Hashes(Buffer.alloc(32, 1));
const ORIGINS = { primary: 'http://primary', twin: 'http://twin' };

const written = await writtenEntry(
  {
    pattern: '/api/articles/:slug',
    domain: 'articles',
    rules: 'strict',
    hidden: ['author'],
    query: {
      limit: { limit: 100 },
      tag: 'text',
      author: 'text',
      from: 'instant',
      sort: { sort: ['createdAt'] },
      noise: 'ignored',
    },
  },
  () => Promise.reject(new Error('no name')),
);

/** The target as it is shown, each hash as `~#`. */
function shown(target: string, show: ShownParameters = 'declared', key = written.key): string {
  const route = tableOf([...amanatRoutes, written], ORIGINS).get(key);
  if (route === undefined) throw new Error(`no route ${key}`);
  const exchange: Exchange = {
    id: 'x',
    route: route.entry,
    served: 'primary',
    request: { method: 'GET', target, rawHeaders: [], body: null },
    answer: { status: 200, rawHeaders: [], body: new Uint8Array(0), askedAt: 0, headersMs: 0, totalMs: 0 },
    trace: { traceId: '', parentSpanId: null, spanId: '', twinSpanId: '', sampled: false },
    overheadMs: 0,
  };
  return shownTarget(readingOf(exchange, route, 'primary'), hashes, show).replaceAll(/~[0-9a-f]{8}/g, '~#');
}

describe('the target of a request as people see it', () => {
  it('shows path parameters and query values that a route declares', () => {
    expect(shown('/api/articles/how-to?limit=5&tag=dragons&from=2026-01-01')).to.equal(
      '/api/articles/how-to?limit=5&tag=dragons&from=2026-01-01',
    );
  });

  it('shows a value that cannot be, and the name of a parameter that nobody declared: it is another request', () => {
    expect(shown('/api/articles/x?limit=abc')).to.equal('/api/articles/x?limit=abc');
    expect(shown('/api/articles/x?offset=3')).to.equal('/api/articles/x?offset=~#');
    expect(shown('/api/articles/x?noise=3')).to.equal('/api/articles/x?noise=~#');
    expect(shown('/api/articles/x?eve@example.org')).to.equal('/api/articles/x?(no name)');
    expect(shown('/api/articles/x?tag=a&tag=b')).to.equal('/api/articles/x?tag=a,b');
  });

  it('hides what is listed as hidden, and what looks like a person or a credential', () => {
    expect(shown('/api/articles/x?author=eve')).to.equal('/api/articles/x?author=~#');
    expect(shown('/api/articles/eve@example.org')).to.equal('/api/articles/~#');
    expect(shown('/api/articles/%2B4915557771234')).to.equal('/api/articles/~#');
    expect(shown(`/api/articles/x?tag=${'a1'.repeat(20)}`)).to.equal('/api/articles/x?tag=~#');
    expect(shown('/api/articles/x?accessToken=abc&offset=1', 'all')).to.equal(
      '/api/articles/x?accessToken=~#&offset=1',
    );
  });

  it('shows by `names` nothing but words of the config, by `all` everything', () => {
    expect(shown('/api/articles/how-to?limit=5&tag=a&sort=-createdAt', 'names')).to.equal(
      '/api/articles/~#?limit=5&tag=~#&sort=-createdAt',
    );
    expect(shown('/api/articles/eve@example.org?author=eve&offset=3', 'all')).to.equal(
      '/api/articles/eve@example.org?author=eve&offset=3',
    );
  });

  it('shows of an API module ids, and no free text that its routes do not say may be shown', () => {
    const id = '66d4c0ffee00000000000001';
    expect(shown(`/api/payments/${id}`, 'declared', 'GET /api/payments/:id')).to.equal(`/api/payments/${id}`);
    expect(shown('/api/payments/eve', 'declared', 'GET /api/payments/:id')).to.equal('/api/payments/~#');
    expect(shown('/api/blog/my-life', 'declared', 'GET /api/blog/:slug')).to.equal('/api/blog/~#');
    expect(shown(`/api/payments?status=failed&buyer=${id}&page=x`, 'declared', 'GET /api/payments')).to.equal(
      `/api/payments?status=failed&buyer=${id}&page=~#`,
    );
  });
});
