import { expect } from 'chai';
import { identityRoutes } from '../../src/routes/identity.ts';
import { type AskedRow, type Asking, asking, idOf, NOBODY, some, the } from '../support/asking.ts';
import { column, itemsOf, recordOf } from '../support/json.ts';

const ME = '/api/users/me';
const USER = '/api/users/:id';
const USERS = '/api/users';
const TELEGRAM = '/api/users/:id/telegram';
const VERIFICATION = '/api/verifications/:email';

const SECRETS = /passwordHash|refreshTokens|searchTokens|linkToken|"token"|"code":"\d|\$2b\$12|"(?:rt|tl|ts)_/;

describe('routes of identity', () => {
  let amanat: Asking;
  let admin = '';
  let buyer = '';

  before(async function seeded() {
    amanat = await asking(identityRoutes, ['users', 'telegramlinks', 'telegramsessions', 'tempverifications']);
    admin = idOf(amanat.docs('users').find((user) => user.role === 'admin'));
    buyer = idOf(amanat.docs('users').find((user) => user.role === 'buyer'));
  });

  const rows: readonly AskedRow[] = [
    ['own profile', ME, 200, () => ME, () => buyer],
    ['own profile, trailing query ignored', ME, 200, () => `${ME}?page=0&x=1`, () => buyer],
    ['own profile without a caller', ME, 401, () => ME],
    ['own profile of nobody', ME, 401, () => ME, () => NOBODY],
    ['own profile of a malformed caller', ME, 401, () => ME, () => 'me'],
    ['a profile', USER, 200, () => `/api/users/${buyer}`],
    ['a profile by an id in capitals', USER, 200, () => `/api/users/${buyer.toUpperCase()}`],
    ['a profile, whoever asks', USER, 200, () => `/api/users/${admin}`, () => NOBODY],
    ['an unknown profile', USER, 404, () => `/api/users/${NOBODY}`],
    ['a malformed profile', USER, 400, () => '/api/users/12'],
    ['a profile with a broken escape', USER, 400, () => '/api/users/%E0%A4'],
    ['all users', USERS, 200, () => USERS, () => admin],
    ['users to a buyer', USERS, 403, () => USERS, () => buyer],
    ['users to nobody', USERS, 401, () => USERS],
    ['users to a buyer who asks wrongly', USERS, 403, () => `${USERS}?role=king`, () => buyer],
    ['users, page past the end', USERS, 200, () => `${USERS}?page=999&limit=100`, () => admin],
    ['users of no such role', USERS, 400, () => `${USERS}?role=king`, () => admin],
    ['users of a role in capitals', USERS, 400, () => `${USERS}?role=Admin`, () => admin],
    ['users of two roles', USERS, 400, () => `${USERS}?role=buyer&role=seller`, () => admin],
    ['users of an empty word', USERS, 400, () => `${USERS}?q=`, () => admin],
    ['users of no word', USERS, 200, () => `${USERS}?q=%2B12`, () => admin],
    ['users with limit 0', USERS, 400, () => `${USERS}?limit=0`, () => admin],
    ['users with limit 101', USERS, 400, () => `${USERS}?limit=101`, () => admin],
    ['users with limit 100', USERS, 200, () => `${USERS}?limit=100`, () => admin],
    ['users with page 0', USERS, 400, () => `${USERS}?page=0`, () => admin],
    ['users with half a page', USERS, 400, () => `${USERS}?page=1.5`, () => admin],
    ['users, the first bad parameter is named', USERS, 400, () => `${USERS}?limit=0&role=king`, () => admin],
    ['telegram of an unknown user', TELEGRAM, 404, () => `/api/users/${NOBODY}/telegram`],
    ['telegram of a malformed user', TELEGRAM, 400, () => '/api/users/me/telegram'],
    ['no verification', VERIFICATION, 200, () => '/api/verifications/nobody%2Bat%40example.com'],
    ['a verification of something with a NUL', VERIFICATION, 404, () => '/api/verifications/a%00b'],
  ];

  for (const [why, pattern, status, target, caller] of rows) {
    it(`both sides answer ${status}: ${why}`, async () => {
      await amanat.agreed(pattern, target(), { status, ...(caller === undefined ? {} : { caller: caller() }) });
    });
  }

  it('users have the same public and own profile on both sides', async () => {
    for (const user of some(amanat.docs('users'), 5)) {
      const shown = recordOf(await amanat.agreed(USER, `/api/users/${idOf(user)}`));
      const own = recordOf(await amanat.agreed(ME, ME, { caller: idOf(user) }));
      expect(shown.name).to.equal(user.name);
      expect(own.email).to.equal(user.email);
      expect(own.phone).to.equal(user.phone);
    }
  });

  it('a public profile shows neither e-mail nor phone, and no answer shows a secret', async () => {
    const user = the(
      amanat.docs('users').find((one) => one.phone !== undefined && one.refreshTokens.length > 0),
      'user with a phone and tokens',
    );
    const linked = String(amanat.docs('telegramsessions')[0]?.user);
    const email = encodeURIComponent(String(amanat.docs('tempverifications')[0]?.email));
    const shown = await amanat.ask(USER, `/api/users/${idOf(user)}`);
    for (const { body } of [shown.primary, shown.twin, shown.asPrimary]) {
      expect(body).to.not.have.any.keys('email', 'phone', 'preferences', 'status', 'lastSeenAt');
    }
    const answers = [
      shown,
      await amanat.ask(ME, ME, idOf(user)),
      await amanat.ask(USERS, `${USERS}?limit=100`, admin),
      await amanat.ask(TELEGRAM, `/api/users/${linked}/telegram`),
      await amanat.ask(VERIFICATION, `/api/verifications/${email}`),
    ];
    for (const { primary, twin, asPrimary } of answers) {
      for (const { body } of [primary, twin, asPrimary]) expect(JSON.stringify(body)).to.not.match(SECRETS);
    }
  });

  it('the list of users is newest first, complete and without a user twice', async () => {
    const seen: string[] = [];
    for (let page = 1; page <= 7; page += 1) {
      seen.push(...column(await amanat.agreed(USERS, `${USERS}?page=${page}&limit=30`, { caller: admin }), '_id'));
    }
    const expected = [...amanat.docs('users')]
      .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (idOf(a) < idOf(b) ? 1 : -1))
      .map(idOf);
    expect(seen).to.deep.equal(expected);
  });

  it('a role is found among all that a user may act as', async () => {
    for (const role of ['buyer', 'seller', 'moderator', 'admin']) {
      const body = await amanat.agreed(USERS, `${USERS}?role=${role}&limit=100`, { caller: admin });
      const expected = amanat.docs('users').filter((user) => user.roles.includes(role)).length;
      expect(recordOf(recordOf(body).pagination).total, role).to.equal(expected);
    }
  });

  it('a search finds the users that have all of the words, in whatever case or normal form they are asked', async () => {
    const named = (name: string) => amanat.docs('users').filter((user) => user.name.normalize('NFC') === name);
    for (const q of ['JOSÉ núñez', 'Jose\u0301 Nu\u0301n\u0303ez', 'núñez 17 josé!']) {
      const body = await amanat.agreed(USERS, `${USERS}?q=${encodeURIComponent(q)}&limit=100`, { caller: admin });
      expect(column(body, '_id'), q).to.have.members(named('José Núñez').map(idOf));
    }
    const both = await amanat.agreed(USERS, `${USERS}?q=farhadi+nima&limit=100`, { caller: admin });
    expect(itemsOf(both)).to.deep.equal([]);
    const shirin = await amanat.agreed(USERS, `${USERS}?q=${encodeURIComponent('فرهادی شیرین')}`, { caller: admin });
    expect(column(shirin, 'name')).to.include('شیرین فرهادی');
  });

  it('telegram: the link or null, and all sessions newest first by start and then id', async () => {
    let withoutLink = 0;
    let ties = 0;
    for (const user of some(amanat.docs('users').map(idOf), 2)) {
      const body = recordOf(await amanat.agreed(TELEGRAM, `/api/users/${user}/telegram`));
      const link = amanat.docs('telegramlinks').find((one) => String(one.user) === user);
      const sessions = amanat.docs('telegramsessions').filter((one) => String(one.user) === user);
      sessions.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime() || (idOf(a) < idOf(b) ? 1 : -1));
      if (link === undefined) withoutLink += 1;
      ties += sessions.length - new Set(sessions.map((one) => one.startedAt.getTime())).size;
      expect(link === undefined ? null : String(link._id)).to.equal(
        body.link === null ? null : recordOf(body.link)._id,
      );
      expect(column({ data: body.sessions ?? null }, '_id')).to.deep.equal(sessions.map(idOf));
    }
    expect(withoutLink).to.be.above(20);
    expect(ties).to.be.above(2);
  });

  it('a verification is found by the address as stored, percent-encoded, and the latest counts', async () => {
    const addresses = [...new Set(amanat.docs('tempverifications').map((one) => String(one.email)))];
    expect(addresses.some((one) => one.includes('+'))).to.equal(true);
    expect(addresses.some((one) => one.includes('%2B'))).to.equal(true);
    for (const email of addresses) {
      const body = recordOf(await amanat.agreed(VERIFICATION, `/api/verifications/${encodeURIComponent(email)}`));
      const latest = the(
        amanat
          .docs('tempverifications')
          .filter((one) => one.email === email)
          .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (idOf(a) < idOf(b) ? 1 : -1))[0],
        email,
      );
      expect(body).to.include({ email, attempts: latest.attempts, pending: latest.attempts < latest.maxAttempts });
      expect(body.expiresAt).to.equal(latest.expiresAt.toISOString());
    }
  });

  it('an address in another case or normal form is another address', async () => {
    const mixed = the(
      amanat.docs('tempverifications').find((one) => /[A-Z]/.test(one.email)),
      'address with capitals',
    );
    const body = await amanat.agreed(
      VERIFICATION,
      `/api/verifications/${encodeURIComponent(mixed.email.toLowerCase())}`,
    );
    expect(body).to.include({ pending: false, attempts: 0 });
    const spelled = the(
      amanat.docs('tempverifications').find((one) => one.email !== one.email.normalize('NFC')),
      'address with combining marks',
    );
    const composed = encodeURIComponent(spelled.email.normalize('NFC'));
    expect(await amanat.agreed(VERIFICATION, `/api/verifications/${composed}`)).to.include({ pending: false });
  });
});
