/** Writes of identity: each is one atomic write of one document, with its outbox entry in it. */
import { randomInt } from 'node:crypto';
import type { Router } from 'express';
import { Types } from 'mongoose';
import { VERIFICATION_PURPOSES } from '../../words.ts';
import type { ReferenceContext } from '../context.ts';
import { callerOf, filterOf, found, notFound, pathText } from '../http.ts';
import { inserted, outboxed } from '../outbox.ts';
import { searchWords } from '../search-words.ts';
import { Fields } from './fields.ts';

const VERIFICATION_MS = 15 * 60_000;

export function mountIdentityWrites(router: Router, context: ReferenceContext): void {
  const { User, TempVerification } = context.models;

  /** The search words are made of name and address; an address never changes, so both belong to this one write. */
  router.patch('/api/users/me', async (request, response) => {
    const caller = await callerOf(context, request);
    const fields = new Fields(request);
    const name = fields.optionalText('name');
    const { email } = found(await User.findById(caller._id).select('email').lean());
    const changed = filterOf({
      name,
      searchTokens: name === undefined ? undefined : searchWords(name, String(email)),
      bio: fields.optionalText('bio'),
      phone: fields.optionalText('phone'),
      locale: fields.optionalText('locale'),
      lastSeenAt: context.now(),
      updatedAt: context.now(),
    });
    await User.updateOne({ _id: caller._id }, outboxed({ $set: changed }));
    response.json({ _id: caller._id });
  });

  router.post('/api/verifications', async (request, response) => {
    const fields = new Fields(request);
    const now = context.now();
    const _id = new Types.ObjectId();
    await TempVerification.create(
      inserted({
        _id,
        email: fields.text('email'),
        purpose: fields.oneOf('purpose', VERIFICATION_PURPOSES),
        code: String(randomInt(1_000_000)).padStart(6, '0'),
        attempts: 0,
        maxAttempts: 5,
        expiresAt: new Date(now.getTime() + VERIFICATION_MS),
        createdAt: now,
        updatedAt: now,
      }),
    );
    response.status(201).json({ _id });
  });

  /** Counts one more attempt with a code; whether the code was right is not told here. */
  router.post('/api/verifications/:email/attempts', async (request, response) => {
    const email = pathText(request, 'email');
    const now = context.now();
    const pending = await TempVerification.findOneAndUpdate(
      { email, expiresAt: { $gt: now } },
      outboxed({ $inc: { attempts: 1 }, $set: { updatedAt: now } }),
      { sort: { createdAt: -1, _id: -1 }, projection: { _id: 1 } },
    ).lean();
    if (pending === null) throw notFound();
    response.json({ _id: pending._id });
  });
}
