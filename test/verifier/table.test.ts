import { expect } from 'chai';
import { object, ref, text } from '../../src/rules/kit.ts';
import { loadTable } from '../../src/verifier/table.ts';

const origins = { primary: 'http://primary', twin: 'http://twin' };

describe('the route table of a verifier', () => {
  it('takes routes as a config file writes them, with rules inline', async () => {
    const table = await loadTable(
      null,
      [
        {
          method: 'GET',
          pattern: '/v1/orders/:id',
          domain: 'orders',
          rules: { object: { id: { ref: 'orders' } } },
          headers: ['x-total'],
        },
      ],
      origins,
    );
    const route = table.get('GET /v1/orders/:id');
    expect(route?.entry.comparator.body).to.deep.equal(object({ id: ref('orders') }));
    expect(route?.entry.comparator.headers).to.deep.equal(['x-total']);
    expect(route?.digest).to.match(/^[0-9a-f]{16}$/);
  });

  it('takes a comparator of the built-in table by its name', async () => {
    const table = await loadTable(null, [{ pattern: '/p/:id', domain: 'p', comparator: 'payments.one' }], origins);
    expect(table.get('GET /p/:id')?.entry.comparator.name).to.equal('payments.one');
  });

  it('takes a comparator from a module of the user’s own', async () => {
    const module = `data:text/javascript,export default { name: 'own', body: { rule: 'text' }, error: { rule: 'strict' }, headers: [] }`;
    const table = await loadTable(null, [{ pattern: '/p', domain: 'p', module }], origins);
    expect(table.get('GET /p')?.entry.comparator.name).to.equal('own');
  });

  it('takes rules of errors and further fields too', async () => {
    const rules = { body: { object: { id: 'text?' } }, error: { object: { title: 'text' } }, headers: ['X-Total'] };
    const table = await loadTable(null, [{ pattern: '/p', domain: 'p', rules }], origins);
    const { comparator } = table.get('GET /p')?.entry ?? {};
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
      const failed = await loadTable(null, [entry], origins).then(
        () => null,
        (error: Error) => error,
      );
      expect(failed?.message).to.match(message);
    });
  }
});
