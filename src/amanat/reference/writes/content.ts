/** Writes of content: an admin edits posts, a seller changes parts of the shop's settings. */
import type { Router } from 'express';
import type { ReferenceContext } from '../context.ts';
import { adminOf, callerOf, filterOf, forbidden, found, invalidBody, pathId, pathText } from '../http.ts';
import { outboxed } from '../outbox.ts';
import { Fields } from './fields.ts';

export function mountContentWrites(router: Router, context: ReferenceContext): void {
  const { BlogPost, ShopSettings, User } = context.models;

  router.patch('/api/blog/:slug', async (request, response) => {
    await adminOf(context, request);
    const slug = pathText(request, 'slug');
    const fields = new Fields(request);
    const changed = filterOf({
      title: fields.optionalText('title'),
      body: fields.optionalText('body'),
      tags: fields.has('tags') ? fields.texts('tags') : undefined,
      updatedAt: context.now(),
    });
    const post = await BlogPost.findOneAndUpdate({ slug }, outboxed({ $set: changed })).lean();
    response.json({ _id: found(post)._id });
  });

  /** Publishes a draft once, at the instant that the write carries; a second call changes nothing. */
  router.post('/api/blog/:slug/publish', async (request, response) => {
    await adminOf(context, request);
    const slug = pathText(request, 'slug');
    const now = context.now();
    const { _id } = found(await BlogPost.findOne({ slug }).select('_id').lean());
    await BlogPost.updateOne(
      { _id, status: 'draft' },
      outboxed({ $set: { status: 'published', publishedAt: now, updatedAt: now } }),
    );
    response.json({ _id });
  });

  /** Each named part is replaced whole; the others stay, in the same atomic update that may make the document. */
  router.patch('/api/shops/:sellerId/settings', async (request, response) => {
    const caller = await callerOf(context, request);
    const seller = pathId(request, 'sellerId');
    if (caller.role !== 'admin' && String(seller) !== String(caller._id)) throw forbidden();
    const parts = new Fields(request).entries();
    for (const [name, value] of parts) {
      if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name)) throw invalidBody(`'${name}' cannot name a part of the settings.`);
      if (!keepable(value)) throw invalidBody(`The part '${name}' holds a key or text that cannot be kept.`);
    }
    found(await User.exists({ _id: seller }));
    const now = context.now();
    const set = Object.fromEntries(parts.map(([name, value]) => [`settings.${name}`, value]));
    // If the write names no part, a new document has no settings: an upsert does not create the empty object.
    const empty = parts.length === 0 ? { settings: {} } : {};
    await ShopSettings.updateOne(
      { seller },
      outboxed({ $set: { ...set, updatedAt: now }, $setOnInsert: { createdAt: now, ...empty } }),
      { upsert: true },
    );
    response.json({ seller });
  });
}

/**
 * True for what neither store changes: no NUL, no half of a surrogate pair, no key that Extended JSON or an update
 * would read as its own.
 */
function keepable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(keepable);
  return Object.entries(value).every(
    ([key, inner]) => !key.startsWith('$') && key !== '__proto__' && keepable(key) && keepable(inner),
  );
}
