import { expect } from 'chai';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import type { DescribedDifference } from '../../src/rules/rule.ts';
import { NOTHING_SHOWN } from '../../src/rules/shown.ts';
import type { Measure } from '../../src/types.ts';
import type { Bad, Examined, Named } from '../../src/verifier/cause/decide.ts';
import { type Explained, explain } from '../../src/verifier/cause/faults.ts';
import { Redactor } from '../../src/verifier/redactor.ts';

const redactor = new Redactor({ key: Buffer.alloc(32, 7), shown: [] });
const mappings = new Map(amanatMappings.map((mapping) => [mapping.collection, mapping]));
const id = (n: number): string => n.toString(16).padStart(24, '0');
const delta: Measure = { of: 'number', delta: '0.01', unit: 'USD' };

const differs = (path: string, measure: Measure = delta, rule = 'money'): DescribedDifference => ({
  path,
  kind: 'value',
  primary: 1,
  twin: 2,
  rule,
  measure,
  steps: path
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? 'position' : 'field')),
});

const drift = (collection: string, n: number, field: string, at = differs(`/${field}`)): Bad => ({
  collection,
  mongoId: id(n),
  uuid: null,
  doc: { _id: id(n) },
  row: { mongo_id: id(n) },
  state: 'drift',
  fields: [],
  wrong: redactor.patternsOf('', [at]).map((pattern) => ({ field, pattern })),
});

const around = (collection: string, n: number, field: string, difference: number): Named => ({
  collection,
  id: id(n),
  mongoId: id(n),
  uuid: null,
  side: 'primary',
  as: 'around',
  field,
  difference,
});

/** What explains the differences of an answer of this route. */
function told(route: string, parts: Partial<Explained> & Pick<Explained, 'differences'>): readonly string[] {
  const entry = amanatRoutes.find(({ key }) => key === route);
  if (entry === undefined) throw new Error(`no route ${route}`);
  const { faults } = explain({
    entry,
    mappings,
    redactor,
    showing: NOTHING_SHOWN,
    named: [],
    examined: [],
    swept: null,
    values: new Set(),
    ...parts,
  });
  return faults.map(({ cause, collection, entity, field, sample }) =>
    collection === null ? `${cause} ${sample?.path}` : `${cause} ${collection}/${Number(entity)} ${field}`,
  );
}

describe('the faults of a mismatch', () => {
  const walked = (...bad: readonly Bad[]) => ({ bad, complete: true });

  it('of a sum are those that can move it, not the form of a name nor a key of a blob', () => {
    const name = differs('/name', { of: 'text', how: 'case', lengths: [3, 3] }, 'text');
    const bad = [
      drift('payments', 1, 'amount'),
      drift('payments', 2, 'metadata', differs('/metadata/transactionSafety')),
      drift('users', 3, 'name', name),
    ];
    const differences = [differs('/data/0/sum')];
    expect(told('GET /api/payments/stats', { differences, swept: walked(...bad) })).to.deep.equal([
      'data_drift payments/1 amount',
    ]);
    // Where nothing else can be the reason, they are told.
    expect(told('GET /api/payments/stats', { differences, swept: walked(...bad.slice(2)) })).to.deep.equal([
      'data_drift users/3 name',
    ]);
  });

  it('of a dashboard over all domains are those of the part that differs', () => {
    const swept = walked(drift('payments', 1, 'amount'), drift('disputes', 2, 'claimAmount'));
    const differences = [differs('/disputes/claimed/0/sum')];
    expect(told('GET /api/admin/dashboard', { differences, swept })).to.deep.equal([
      'data_drift disputes/2 claimAmount',
    ]);
  });

  it('of an entity that each side has chosen another of are those of the rows that it is chosen by', () => {
    const same = (collection: string, n: number): Examined => ({
      ...drift(collection, n, 'name'),
      state: 'same',
      fields: [],
      wrong: [],
    });
    const lost: Bad = {
      ...drift('pointtransactions', 5, 'points'),
      state: 'missing',
      doc: { _id: id(5), user: id(9) },
      row: null,
      wrong: [],
    };
    const name: Measure = { of: 'text', how: 'other', lengths: [6, 4] };
    const parts = {
      differences: [differs('/lifetime'), differs('/next/name', name, 'text')],
      named: [
        { ...around('users', 9, 'user', 0), as: 'param' as const, field: null, difference: null },
        around('levelconfigs', 1, 'name', 1),
        { ...around('levelconfigs', 2, 'name', 1), side: 'twin' as const },
      ],
      examined: [same('users', 9), same('levelconfigs', 1), same('levelconfigs', 2)],
    };
    expect(told('GET /api/points/:userId', { ...parts, swept: walked(lost) })).to.deep.equal([
      'missing_row pointtransactions/5 null',
    ]);
    // With all rows the same, choosing another one is the twin's.
    expect(told('GET /api/points/:userId', { ...parts, swept: walked() })).to.include('twin_logic /next/name');
    // A wrong name of the same entity needs no other rows.
    const named = parts.named.slice(0, 2);
    expect(told('GET /api/points/:userId', { ...parts, named, swept: walked(lost) })).to.include(
      'twin_logic /next/name',
    );
  });

  it('of an answer that was asked for by an email are those of the row that has it, whatever other fields are called', () => {
    const asked = { ...drift('tempverifications', 1, 'email'), doc: { _id: id(1), email: 'ada@example.org' } };
    const swept = walked(drift('tempverifications', 2, 'attempts'), asked);
    const differences = [differs('/data/0/attempts')];
    const route = 'GET /api/verifications/:email';
    const values = new Set(['ada@example.org']);
    expect(told(route, { differences, swept, values })).to.deep.equal(['data_drift tempverifications/1 email']);
    // Where no wrong row has it, any may be the reason.
    expect(told(route, { differences, swept, values: new Set(['bob@example.org']) })).to.deep.equal([
      'data_drift tempverifications/2 attempts',
    ]);
  });

  it('of what lies within another item of a list, on either side, are those of the row that the list is chosen by', () => {
    const same = (collection: string, n: number): Examined => ({
      ...drift(collection, n, 'name'),
      state: 'same',
      wrong: [],
    });
    const bad = drift('payments', 1, 'currency');
    const of = (n: number, user: number, side: 'primary' | 'twin') => [
      { ...around('payments', n, 'buyer', 0), side },
      { ...around('users', user, 'name', 0), side },
    ];
    const [mine, its] = [of(3, 7, 'primary'), of(1, 8, 'twin')];
    const parts = {
      differences: [differs('/data/4/buyer/name', { of: 'text', how: 'other', lengths: [6, 4] }, 'text')],
      named: mine.flatMap((one, i) => [one, ...its.slice(i, i + 1)]),
      examined: [same('payments', 3), bad, same('users', 7), same('users', 8)],
    };
    expect(told('GET /api/payments', { ...parts, swept: walked(bad) })).to.deep.equal([
      'data_drift payments/1 currency',
    ]);
    const examined = [same('payments', 1), same('payments', 3), same('users', 7), same('users', 8)];
    expect(told('GET /api/payments', { ...parts, examined, swept: walked() })).to.deep.equal([
      'twin_logic /data/*/buyer/name',
    ]);
  });

  it('of an item that is another one on either side are told once, at its id', () => {
    const same = (collection: string, n: number): Examined => ({
      ...drift(collection, n, 'name'),
      state: 'same',
      wrong: [],
    });
    const named = ['id', 'amount', 'buyer'].flatMap((field, i) => [
      around('payments', 1, field, i),
      { ...around('payments', 2, field, i), side: 'twin' as const },
    ]);
    const parts = { named, examined: [same('payments', 1), same('payments', 2)], swept: walked() };
    const differences = [differs('/data/4/id'), differs('/data/4/amount'), differs('/data/4/buyer/name')];
    expect(told('GET /api/payments', { ...parts, differences })).to.deep.equal(['twin_logic /data/*/id']);
  });

  it('of two rows in a list are one each, and they explain its total', () => {
    const examined: readonly Examined[] = [drift('payments', 1, 'amount'), drift('users', 2, 'name')];
    const differences = [differs('/data/0/amount'), differs('/data/1/buyer/name'), differs('/pagination/total')];
    const named = [
      around('payments', 1, 'amount', 0),
      around('payments', 3, 'buyer', 1),
      around('users', 2, 'name', 1),
    ];
    expect(told('GET /api/payments', { differences, named, examined })).to.deep.equal([
      'data_drift payments/1 amount',
      'data_drift users/2 name',
    ]);
  });

  it('of a wrong reference are the reference, not the query that shows what it leads to', () => {
    const same = { ...drift('users', 2, 'name'), state: 'same', wrong: [] } as const;
    const examined: readonly Examined[] = [drift('payments', 1, 'buyer'), same];
    const named = [around('payments', 1, 'buyer', 0), around('users', 2, 'name', 0)];
    expect(told('GET /api/payments/:id', { differences: [differs('/buyer/name')], named, examined })).to.deep.equal([
      'data_drift payments/1 buyer',
    ]);
  });

  it('beside a wrong row are the query as well, where the differing field agrees in both stores', () => {
    const same = { ...drift('payments', 2, 'amount'), state: 'same', wrong: [] } as const;
    const examined: readonly Examined[] = [drift('payments', 1, 'amount'), same];
    const named = [around('payments', 1, 'amount', 0), around('payments', 2, 'amount', 1)];
    const differences = [differs('/data/0/amount'), differs('/data/1/amount')];
    expect(told('GET /api/payments', { differences, named, examined })).to.deep.equal([
      'data_drift payments/1 amount',
      'twin_logic /data/*/amount',
    ]);
  });

  it('are unknown, and never invented, where rows differ that nothing links to the read', () => {
    const differences = [differs('/data/0/sum')];
    expect(told('GET /api/payments/stats', { differences })).to.deep.equal(['unknown /data/*/sum']);
    expect(told('GET /api/payments/stats', { differences, swept: walked() })).to.deep.equal(['twin_logic /data/*/sum']);
  });
});
