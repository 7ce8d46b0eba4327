/** The read endpoints of identity, served from MongoDB. */
import type { Router } from 'express';
import { USER_ROLES } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { adminOf, callerOf, filterOf, found, notFound, pageOf, pathId, pathText, Query } from '../http.ts';
import { searchWords } from '../search-words.ts';

const publicFields = 'name role roles bio avatar locale createdAt';
const ownFields = `${publicFields} email emailVerified phone status preferences lastSeenAt updatedAt`;

export function mountIdentity(router: Router, context: ReferenceContext): void {
  const { User, TelegramLink, TelegramSession, TempVerification } = context.models;

  // Before `/api/users/:id`, or `me` would be taken for an id.
  router.get('/api/users/me', async (request, response) => {
    const caller = await callerOf(context, request);
    response.json(found(await User.findById(caller._id).select(ownFields).lean()));
  });

  router.get('/api/users', async (request, response) => {
    await adminOf(context, request);
    const query = new Query(request);
    const role = query.oneOf('role', USER_ROLES);
    const q = query.text('q');
    const paging = query.paging();
    const filter = filterOf({ roles: role, searchTokens: q === undefined ? undefined : { $all: searchWords(q) } });
    const [data, total] = await Promise.all([
      User.find(filter).select(ownFields).sort({ createdAt: -1, _id: -1 }).skip(paging.skip).limit(paging.limit).lean(),
      User.countDocuments(filter),
    ]);
    response.json(pageOf(data, total, paging));
  });

  router.get('/api/users/:id', async (request, response) => {
    response.json(found(await User.findById(pathId(request)).select(publicFields).lean()));
  });

  router.get('/api/users/:id/telegram', async (request, response) => {
    const user = pathId(request);
    found(await User.exists({ _id: user }));
    const [link, sessions] = await Promise.all([
      TelegramLink.findOne({ user })
        .select('telegramId username firstName language notificationsEnabled linkedAt')
        .lean(),
      TelegramSession.find({ user })
        .select('device platform startedAt lastActiveAt revokedAt')
        .sort({ startedAt: -1, _id: -1 })
        .lean(),
    ]);
    response.json({ user, link, sessions });
  });

  router.get('/api/verifications/:email', async (request, response) => {
    const email = pathText(request, 'email');
    // No stored text has one.
    if (email.includes('\0')) throw notFound();
    // After `expiresAt` it does not exist for a reader, although the TTL monitor may not have deleted it yet.
    const pending = await TempVerification.findOne({ email, expiresAt: { $gt: context.now() } })
      .select('purpose attempts maxAttempts createdAt expiresAt')
      .sort({ createdAt: -1, _id: -1 })
      .lean();
    if (pending === null) {
      response.json({ email, pending: false, attempts: 0 });
      return;
    }
    const { purpose, attempts, maxAttempts, createdAt, expiresAt } = pending;
    const open = Number(attempts) < Number(maxAttempts);
    response.json({ email, pending: open, purpose, attempts, maxAttempts, createdAt, expiresAt });
  });
}
