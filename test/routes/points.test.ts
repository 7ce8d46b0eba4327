import { expect } from 'chai';
import type { Document } from 'mongodb';
import { pointsRoutes } from '../../src/routes/points.ts';
import { type AskedRow, type Asking, asking, cursorOf, idOf, NOBODY, orderKey, some, the } from '../support/asking.ts';
import { itemsOf, recordOf } from '../support/json.ts';

const SUMMARY = '/api/points/:userId';
const TRANSACTIONS = '/api/points/:userId/transactions';
const LEADERBOARD = '/api/points/leaderboard';
const LEVELS = '/api/levels';

const sum = (docs: readonly Document[]): number => docs.reduce((total, doc) => total + Number(doc.points), 0);

describe('routes of points', () => {
  let amanat: Asking;
  let busiest = '';
  const of = (user: string) => amanat.docs('pointtransactions').filter((one) => String(one.user) === user);

  before(async function seeded() {
    amanat = await asking(pointsRoutes, ['users', 'pointtransactions', 'levelconfigs', 'payments']);
    const users = amanat.docs('users').map(idOf);
    busiest = the(users.sort((a, b) => of(b).length - of(a).length)[0], 'user with points');
  });

  const rows: readonly AskedRow[] = [
    ['a summary', SUMMARY, 200, () => `/api/points/${busiest}`],
    ['a summary of an unknown user', SUMMARY, 404, () => `/api/points/${NOBODY}`],
    ['a summary of a malformed user', SUMMARY, 400, () => '/api/points/leader'],
    ['transactions', TRANSACTIONS, 200, () => `/api/points/${busiest}/transactions`],
    ['transactions of an unknown user', TRANSACTIONS, 404, () => `/api/points/${NOBODY}/transactions`],
    ['transactions of a malformed user', TRANSACTIONS, 400, () => '/api/points/1/transactions'],
    ['a malformed user before a bad limit', TRANSACTIONS, 400, () => '/api/points/1/transactions?limit=0'],
    ['a bad limit before an unknown user', TRANSACTIONS, 400, () => `/api/points/${NOBODY}/transactions?limit=0`],
    ['transactions with limit 101', TRANSACTIONS, 400, () => `/api/points/${busiest}/transactions?limit=101`],
    ['transactions after nonsense', TRANSACTIONS, 400, () => `/api/points/${busiest}/transactions?after=nonsense`],
    ['transactions after nothing', TRANSACTIONS, 400, () => `/api/points/${busiest}/transactions?after=`],
    [
      'transactions after a position of another key',
      TRANSACTIONS,
      400,
      () => `/api/points/${busiest}/transactions?after=${cursorOf(12, NOBODY)}`,
    ],
    [
      'transactions after a position that no document has',
      TRANSACTIONS,
      200,
      () => `/api/points/${busiest}/transactions?after=${cursorOf('2025-06-01T00:00:00.000Z', NOBODY)}`,
    ],
    [
      'transactions after the last',
      TRANSACTIONS,
      200,
      () => `/api/points/${busiest}/transactions?after=${cursorOf('2030-01-01T00:00:00.000Z', NOBODY)}`,
    ],
    ['the leaderboard', LEADERBOARD, 200, () => LEADERBOARD],
    ['the leader', LEADERBOARD, 200, () => `${LEADERBOARD}?limit=1`],
    ['the leaderboard with limit 0', LEADERBOARD, 400, () => `${LEADERBOARD}?limit=0`],
    ['the leaderboard with limit 101', LEADERBOARD, 400, () => `${LEADERBOARD}?limit=101`],
    ['the leaderboard with a limit in words', LEADERBOARD, 400, () => `${LEADERBOARD}?limit=ten`],
    ['the levels', LEVELS, 200, () => LEVELS],
  ];

  for (const [why, pattern, status, target] of rows) {
    it(`both sides answer ${status}: ${why}`, async () => {
      await amanat.agreed(pattern, target(), { status });
    });
  }

  it('balance, lifetime, level and progress follow from the transactions', async () => {
    const levels = [...amanat.docs('levelconfigs')].sort((a, b) => a.level - b.level);
    let idle = 0;
    for (const user of some(amanat.docs('users').map(idOf), 3)) {
      const body = recordOf(await amanat.agreed(SUMMARY, `/api/points/${user}`));
      const lifetime = sum(of(user).filter((one) => one.points > 0));
      const level = the(levels.filter((one) => one.minPoints <= lifetime).at(-1), 'level');
      const next = levels[level.level];
      expect(body).to.include({ balance: sum(of(user)), lifetime });
      expect(recordOf(body.level).level).to.equal(level.level);
      if (next === undefined) {
        expect(body).to.include({ next: null, progress: 1 });
      } else {
        const share = (lifetime - level.minPoints) / (next.minPoints - level.minPoints);
        expect(body.progress).to.be.closeTo(share, 1e-12).and.to.be.below(1);
        expect(recordOf(body.next)).to.include({ level: next.level, remaining: next.minPoints - lifetime });
      }
      idle += of(user).length === 0 ? 1 : 0;
    }
    expect(idle, 'users without a transaction').to.be.above(3);
  });

  it('the balance runs over all transactions, whatever the page, and ends at the balance', async () => {
    const users = [...new Set(amanat.docs('pointtransactions').map((one) => String(one.user)))];
    let gone = 0;
    let ties = 0;
    for (const user of some(
      users.filter((one) => of(one).length > 3),
      2,
    )) {
      const items = await amanat.walk(TRANSACTIONS, `/api/points/${user}/transactions?limit=3`, 'after');
      const key = orderKey('createdAt');
      const expected = of(user).sort((a, b) => (key(a) < key(b) ? -1 : 1));
      expect(items.map((item) => item._id)).to.deep.equal(expected.map(idOf));
      expect(items.map((item) => item.balanceAfter)).to.deep.equal(
        expected.map((_, index) => sum(expected.slice(0, index + 1))),
      );
      for (const [index, { payment }] of expected.entries()) {
        const exists = amanat.docs('payments').some((one) => idOf(one) === String(payment));
        expect(items[index]?.payment === null).to.equal(!exists);
        if (payment !== undefined && !exists) gone += 1;
      }
      ties += expected.length - new Set(expected.map((one) => one.createdAt.getTime())).size;
    }
    expect(gone, 'payments that are gone').to.be.above(0);
    expect(ties, 'transactions of one instant').to.be.above(0);
  });

  it('the leaderboard is by lifetime points, equal points sharing a rank', async () => {
    const body = await amanat.agreed(LEADERBOARD, `${LEADERBOARD}?limit=100`);
    const lifetimes = amanat
      .docs('users')
      .map((user) => sum(of(idOf(user)).filter((one) => one.points > 0)))
      .filter((points) => points > 0)
      .sort((a, b) => b - a);
    const shown = itemsOf(body);
    expect(shown.map((item) => item.points)).to.deep.equal(lifetimes.slice(0, 100));
    expect(shown.map((item) => item.rank)).to.deep.equal(
      shown.map((item) => lifetimes.indexOf(Number(item.points)) + 1),
    );
    expect(new Set(lifetimes).size, 'ties').to.be.below(lifetimes.length);
    for (const limit of [1, 2, 5, 17, 60]) {
      expect(itemsOf(await amanat.agreed(LEADERBOARD, `${LEADERBOARD}?limit=${limit}`)).length).to.equal(
        Math.min(limit, lifetimes.length),
      );
    }
  });

  it('levels are sorted by level', async () => {
    const body = await amanat.agreed(LEVELS, LEVELS);
    expect(itemsOf(body).map((item) => item.level)).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });
});
