/** Lists and what amanat.md says of their order. */

import type { Pair } from './pair.ts';
import { isRecord, type Json, type Place } from './tree.ts';

/** Sets by name: order means nothing. */
export const SETS = new Set(['tags', 'roles', 'readBy', 'participants', 'unreadBy']);

/** Lists whose ties are free, and the key they are sorted by where the request does not say. */
const FREE_TIES: Readonly<Record<string, string>> = {
  'GET /api/payments': 'createdAt',
  'GET /api/disputes': 'createdAt',
  'GET /api/requests': 'createdAt',
  'GET /api/requests/:id/offers': 'price',
  'GET /api/wallet/destinations': 'createdAt',
  'GET /api/users': 'createdAt',
  'GET /api/points/leaderboard': 'points',
  'GET /api/blog': 'publishedAt',
  'GET /api/chats': 'lastMessageAt',
};

/** Lists in total order. */
const TOTAL = new Set([
  'GET /api/ledger/entries',
  'GET /api/ledger/payments/:paymentId/trail',
  'GET /api/sellers/:id/reviews',
  'GET /api/points/:userId/transactions',
  'GET /api/chats/:id/messages',
  'GET /api/notifications',
  'GET /api/categories/:slug/path',
]);
/** Embedded arrays in which order counts. */
const ORDERED_FIELDS = new Set(['evidence', 'timeline', 'attachments', 'benefits', 'children']);

export type ListKind =
  | { readonly kind: 'set' }
  | { readonly kind: 'total' }
  | { readonly kind: 'keyed'; readonly by: string }
  | { readonly kind: 'unknown' };

export function listKind(pair: Pair, place: Place): ListKind {
  if (place.blob) return { kind: 'total' };
  if (SETS.has(place.key)) return { kind: 'set' };
  if (ORDERED_FIELDS.has(place.key)) return { kind: 'total' };
  if (place.path.length === 1 && place.key === 'data') {
    if (TOTAL.has(pair.route.key)) return { kind: 'total' };
    const byDefault = FREE_TIES[pair.route.key];
    if (byDefault !== undefined) {
      const asked = new URL(pair.target, 'http://x').searchParams.get('sort')?.replace(/^-/, '');
      return { kind: 'keyed', by: pair.route.query.sort === undefined ? byDefault : (asked ?? byDefault) };
    }
  }
  return { kind: 'unknown' };
}

export const keyText = (item: Json | undefined, by: string): string =>
  isRecord(item) ? JSON.stringify(item[by] ?? null) : '';
