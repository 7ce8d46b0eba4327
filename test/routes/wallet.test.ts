import { expect } from 'chai';
import postgres from 'postgres';
import { walletRoutes } from '../../src/routes/wallet.ts';
import { asked, type EndpointRow, Endpoints, itAgrees, NOBODY } from '../support/endpoints.ts';
import { itemsOf, recordOf } from '../support/json.ts';

const all = new Endpoints(walletRoutes);

before(async function seeded() {
  await all.open('deriveddestinations', 'trezoraccounts', 'counters', 'users');
});

const ONE = '/api/wallet/destinations/:id';
const LIST = '/api/wallet/destinations';
const NEXT = '/api/wallet/next-index';
const TREZOR = '/api/wallet/trezor/:userId';

const without = (collection: string): string =>
  String(all.one('users', (user) => !all.stored(collection).some((doc) => String(doc.user) === String(user._id)))._id);

const rows: readonly EndpointRow[] = [
  ...['fresh', 'funded', 'swept'].map((status) =>
    asked(
      ONE,
      200,
      status,
      () => `/api/wallet/destinations/${all.one('deriveddestinations', (doc) => doc.status === status)._id}`,
    ),
  ),
  asked(ONE, 200, 'without a payment', () => {
    return `/api/wallet/destinations/${all.one('deriveddestinations', (doc) => doc.payment === undefined)._id}`;
  }),
  asked(ONE, 404, 'unknown', () => `/api/wallet/destinations/${NOBODY}`),
  asked(ONE, 400, 'malformed', () => '/api/wallet/destinations/0x12'),
  asked(LIST, 200, 'by default', () => '/api/wallet/destinations'),
  ...['ethereum', 'polygon', 'tron', 'bitcoin'].map((chain) =>
    asked(LIST, 200, `of ${chain}`, () => `/api/wallet/destinations?chain=${chain}&page=2&limit=9`),
  ),
  asked(LIST, 200, 'of one user', () => `/api/wallet/destinations?user=${all.one('deriveddestinations').user}`),
  asked(LIST, 200, 'of an unknown user', () => `/api/wallet/destinations?user=${NOBODY}`),
  asked(LIST, 200, 'past the end', () => '/api/wallet/destinations?page=4&limit=100'),
  ...['chain=Tron', 'page=0', 'limit=101', 'limit=0', 'chain=tron&chain=tron'].map((query) =>
    asked(LIST, 400, query, () => `/api/wallet/destinations?${query}`),
  ),
  asked(LIST, 400, 'of a malformed user', () => '/api/wallet/destinations?user=x'),
  asked(NEXT, 200, 'the next one', () => '/api/wallet/next-index'),
  asked(TREZOR, 200, 'accounts', () => `/api/wallet/trezor/${all.one('trezoraccounts').user}`),
  asked(TREZOR, 200, 'none', () => `/api/wallet/trezor/${without('trezoraccounts')}`),
  asked(TREZOR, 404, 'of an unknown user', () => `/api/wallet/trezor/${NOBODY}`),
  asked(TREZOR, 400, 'malformed', () => '/api/wallet/trezor/x'),
];

describe('the wallet on both sides', () => {
  itAgrees(all, rows);

  it('the next index is one past the counter, and asking again takes none', async () => {
    const seq = Number(all.one('counters').seq);
    for (let time = 0; time < 3; time += 1) {
      const body = recordOf(await all.agreed(NEXT, '/api/wallet/next-index'));
      expect(body).to.deep.equal({ counter: 'derived_destination_index', next: seq + 1 });
    }
    const sql = postgres(all.system.databaseUrl, { max: 1 });
    const [taken] = await sql`select last_value::int as last, is_called from derived_destination_index`;
    await sql.end();
    expect(taken).to.deep.equal({ last: seq, is_called: true });
  });

  it('no answer of either side holds a whole xpub', async () => {
    const keys = all.stored('trezoraccounts').map((doc) => String(doc.xpub));
    for (const user of new Set(all.stored('trezoraccounts').map((doc) => String(doc.user)))) {
      const body = await all.agreed(TREZOR, `/api/wallet/trezor/${user}`);
      const texts = [JSON.stringify(body)];
      for (const form of ['twin', 'primary']) {
        const answer = await fetch(`${all.system.twin}/api/wallet/trezor/${user}`, {
          headers: { 'x-twin-representation': form },
        });
        texts.push(await answer.text());
      }
      for (const key of keys) for (const text of texts) expect(text).not.to.contain(key.slice(8, -4));
      for (const account of itemsOf(body)) expect(account.xpub).to.match(/^xpub.{4}….{4}$/);
    }
  });

  it('balances past 2^53 keep every digit', async () => {
    const funded = all.one('deriveddestinations', (doc) => BigInt(doc.balanceBaseUnits) > 2n ** 53n);
    const body = recordOf(await all.agreed(ONE, `/api/wallet/destinations/${funded._id}`));
    expect(body.balanceBaseUnits).to.equal(funded.balanceBaseUnits);
  });
});
