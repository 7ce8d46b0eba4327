import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type LoadedApi, loadApi } from '../../src/api/load.ts';
import { get } from '../../src/api/route.ts';
import { rulesDigest } from '../../src/rules/digest.ts';
import { comparator, object, ref, text } from '../../src/rules/kit.ts';

const amanat = new URL('../../src/amanat/index.ts', import.meta.url).href;

const load = (entry: object): Promise<LoadedApi> => loadApi({ module: null, library: [amanat], entries: [entry] });

describe('a route in TypeScript', () => {
  it('says what one in YAML can say: redirects, and parameters to ignore', () => {
    const said = { redirects: true, ignoredQuery: ['*'] };
    expect(get('go', '/go/:id', { ...said, comparator: comparator('go', text()) })).to.deep.include(said);
  });
});

describe('an API as a config writes it', () => {
  it('takes routes as a config file writes them, with rules inline', async () => {
    const { routes } = await load({
      method: 'GET',
      pattern: '/v1/orders/:id',
      domain: 'orders',
      rules: { object: { id: { ref: 'orders' } } },
      headers: ['x-total'],
    });
    const [route] = routes;
    expect(route?.comparator.body).to.deep.equal(object({ id: ref('orders') }));
    expect(route?.comparator.headers).to.deep.equal(['x-total']);
    expect(route && rulesDigest(route.comparator)).to.match(/^[0-9a-f]{16}$/);
  });

  it('knows the parameters of GraphQL: by GET they are the question', async () => {
    const queryOf = async (more: object) => {
      const { routes } = await load({ pattern: '/graphql', domain: 'p', rules: 'strict', ...more });
      return Object.keys(routes[0]?.query ?? {});
    };
    const own = ['query', 'operationName', 'variables', 'extensions'];
    expect(await queryOf({})).to.deep.equal(own);
    expect(await queryOf({ query: { v: 'ignored', page: 'page' } })).to.deep.equal([...own, 'page']);
    expect(await queryOf({ reads: { persisted: ['a'] } })).to.include.members([...own, 'documentId']);
    expect(await queryOf({ reads: { graphql: false } })).to.deep.equal([]);
    expect(await queryOf({ pattern: '/q', reads: { graphql: true } })).to.deep.equal(own);
    expect(await queryOf({ pattern: '/q' })).to.deep.equal([]);
  });

  it('takes a comparator of the built-in table by its name', async () => {
    const { routes } = await load({ pattern: '/p/:id', domain: 'p', comparator: 'payments.one' });
    expect(routes[0]?.comparator.name).to.equal('payments.one');
  });

  it('takes a comparator from a module of the user’s own', async () => {
    const module = `data:text/javascript,export default { name: 'own', body: { rule: 'text' }, error: { rule: 'strict' }, headers: [] }`;
    const { routes } = await load({ pattern: '/p', domain: 'p', module });
    expect(routes[0]?.comparator.name).to.equal('own');
  });

  it('gives a module of the user’s own the package that loads it, wherever the module lies', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shadowread-own-'));
    try {
      const file = join(folder, 'own.ts');
      writeFileSync(
        file,
        "import { comparator, object, text } from 'shadowread';\nexport default comparator('own', object({ a: text() }));\n",
      );
      const { routes } = await load({ pattern: '/p', domain: 'p', module: file });
      expect(routes[0]?.comparator.body).to.deep.equal(object({ a: text() }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes rules of errors and further fields too', async () => {
    const rules = { body: { object: { id: 'text?' } }, error: { object: { title: 'text' } }, headers: ['X-Total'] };
    const { routes } = await load({ pattern: '/p', domain: 'p', rules });
    const { comparator } = routes[0] ?? {};
    expect(comparator?.error).to.deep.equal(object({ title: text() }));
    expect(comparator?.headers).to.deep.equal(['x-total']);
  });

  for (const [what, entry, message] of [
    [
      'an unknown word',
      { pattern: '/p', domain: 'p', rules: { object: { id: 'uuid' } } },
      /GET \/p: rules\.object\.id[\s\S]*uuid/,
    ],
    ['two words', { pattern: '/p', domain: 'p', rules: { ref: 'a', object: {} } }, /exactly one of/],
    ['no comparator of that name', { pattern: '/p', domain: 'p', comparator: 'no.such' }, /no\.such/],
    ['a module that is not there', { pattern: '/p', domain: 'p', module: './no-such-module.ts' }, /no-such-module/],
    ['nothing', {}, /pattern, domain/],
  ] as const) {
    it(`says what is wrong with ${what}`, async () => {
      const failed = await load(entry).then(
        () => null,
        (error: Error) => error,
      );
      expect(failed?.message).to.match(message);
    });
  }
});
