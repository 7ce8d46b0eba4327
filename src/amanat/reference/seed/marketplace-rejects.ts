/** Marketplace documents that MongoDB holds and Postgres cannot: a backfill must name each and keep going. */
import type { SeedContext, SeedDocument } from './context.ts';

export function* marketplaceRejects(context: SeedContext): Iterable<SeedDocument> {
  const at = context.epoch;
  const request = (place: number, fields: Record<string, unknown>): SeedDocument => ({
    collection: 'purchaserequests',
    doc: {
      _id: context.oid('purchaserequests', context.count('purchaserequests') + place),
      title: 'reject',
      description: 'reject',
      status: 'open',
      category: context.oid('categories', 0),
      buyer: context.oid('users', 4),
      budget: 10.5,
      currency: 'USD',
      tags: [],
      searchTokens: ['reject'],
      createdAt: at,
      updatedAt: at,
      __v: 0,
      ...fields,
    },
  });
  yield request(0, { title: 'NUL\u0000inside' });
  yield request(1, { budget: Number.NaN });
  yield request(2, { budget: 1e-20 });
  yield request(3, { deadline: new Date(8.64e15) });
  yield request(4, { tags: ['fine', 'not\u0000fine'] });
  yield request(5, { budget: '10.50' });
}
