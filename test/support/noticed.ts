/** What of an answer counts as the same: the one comparison that the transparency and the isolation suite share. */
import { endToEnd, type Field, reasonOf, type SeenMessage, statusOf } from './raw-http.ts';

/** What a client may notice of an answer, in the sense of transparency: neither chunk boundaries nor hop-by-hop fields. */
export interface Noticed {
  readonly interims: readonly { readonly status: number | null; readonly fields: readonly Field[] }[];
  readonly status: number | null;
  readonly reason: string;
  readonly fields: readonly Field[];
  readonly body: string;
  readonly trailers: readonly Field[];
  readonly end: string;
}

export function noticed(seen: SeenMessage): Noticed {
  return {
    interims: seen.interims.map((head) => ({ status: statusOf(head), fields: endToEnd(head.fields) })),
    status: seen.head === null ? null : statusOf(seen.head),
    reason: seen.head === null ? '' : reasonOf(seen.head),
    fields: seen.head === null ? [] : endToEnd(seen.head.fields),
    body: seen.body.toString('latin1'),
    // A trailer section that broke off is none.
    trailers: seen.end === 'complete' ? seen.trailers : [],
    end: seen.end,
  };
}
