import { expect } from 'chai';
import type { Document } from 'mongodb';
import { ledgerRoutes } from '../../src/routes/ledger.ts';
import type { JsonValue } from '../../src/types.ts';
import { asked, type EndpointRow, Endpoints, itAgrees, NOBODY } from '../support/endpoints.ts';
import { arrayOf, column, itemsOf, recordOf } from '../support/json.ts';

const all = new Endpoints(ledgerRoutes);
const entries = (): readonly Document[] => all.stored('fundsledgerentries');

before(async function seeded() {
  await all.open('fundsledgerentries', 'payments', 'users');
});

const ENTRIES = '/api/ledger/entries';
const BALANCES = '/api/ledger/balances/:userId';
const TRAIL = '/api/ledger/payments/:paymentId/trail';

const anyPayment = () => String(all.one('fundsledgerentries', (doc) => doc.payment !== undefined).payment);
const quietUser = () =>
  String(all.one('users', (user) => !entries().some((doc) => String(doc.account) === String(user._id)))._id);
const quietPayment = () =>
  String(all.one('payments', (one) => !entries().some((doc) => String(doc.payment) === String(one._id)))._id);
const cursor = (k: unknown, id: unknown): string =>
  Buffer.from(JSON.stringify({ k, id }), 'utf8').toString('base64url');

const rows: readonly EndpointRow[] = [
  asked(ENTRIES, 200, 'the first fifty', () => '/api/ledger/entries'),
  asked(ENTRIES, 200, 'of one payment', () => `/api/ledger/entries?payment=${anyPayment()}`),
  asked(ENTRIES, 200, 'of one account', () => `/api/ledger/entries?account=${all.one('fundsledgerentries').account}`),
  ...['deposit', 'hold', 'release', 'refund', 'fee', 'withdrawal'].map((type) =>
    asked(ENTRIES, 200, `of type ${type}`, () => `/api/ledger/entries?type=${type}&limit=100`),
  ),
  asked(ENTRIES, 200, 'of an unknown account', () => `/api/ledger/entries?account=${NOBODY}`),
  asked(ENTRIES, 200, 'after a position whose entry never was', () => {
    return `/api/ledger/entries?after=${cursor('2025-01-01T00:00:00.000Z', NOBODY)}&limit=3`;
  }),
  ...[
    'limit=0',
    'limit=101',
    'type=Hold',
    'after=',
    'after=%21%21',
    `after=${cursor('2025-01-01', NOBODY)}`,
    `after=${cursor('2025-01-01T00:00:00.000Z', 'x')}`,
    `after=${cursor(5, NOBODY)}`,
    `after=${Buffer.from('{').toString('base64url')}`,
    `after=${Buffer.from('null').toString('base64url')}`,
  ].map((query) => asked(ENTRIES, 400, query, () => `/api/ledger/entries?${query}`)),
  asked(ENTRIES, 400, 'of a malformed payment', () => '/api/ledger/entries?payment=1'),

  asked(BALANCES, 200, 'of an account', () => `/api/ledger/balances/${all.one('fundsledgerentries').account}`),
  asked(BALANCES, 200, 'of a user without entries', () => `/api/ledger/balances/${quietUser()}`),
  asked(BALANCES, 404, 'of an unknown user', () => `/api/ledger/balances/${NOBODY}`),
  asked(BALANCES, 400, 'malformed', () => '/api/ledger/balances/me'),

  asked(TRAIL, 200, 'of a payment', () => `/api/ledger/payments/${anyPayment()}/trail`),
  asked(TRAIL, 200, 'of a payment without entries', () => `/api/ledger/payments/${quietPayment()}/trail`),
  asked(TRAIL, 404, 'of an unknown payment', () => `/api/ledger/payments/${NOBODY}/trail`),
  asked(TRAIL, 400, 'malformed', () => '/api/ledger/payments/1/trail'),
];

/** Exact sums by big integers of 18 decimals, independent of both sides. */
function units(value: unknown): bigint {
  const printed =
    typeof value === 'object' && value !== null && '$numberDecimal' in value ? value.$numberDecimal : value;
  const [mantissa = '0', exponent = '0'] = String(printed).toUpperCase().split('E');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return BigInt(whole + fraction) * 10n ** BigInt(18 - fraction.length + Number(exponent));
}

describe('the ledger on both sides', () => {
  itAgrees(all, rows);

  for (const from of ['reference', 'twin'] as const) {
    it(`following the cursors of the ${from} on both sides gives every entry once, by createdAt and id`, async () => {
      const seen: string[] = [];
      let after = '';
      do {
        const target = `/api/ledger/entries?limit=97${after === '' ? '' : `&after=${after}`}`;
        // A cursor of the twin's own form means nothing to the primary: only the twin is asked with it.
        const body: JsonValue =
          from === 'reference' ? await all.agreed(ENTRIES, target) : await json(all.system.twin + target);
        seen.push(...column(body, '_id'));
        after = String(recordOf(body).nextCursor ?? '');
      } while (after !== '');
      const ids = entries().map((doc) => String(doc._id));
      expect(seen).to.deep.equal(from === 'reference' ? ids : ids.map((id) => all.uuid('fundsledgerentries', id)));
    });
  }

  it('has entries that share their instant, so that the id decides', () => {
    const instants = entries().map((doc) => doc.createdAt.getTime());
    expect(new Set(instants).size).to.be.lessThan(instants.length);
  });

  it('balances are the exact sums of the entries, to the last decimal', async () => {
    const accounts = [...new Set(entries().map((doc) => String(doc.account)))].slice(0, 12);
    for (const account of accounts) {
      const own = entries().filter((doc) => String(doc.account) === account);
      const body = recordOf(await all.agreed(BALANCES, `/api/ledger/balances/${account}`));
      const balances = arrayOf(body.balances).map(recordOf);
      expect(balances.map((one) => one.currency)).to.deep.equal([...new Set(own.map((doc) => doc.currency))].sort());
      for (const { currency, available, held, total } of balances) {
        const sum = (bucket: string): bigint =>
          own
            .filter((doc) => doc.currency === currency && doc.bucket === bucket)
            .reduce((all, doc) => all + units(doc.amount), 0n);
        expect(units(available)).to.equal(sum('available'));
        expect(units(held)).to.equal(sum('held'));
        expect(units(total)).to.equal(sum('available') + sum('held'));
      }
    }
  });

  it('a trail runs from entry to entry', async () => {
    const payments = [...new Set(entries().flatMap((doc) => (doc.payment === undefined ? [] : [String(doc.payment)])))];
    for (const payment of payments.slice(0, 20)) {
      const data = itemsOf(await all.agreed(TRAIL, `/api/ledger/payments/${payment}/trail`));
      const running = new Map<JsonValue | undefined, bigint>();
      for (const entry of data) {
        const sum = (running.get(entry.currency) ?? 0n) + units(entry.amount);
        running.set(entry.currency, sum);
        expect(units(entry.runningBalance)).to.equal(sum);
      }
    }
  });
});

async function json(url: string): Promise<JsonValue> {
  const body: JsonValue = JSON.parse(await (await fetch(url)).text());
  return body;
}
