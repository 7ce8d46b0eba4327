import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import type { Sql } from 'postgres';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { openMigrationDatabase } from '../../src/migration/db.ts';
import { drainOnce } from '../../src/migration/drain.ts';
import { amanatRoutes } from '../../src/routes/index.ts';
import type { JsonValue } from '../../src/types.ts';
import { type Amanat, freshAmanat } from '../support/amanat.ts';
import { NOBODY, the } from '../support/asking.ts';
import { bothSides } from '../support/both-sides.ts';
import { itemsOf, recordOf } from '../support/json.ts';

/** Every write is one document, so one pass of the drain brings both sides together again. */
describe('what is written to identity, points, chat and notifications', () => {
  let amanat: Amanat;
  let client: MongoClient;
  let sql: Sql;
  let admin = '';
  let user = '';
  let friend = '';
  let stranger = '';
  let chat = '';

  before(async function seeded() {
    amanat = await freshAmanat();
    client = await new MongoClient(amanat.mongoUri).connect();
    sql = openMigrationDatabase(amanat.databaseUrl);
    const users = client.db().collection('users');
    const stored = the(
      (await client
        .db()
        .collection('chats')
        .findOne({ kind: 'direct', 'messages.3': { $exists: true } })) ?? undefined,
      'chat of two',
    );
    chat = String(stored._id);
    [user = '', friend = ''] = stored.participants.map(String);
    admin = String((await users.findOne({ role: 'admin' }))?._id);
    stranger = String((await users.findOne({ _id: { $nin: stored.participants } }))?._id);
  });

  after(async () => {
    await client.close();
    await sql.end();
    await amanat.close();
  });

  async function write(method: string, path: string, caller: string | null, body: unknown): Promise<number> {
    const response = await fetch(amanat.reference + path, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(caller === null ? {} : { authorization: `Bearer ${caller}` }),
      },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
    return response.status;
  }

  const drain = () => drainOnce({ mongo: client.db(), sql, mappings: amanatMappings });

  /** The primary's answer, after the drain has made both sides agree on it. */
  async function agreed(pattern: string, target: string, caller?: string): Promise<JsonValue> {
    const route = the(
      amanatRoutes.find((one) => one.pattern === pattern),
      pattern,
    );
    const answers = await (await bothSides(amanat)).ask(route, target, caller);
    expect(answers.differences, target).to.deep.equal([]);
    return answers.primary.body;
  }

  async function drained(): Promise<void> {
    const { drained: count, failed } = await drain();
    expect(failed).to.equal(0);
    expect(count).to.be.above(0);
  }

  it('a message that is posted is the last one, unread by the other, until they read it', async () => {
    const text = 'سلام 👋 Привет cafe\u0301';
    expect(await write('POST', `/api/chats/${chat}/messages`, user, { text })).to.equal(201);
    const before = await unreadOf(friend);
    await drained();
    const [first] = itemsOf(await agreed('/api/chats', '/api/chats', friend));
    expect(recordOf(first?.lastMessage)).to.include({ text, sender: user });
    expect(first?.unread).to.equal(before);
    const [newest] = itemsOf(await agreed('/api/chats/:id/messages', `/api/chats/${chat}/messages?limit=1`, user));
    expect(newest?.readBy).to.deep.equal([user]);
    expect(await write('POST', `/api/chats/${chat}/read`, friend, {})).to.equal(200);
    await drained();
    expect(itemsOf(await agreed('/api/chats', '/api/chats', friend))[0]?.unread).to.equal(0);
  });

  /** What the primary says before anything is drained. */
  async function unreadOf(caller: string): Promise<unknown> {
    const response = await fetch(`${amanat.reference}/api/chats`, { headers: { authorization: `Bearer ${caller}` } });
    const [first] = itemsOf(JSON.parse(await response.text()));
    return first?.unread;
  }

  it('who takes no part in a chat can neither post nor read there', async () => {
    expect(await write('POST', `/api/chats/${chat}/messages`, stranger, { text: 'hello' })).to.equal(404);
    expect(await write('POST', `/api/chats/${chat}/read`, stranger, {})).to.equal(404);
    expect(await write('POST', `/api/chats/${chat}/messages`, null, { text: 'hello' })).to.equal(401);
    expect(await write('POST', `/api/chats/${chat}/messages`, user, { text: 'NUL\0' })).to.equal(400);
  });

  it('points that are awarded are in the balance, the trail and the leaderboard', async () => {
    const before = recordOf(await agreed('/api/points/:userId', `/api/points/${user}`));
    const award = { type: 'bonus', points: 100_000, reason: 'جایزه' };
    expect(await write('POST', `/api/points/${user}/transactions`, user, award)).to.equal(403);
    expect(await write('POST', `/api/points/${user}/transactions`, admin, { ...award, points: 0.5 })).to.equal(400);
    expect(await write('POST', `/api/points/${user}/transactions`, admin, award)).to.equal(201);
    await drained();
    const after = recordOf(await agreed('/api/points/:userId', `/api/points/${user}`));
    expect(after.balance).to.equal(Number(before.balance) + 100_000);
    expect(after).to.include({ next: null, progress: 1 });
    const [leader] = itemsOf(await agreed('/api/points/leaderboard', '/api/points/leaderboard?limit=1'));
    expect(leader?._id).to.equal(user);
    const trail = itemsOf(
      await agreed('/api/points/:userId/transactions', `/api/points/${user}/transactions?limit=100`),
    );
    expect(trail.at(-1)).to.include({ reason: 'جایزه', balanceAfter: after.balance, payment: null });
  });

  it('a notification that is marked read no longer counts as unread, and is again when it is unread', async () => {
    const unread = the((await client.db().collection('notifications').findOne({ read: false })) ?? undefined, 'unread');
    const [owner, path] = [String(unread.user), `/api/notifications/${unread._id}`];
    const count = async () =>
      recordOf(await agreed('/api/notifications/unread-count', '/api/notifications/unread-count', owner)).count;
    const before = Number(await count());
    expect(await write('PATCH', path, stranger === owner ? user : stranger, { read: true })).to.equal(404);
    expect(await write('PATCH', path, owner, { read: true })).to.equal(200);
    await drained();
    expect(await count()).to.equal(before - 1);
    expect(await write('PATCH', path, owner, { read: false })).to.equal(200);
    await drained();
    expect(await count()).to.equal(before);
    const list = itemsOf(await agreed('/api/notifications', '/api/notifications?limit=100', owner));
    expect(list.find((one) => one._id === String(unread._id))).to.not.have.any.keys('readAt');
  });

  it('a profile that is renamed is found by its new name only', async () => {
    expect(await write('PATCH', '/api/users/me', user, { name: 'Зоя Un\u0303ica', bio: '' })).to.equal(200);
    await drained();
    expect(await agreed('/api/users/:id', `/api/users/${user}`)).to.include({ name: 'Зоя Un\u0303ica', bio: '' });
    const target = `/api/users?q=${encodeURIComponent('ЗОЯ uñica')}`;
    expect(itemsOf(await agreed('/api/users', target, admin)).map((one) => one._id)).to.deep.equal([user]);
  });

  it('a requested verification is pending until its attempts are used up', async () => {
    const email = 'New+Person@example.com';
    const path = `/api/verifications/${encodeURIComponent(email)}`;
    expect(await write('POST', '/api/verifications', null, { email, purpose: 'signup' })).to.equal(201);
    for (let attempts = 0; attempts <= 5; attempts += 1) {
      await drained();
      const shown = await agreed('/api/verifications/:email', path);
      expect(shown).to.include({ email, attempts, pending: attempts < 5, purpose: 'signup' });
      expect(await write('POST', `${path}/attempts`, null, {})).to.equal(200);
    }
    expect(await write('POST', '/api/verifications/nobody%40example.com/attempts', null, {})).to.equal(404);
    expect(await write('POST', '/api/verifications', NOBODY, { email, purpose: 'spam' })).to.equal(400);
  });
});
