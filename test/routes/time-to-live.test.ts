import { expect } from 'chai';
import type { Document } from 'mongodb';
import { createReference } from '../../src/amanat/reference/api.ts';
import { createTwin } from '../../src/amanat/twin/server.ts';
import type { RouteEntry } from '../../src/api/route.ts';
import { identityRoutes } from '../../src/routes/identity.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import { notificationsRoutes } from '../../src/routes/notifications.ts';
import { type Asking, asking, idOf, the } from '../support/asking.ts';
import { type BothSides, bothSides } from '../support/both-sides.ts';
import { column, recordOf } from '../support/json.ts';

const one = (routes: readonly RouteEntry[], pattern: string): RouteEntry =>
  the(
    routes.find((route) => route.pattern === pattern),
    pattern,
  );
const VERIFICATION = one(identityRoutes, '/api/verifications/:email');
const LIST = one(notificationsRoutes, '/api/notifications');
const COUNT = one(notificationsRoutes, '/api/notifications/unread-count');

/** Both sides have a clock of their own; nothing here is removed from a store, so what decides is the clock alone. */
describe('rows past their time to live', () => {
  let amanat: Asking;
  let sides: BothSides;
  let close: () => Promise<void>;
  let primaryNow = new Date();
  let twinNow = new Date();
  let verification: Document;
  let expiring: Document;

  before(async function seeded() {
    amanat = await asking(amanatRoutes, ['tempverifications', 'notifications']);
    const { mongoUri, databaseUrl } = amanat.system;
    const reference = await createReference({ mongoUri, now: () => primaryNow });
    const twin = createTwin({ databaseUrl, routes: amanatRoutes, now: () => twinNow });
    close = async () => {
      await Promise.all([reference.close(), twin.close()]);
    };
    sides = await bothSides({ reference: await reference.listen(), twin: await twin.listen(), databaseUrl });
    const emails = amanat.docs('tempverifications').map((doc) => doc.email);
    verification = the(
      amanat.docs('tempverifications').find((doc) => emails.filter((email) => email === doc.email).length === 1),
      'address with one verification',
    );
    expiring = the(
      amanat.docs('notifications').find((doc) => doc.expiresAt !== undefined && !doc.read),
      'unread notification with a time to live',
    );
  });

  after(async () => close());

  const bothAt = (at: Date): void => {
    primaryNow = at;
    twinNow = at;
  };
  const justBefore = (at: Date): Date => new Date(at.getTime() - 1);
  const askVerification = () => sides.ask(VERIFICATION, `/api/verifications/${encodeURIComponent(verification.email)}`);

  it('a verification is there until the millisecond before it expires, and gone from the next on', async () => {
    bothAt(justBefore(verification.expiresAt));
    const pending = await askVerification();
    expect(pending.differences).to.deep.equal([]);
    expect(recordOf(pending.primary.body).expiresAt).to.equal(verification.expiresAt.toISOString());
    bothAt(verification.expiresAt);
    const gone = await askVerification();
    expect(gone.differences).to.deep.equal([]);
    expect(gone.primary.body).to.deep.equal({ email: verification.email, pending: false, attempts: 0 });
    expect(gone.asPrimary.body).to.deep.equal(gone.primary.body);
  });

  it('one that expires between the two reads differs, and agrees when both are read again', async () => {
    primaryNow = justBefore(verification.expiresAt);
    twinNow = verification.expiresAt;
    expect((await askVerification()).differences).to.not.deep.equal([]);
    primaryNow = twinNow;
    expect((await askVerification()).differences).to.deep.equal([]);
  });

  it('notifications vanish from the list and the count at their own instant, the others stay', async () => {
    const caller = String(expiring.user);
    const mine = amanat.docs('notifications').filter((doc) => String(doc.user) === caller);
    for (const at of [justBefore(expiring.expiresAt), expiring.expiresAt, new Date(Date.UTC(2200, 0))]) {
      bothAt(at);
      const alive = mine.filter((doc) => doc.expiresAt === undefined || doc.expiresAt > at);
      const list = await sides.ask(LIST, '/api/notifications?limit=100', caller);
      expect(list.differences).to.deep.equal([]);
      expect(column(list.primary.body, '_id')).to.have.members(alive.map(idOf));
      const count = await sides.ask(COUNT, '/api/notifications/unread-count', caller);
      expect(count.differences).to.deep.equal([]);
      expect(count.primary.body).to.deep.equal({ count: alive.filter((doc) => !doc.read).length });
    }
    expect(mine.filter((doc) => doc.expiresAt === undefined)).to.not.deep.equal([]);
  });
});
