/**
 * What the inputs of the admin API may be. A value that the journal cannot hold (NUL, a lone surrogate, a year of six
 * digits) is refused here, with a sentence, and never becomes a failed query.
 */
import { z } from 'zod';
import { CAUSES } from '../types.ts';

/** 9999-12-31, epoch ms: the last instant that ISO 8601 and Postgres write alike. */
const LAST_INSTANT = Date.UTC(9_999, 11, 31, 23, 59, 59, 999);
/** Rows of one page at most. */
const PAGE_AT_MOST = 1_000;
const HOURS_AT_MOST = 24 * 90;
const DAY = 86_400_000;

/** One line of 1 to `most` characters without control characters. */
export const line = (most: number) =>
  z
    .string({ error: 'expected text, given once' })
    .min(1, { error: 'expected text that is not empty' })
    .max(most, { error: `expected at most ${most} characters` })
    .refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), {
      error: 'expected text without control characters and lone surrogates',
    });

/** What people write: like `line`, trimmed, and line breaks are allowed. */
export const prose = (most: number) =>
  z
    .string({ error: 'expected text' })
    .trim()
    .min(1, { error: 'expected text that is not empty' })
    .max(most, { error: `expected at most ${most} characters` })
    .refine((value) => value.isWellFormed() && !/[^\P{Cc}\n\t]/u.test(value), {
      error: 'expected text without control characters and lone surrogates',
    });

/** A whole number of a query, from 1 to `most`. */
const whole = (most: number) =>
  z
    .string({ error: `expected a whole number from 1 to ${most}` })
    .regex(/^\d{1,15}$/, { error: `expected a whole number from 1 to ${most}` })
    .transform(Number)
    .refine((value) => value >= 1 && value <= most, { error: `expected a whole number from 1 to ${most}` });

const INSTANT = 'expected epoch milliseconds or an ISO date from 1970 to 9999, such as 2026-01-31T00:00:00Z';

const instantOf = (value: string): number => (/^\d{1,15}$/.test(value) ? Number(value) : Date.parse(value));

const isInstant = (at: number): boolean => Number.isInteger(at) && at >= 0 && at <= LAST_INSTANT;

/** An instant of a query, as epoch ms. */
const instantText = z
  .string({ error: INSTANT })
  .regex(/^(?:\d{1,15}|\d{4}-\d{2}-\d{2}(?:T[0-9:.]{5,15}(?:Z|[+-]\d{2}:\d{2}))?)$/, { error: INSTANT })
  .transform(instantOf)
  .refine(isInstant, { error: INSTANT });

/** An instant of a body, as epoch ms: a number of milliseconds or an ISO date. */
export const instant = z.union([z.number().refine(isInstant), instantText], { error: INSTANT });

/** A change of the state of a fault or a fingerprint; `done` is the state after its repair. */
export function stateChange<Done extends string>(done: Done) {
  const reason = prose(300);
  return z.discriminatedUnion(
    'state',
    [
      z.strictObject({ state: z.literal('acknowledged'), owner: prose(80), reason, expiresAt: instant }),
      z.strictObject({ state: z.literal('open'), reason: reason.exactOptional() }),
      z.strictObject({ state: z.literal(done), reason: reason.exactOptional() }),
    ],
    { error: `expected open, ${done}, or acknowledged with owner, reason and expiresAt` },
  );
}

export const STATE_CHANGE_EXAMPLE =
  '{"state":"acknowledged","owner":"ada","reason":"rounding before 2019","expiresAt":"2026-12-31T00:00:00Z"}';

export const domainName = line(80).describe('Name of a domain.');
export const routeKey = line(512).describe('Route key, such as `GET /api/payments/:id`.');
/** An id, or a beginning of one that no other has. */
export const anyId = line(128).describe('An id, or the beginning of one that no other id has.');
export const limit = whole(PAGE_AT_MOST).describe('Most rows of the answer.');
export const rowNumber = whole(Number.MAX_SAFE_INTEGER).describe('Number of a row.');
export const hours = z
  .string({ error: `expected a number of hours from 1 to ${HOURS_AT_MOST}` })
  .regex(/^\d{1,4}(?:\.\d{1,6})?$/, { error: `expected a number of hours from 1 to ${HOURS_AT_MOST}` })
  .transform(Number)
  .refine((value) => value >= 1 && value <= HOURS_AT_MOST, {
    error: `expected a number of hours from 1 to ${HOURS_AT_MOST}`,
  })
  .describe('Length of the window, in hours up to now.');
export const cause = z
  .enum(CAUSES, { error: `expected one of ${CAUSES.join(', ')}` })
  .describe('Cause of the mismatch.');
export const cursorInstant = instantText.describe('Epoch milliseconds, or an ISO date.');
/** Id of the last row of the page before, or a beginning of it that no other has. */
export const mismatchCursor = z
  .string({ error: 'expected the id of a mismatch' })
  .regex(/^(?:[0-9a-z]{1,9}|[0-9a-z]{9}-[0-9a-f]{0,12})$/, { error: 'expected the id of a mismatch' })
  // It begins with the time of the read, in base 36: a plain word is not an id.
  .refine((id) => Number.parseInt(id.slice(0, 9).padEnd(9, '0'), 36) <= Date.now() + DAY, {
    error: 'expected the id of a mismatch',
  });

/** Where the query gives both, `to` lies after `from`. */
export const inOrder = ({ from, to }: { readonly from?: number | undefined; readonly to?: number | undefined }) =>
  from === undefined || to === undefined || to > from;
