/** Answers that a client's own fields have made of the whole one: there is nothing in them that the other side could be held to. */
import type { RawHeaders, SkipReason } from '../types.ts';
import { fieldOf } from './fields.ts';

/** Fields that make a request conditional (RFC 9110, 13.1), lowercase. */
export const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'] as const;

/**
 * `not_modified`: by a condition of the client's, met (304) or failed (412). `partial`: a range, or one that cannot be
 * had (416). Null for a whole answer: the other side is asked without conditions and ranges.
 */
export function partialAnswer(
  status: number,
  requestFields: RawHeaders,
): Extract<SkipReason, 'not_modified' | 'partial'> | null {
  switch (status) {
    case 304:
      return 'not_modified';
    case 412:
      return CONDITIONS.some((name) => fieldOf(requestFields, name) !== null) ? 'not_modified' : null;
    case 206:
      return 'partial';
    case 416:
      return fieldOf(requestFields, 'range') === null ? null : 'partial';
    default:
      return null;
  }
}
