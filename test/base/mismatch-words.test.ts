import { expect } from 'chai';
import { answerFault, storedFault } from '../../src/base/fault-of.ts';
import {
  differenceOf,
  type Facts,
  mismatchSentence,
  type ToldDifference,
  type WitnessedFault,
} from '../../src/base/mismatch-words.ts';
import type { Fault, RedactedValue } from '../../src/types.ts';

const NOW = Date.UTC(2026, 10, 26, 20, 0);
const PLACE = { domain: 'payments', collection: 'payments', entity: '66d4f0a2c1b2c3d4e5f6b8c9', field: 'status' };
const SAMPLE = { path: '/status', kind: 'value', rule: 'enum', measure: { of: 'none' } } as const;

const shown = (value: string): RedactedValue => ({ type: 'string', length: value.length, hash: null, value });
const hidden: RedactedValue = { type: 'string', length: 4, hash: 'a5a5a5a5a5a5a5a5' };
const witnessed = (fault: Fault, reads = 23): WitnessedFault => ({
  ...fault,
  firstSeen: Date.UTC(2026, 10, 26, 14, 11),
  reads,
  routes: Array.from({ length: reads === 1 ? 1 : 5 }, (_, i) => i),
});
const drift = witnessed(storedFault('data_drift', PLACE, SAMPLE, false));
const differs = (given: Partial<ToldDifference>): ToldDifference => ({ ...SAMPLE, ...given });
const told = (facts: Partial<Facts>): string =>
  mismatchSentence({ difference: null, fault: null, further: 0, more: 0, ...facts }, NOW);

describe('a mismatch in one sentence', () => {
  it('tells values where they are shown, the row, since when, and how many reads on how many routes', () => {
    const difference = differs({ primary: shown('paid'), twin: shown('failed') });
    expect(told({ difference, fault: drift })).to.equal(
      '`status` is `paid` in the primary and `failed` in the twin; row payments/66d4f0a2…b8c9 differs from its document ' +
        'since 14:11 UTC; 23 reads on 5 routes show it.',
    );
  });

  it('tells no value that is hidden on either side, but how far they are apart', () => {
    const measure = { of: 'number', delta: '1', unit: 'USD 1e-2' } as const;
    for (const [primary, twin] of [
      [hidden, hidden],
      [hidden, shown('failed')],
      [shown('paid'), hidden],
      [undefined, undefined],
    ] as const) {
      const values = primary === undefined || twin === undefined ? {} : { primary, twin };
      const text = told({ difference: differs({ path: '/amount', measure, ...values }), fault: drift });
      expect(text).to.match(/^`amount` differs: twin is \+0\.01 USD; row .* at `status` since/);
      expect(text).not.to.match(/paid|failed|a5a5/);
    }
  });

  it('names each kind of difference, and the place without the position in its list', () => {
    const at = (given: Partial<ToldDifference>): string => told({ difference: differs(given) });
    expect(at({ kind: 'missing', path: '/data/3/tags/0' })).to.equal('`tags/0` is missing in the twin.');
    expect(at({ kind: 'extra', path: '/data/*' })).to.equal('`data/*` is only in the twin.');
    expect(at({ kind: 'order', path: '' })).to.equal('The whole body is in another order in the twin.');
    expect(at({ kind: 'header', path: '#header/location' })).to.equal('The field `location` differs.');
    expect(at({ kind: 'status', measure: { of: 'status', statuses: [200, 404] } })).to.equal(
      'The primary answers 200 and the twin 404.',
    );
    expect(at({ kind: 'value', primary: shown('x'.repeat(500)), twin: shown('`') }).length).to.be.below(150);
  });

  it('says what each cause is, with the day where it is not today', () => {
    const of = (cause: Fault['cause']): string => told({ fault: { ...drift, cause } });
    expect(of('missing_row')).to.match(/^payments\/66d4f0a2…b8c9 has a document and no row since 14:11 UTC; 23 reads/);
    expect(of('extra_row')).to.match(/has a row and no document since/);
    expect(of('known_gap')).to.match(/has not reached Postgres since .*pg_dualwrite_gaps/);
    const logic = answerFault(
      'twin_logic',
      { key: 'GET /api/x', domain: 'x' },
      { ...SAMPLE, fingerprint: 'f', fatal: false },
    );
    expect(told({ fault: { ...witnessed(logic, 1), firstSeen: NOW - 86_400_000 }, more: 2, further: 1 })).to.equal(
      "The rows agree with their documents, so that the twin's query or code is wrong, since 2026-11-25 20:00 UTC; " +
        '1 read on 1 route shows it; it shows 1 fault more.',
    );
  });

  it('tells the difference at the field that is wrong, where the answer shows it', () => {
    const other = differs({ path: '/total' });
    const own = differs({ path: '/data/0/status' });
    expect(differenceOf([other, own], drift)).to.equal(own);
    expect(differenceOf([other], drift)).to.equal(other);
    expect(differenceOf([], drift)).to.equal(null);
  });
});
