import { expect } from 'chai';
import { field, type ModelMapping, optional } from '../../src/api/mapping.ts';
import { defineApi } from '../../src/api/module.ts';
import { declaredSums, type SumDeclaration } from '../../src/api/sums.ts';
import { mappingsFrom, writtenMapping } from '../../src/api/written-mapping.ts';

const common = { domain: 'ledger', identity: 'objectId', children: [], appendOnly: false, expiresAt: null } as const;
const users: ModelMapping = { ...common, model: 'User', collection: 'users', table: 'users', fields: [] };
const entries: ModelMapping = {
  ...common,
  ...{ model: 'Entry', collection: 'entries', table: 'entries' },
  fields: [
    field('account', 'account_id', { kind: 'ref', collection: 'users' }),
    optional('payment', 'payment_id', { kind: 'ref', collection: 'users' }),
    field('order', 'order_id', { kind: 'ref', collection: 'orders' }),
    field('amount', 'amount', { kind: 'money', currency: 'currency' }),
    field('share', 'share', { kind: 'double' }),
    field('currency', 'currency', { kind: 'text' }),
    field('at', 'at', { kind: 'instant' }),
  ],
};
const ofEntries = (sum: SumDeclaration, change: Partial<ModelMapping> = {}) =>
  declaredSums([users, { ...entries, ...change, sums: [sum] }]);

describe('sums of an API', () => {
  it('name their columns and the mapping of each reference', () => {
    const [sum] = ofEntries({ amount: 'amount', by: ['account', 'currency'] });
    expect(sum?.amount.column).to.equal('amount');
    expect(sum?.by).to.deep.equal([
      { path: 'account', column: 'account_id', refersTo: users },
      { path: 'currency', column: 'currency', refersTo: null },
    ]);
  });

  const good = { amount: 'amount', by: ['account', 'currency'] };
  const refused: readonly [why: string, sum: SumDeclaration, message: RegExp, change?: Partial<ModelMapping>][] = [
    ['of no field', { ...good, amount: 'sum' }, /a field of the mapping: account, .*; found sum/],
    ['of what is not exact', { ...good, amount: 'share' }, /money, baseUnits or int; found share, of the type double/],
    ['over several currencies', { ...good, by: ['account'] }, /currency in by, since amounts in two currencies/],
    ['by nothing', { ...good, by: [] }, /at least one field in by/],
    [
      'by an instant',
      { ...good, by: ['currency', 'at'] },
      /a text or a reference in by; found at, of the type instant/,
    ],
    [
      'by a reference that may be absent',
      { ...good, by: ['currency', 'payment'] },
      /not optional in by; found payment/,
    ],
    [
      'by a collection without a mapping',
      { ...good, by: ['currency', 'order'] },
      /a mapping of orders, to which order/,
    ],
    ['of documents that vanish', good, /documents that stay; found documents that vanish at at/, { expiresAt: 'at' }],
    ['of a counter', good, /a counter, which has none/, { identity: 'sequence' }],
  ];
  for (const [why, sum, message, change] of refused) {
    it(`are refused ${why}`, () => {
      expect(() => ofEntries(sum, change)).to.throw(message);
      const mappings = [users, { ...entries, ...change, sums: [sum] }];
      expect(() => defineApi({ name: 'x', routes: [], mappings })).to.throw(message);
    });
  }

  it('are declared in a config as well', () => {
    const written = (sums: unknown) =>
      writtenMapping.parse({
        ...{ collection: 'sales', table: 'sales', key: 'old_id', sums },
        fields: { kind: 'text', paid: { money: 'EUR' } },
      });
    const [mapping] = mappingsFrom([written([{ amount: 'paid', by: ['kind'] }])]);
    expect(mapping?.sums).to.deep.equal([{ amount: 'paid', by: ['kind'] }]);
    expect(() => mappingsFrom([written([{ amount: 'kind', by: ['kind'] }])])).to.throw(/kind, of the type text/);
  });
});
