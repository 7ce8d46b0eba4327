import { expect } from 'chai';
import { notificationsRoutes } from '../../src/routes/notifications.ts';
import { type AskedRow, type Asking, asking, cursorOf, idOf, NOBODY, orderKey, some, the } from '../support/asking.ts';
import { column, itemsOf } from '../support/json.ts';

const LIST = '/api/notifications';
const COUNT = '/api/notifications/unread-count';

describe('routes of notifications', () => {
  let amanat: Asking;
  let busiest = '';
  const of = (user: string) => amanat.docs('notifications').filter((one) => String(one.user) === user);

  before(async function seeded() {
    amanat = await asking(notificationsRoutes, ['users', 'notifications']);
    const users = amanat.docs('users').map(idOf);
    busiest = the(users.sort((a, b) => of(b).length - of(a).length)[0], 'user with notifications');
  });

  const known = () => busiest;
  const rows: readonly AskedRow[] = [
    ['notifications', LIST, 200, () => LIST, known],
    ['notifications without a caller', LIST, 401, () => LIST],
    ['notifications of nobody', LIST, 401, () => LIST, () => NOBODY],
    ['notifications, badly asked without a caller', LIST, 401, () => `${LIST}?limit=0`],
    ['unread ones', LIST, 200, () => `${LIST}?unread=true`, known],
    ['read ones', LIST, 200, () => `${LIST}?unread=false`, known],
    ['unread in capitals', LIST, 400, () => `${LIST}?unread=TRUE`, known],
    ['unread as a number', LIST, 400, () => `${LIST}?unread=1`, known],
    ['unread asked twice', LIST, 400, () => `${LIST}?unread=true&unread=true`, known],
    ...['payment', 'offer', 'dispute', 'message', 'points', 'system'].map(
      (type) => [`of type ${type}`, LIST, 200, () => `${LIST}?type=${type}&limit=100`, known] as const,
    ),
    ['unread ones of a type', LIST, 200, () => `${LIST}?unread=true&type=offer&limit=2`, known],
    ['of no such type', LIST, 400, () => `${LIST}?type=sms`, known],
    ['with limit 0', LIST, 400, () => `${LIST}?limit=0`, known],
    ['with limit 101', LIST, 400, () => `${LIST}?limit=101`, known],
    ['after nonsense', LIST, 400, () => `${LIST}?after=%00`, known],
    ['after a date of no such form', LIST, 400, () => `${LIST}?after=${cursorOf('2026-01-01', NOBODY)}`, known],
    ['after all of them', LIST, 200, () => `${LIST}?after=${cursorOf('2020-01-01T00:00:00.000Z', NOBODY)}`, known],
    ['the first bad parameter is named', LIST, 400, () => `${LIST}?limit=0&type=sms&unread=maybe`, known],
    ['unread count', COUNT, 200, () => COUNT, known],
    ['unread count without a caller', COUNT, 401, () => COUNT],
  ];

  for (const [why, pattern, status, target, caller] of rows) {
    it(`both sides answer ${status}: ${why}`, async () => {
      await amanat.agreed(pattern, target(), { status, ...(caller === undefined ? {} : { caller: caller() }) });
    });
  }

  it('a user sees all of their own, newest first, page by page, and nobody else’s', async () => {
    let ties = 0;
    for (const user of some(amanat.docs('users').map(idOf), 3)) {
      const items = await amanat.walk(LIST, `${LIST}?limit=4`, 'after', user);
      const key = orderKey('createdAt');
      const expected = of(user).sort((a, b) => (key(a) < key(b) ? 1 : -1));
      expect(items.map((item) => item._id)).to.deep.equal(expected.map(idOf));
      ties += expected.length - new Set(expected.map((one) => one.createdAt.getTime())).size;
    }
    expect(ties, 'notifications of one instant').to.be.above(1);
  });

  it('the filters find what they say, and the count is that of the unread', async () => {
    for (const user of amanat.docs('users').map(idOf).slice(0, 20)) {
      const unread = of(user).filter((one) => !one.read);
      const shown = await amanat.agreed(LIST, `${LIST}?unread=true&limit=100`, { caller: user });
      expect(column(shown, '_id')).to.have.members(unread.map(idOf));
      expect(await amanat.agreed(COUNT, COUNT, { caller: user })).to.deep.equal({ count: unread.length });
      const offers = of(user).filter((one) => one.type === 'offer' && one.read);
      const typed = await amanat.agreed(LIST, `${LIST}?unread=false&type=offer&limit=100`, { caller: user });
      expect(column(typed, '_id')).to.have.members(offers.map(idOf));
    }
  });

  it('payloads keep their ids, instants, decimals, empty objects and numbers', async () => {
    const shown = itemsOf(await amanat.agreed(LIST, `${LIST}?limit=100`, { caller: busiest }));
    const stored = of(busiest).filter((one) => one.payload !== undefined);
    expect(stored.length).to.be.above(10);
    for (const one of stored) {
      const item = the(
        shown.find(({ _id }) => _id === idOf(one)),
        'notification in the answer',
      );
      expect(item.payload).to.deep.equal(JSON.parse(JSON.stringify(one.payload)));
    }
  });
});
