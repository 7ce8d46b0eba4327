import { expect } from 'chai';
import { adminRoutes } from '../../src/routes/admin.ts';
import { asked, Endpoints, itAgrees, NOBODY } from '../support/endpoints.ts';
import { arrayOf, recordOf } from '../support/json.ts';

const all = new Endpoints(adminRoutes);
const DASHBOARD = '/api/admin/dashboard';
const who = (role: string) => () => String(all.one('users', (user) => user.role === role)._id);

before(async function seeded() {
  await all.open('users', 'payments', 'disputes', 'purchaserequests');
});

describe('the admin dashboard on both sides', () => {
  itAgrees(all, [
    asked(DASHBOARD, 200, 'of an admin', () => DASHBOARD, who('admin')),
    asked(DASHBOARD, 403, 'of a buyer', () => DASHBOARD, who('buyer')),
    asked(DASHBOARD, 403, 'of a seller', () => DASHBOARD, who('seller')),
    asked(DASHBOARD, 401, 'of nobody', () => DASHBOARD),
    asked(
      DASHBOARD,
      401,
      'of an unknown user',
      () => DASHBOARD,
      () => NOBODY,
    ),
    asked(
      DASHBOARD,
      401,
      'of a malformed caller',
      () => DASHBOARD,
      () => 'me',
    ),
  ]);

  it('counts and sums what is stored', async () => {
    const body = recordOf(await all.agreed(DASHBOARD, DASHBOARD, 200, who('admin')()));
    for (const [part, collection] of [
      ['payments', 'payments'],
      ['disputes', 'disputes'],
      ['users', 'users'],
      ['requests', 'purchaserequests'],
    ] as const) {
      const stored = all.stored(collection);
      const shown = recordOf(body[part]);
      const field = part === 'users' ? 'role' : 'status';
      expect(shown.total).to.equal(stored.length);
      for (const group of arrayOf(part === 'users' ? shown.byRole : shown.byStatus).map(recordOf)) {
        expect(group.count).to.equal(stored.filter((doc) => doc[field] === group[field]).length);
      }
    }
    for (const { currency, count, sum } of arrayOf(recordOf(body.payments).completed).map(recordOf)) {
      const paid = all.stored('payments').filter((doc) => doc.status === 'completed' && doc.currency === currency);
      expect(count).to.equal(paid.length);
      expect(Number(sum)).to.be.closeTo(
        paid.reduce((total, doc) => total + Number(doc.amount), 0),
        1e-6,
      );
    }
  });
});
