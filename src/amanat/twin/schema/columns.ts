import { sql } from 'drizzle-orm';
import { bigint, customType, numeric, timestamp, uuid } from 'drizzle-orm/pg-core';

/** Text that is sorted or compared by code point, as MongoDB does: a linguistic collation orders otherwise. */
export const cText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

/** The kept ObjectId, 24 hex digits: the last key of every total order. */
export const objectIdText = customType<{ data: string }>({ dataType: () => 'char(24) COLLATE "C"' });

/** An instant; Postgres keeps microseconds, MongoDB milliseconds. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** What the row of every document has: uuid v7, kept ObjectId, revision of the document that the row was made from. */
export const rowIdentity = () => ({
  id: uuid('id').primaryKey(),
  mongoId: objectIdText('mongo_id').notNull().unique(),
  mongoRev: bigint('mongo_rev', { mode: 'number' }).notNull().default(0),
});

/** `text[]` that is never null and empty by default. */
export const emptyTextArray = sql`'{}'::text[]`;

/** Money of any currency: 18 decimals are enough for ETH, the finest. */
export const money = (name: string) => numeric(name, { precision: 38, scale: 18 });

/** Wei, sun, satoshi: whole numbers up to uint256. */
export const baseUnits = (name: string) => numeric(name, { precision: 78, scale: 0 });
