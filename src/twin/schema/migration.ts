/** Tables that the migration itself owns. */
import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { cText, instant, objectIdText } from './columns.ts';

/** Which row is which document; unique both ways. */
export const idMap = pgTable(
  'id_map',
  {
    collection: cText('collection').notNull(),
    mongoId: objectIdText('mongo_id').notNull(),
    uuid: uuid('uuid').notNull().unique(),
  },
  (table) => [primaryKey({ columns: [table.collection, table.mongoId] })],
);

/** A write that reached Mongo and not Postgres. Repaired ones stay, with their time. */
export const dualWriteGaps = pgTable(
  'pg_dualwrite_gaps',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    collection: cText('collection').notNull(),
    /** ObjectId, 24 hex digits, or the text id of a counter. */
    mongoId: cText('mongo_id').notNull(),
    operation: cText('operation').notNull(),
    error: text('error').notNull(),
    attempts: integer('attempts').notNull().default(1),
    at: instant('at').notNull().defaultNow(),
    repairedAt: instant('repaired_at'),
  },
  (table) => [index('pg_dualwrite_gaps_document').on(table.collection, table.mongoId)],
);

/** How far a backfill has come, kept in the transaction of each batch, so that a killed one goes on where it was. */
export const backfillProgress = pgTable(
  'backfill_progress',
  {
    collection: cText('collection').notNull(),
    /** `ids`, then `rows`. */
    phase: cText('phase').notNull(),
    lastId: cText('last_id'),
    done: boolean('done').notNull().default(false),
    documents: bigint('documents', { mode: 'number' }).notNull().default(0),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.collection, table.phase] })],
);

/** A document that has no row, and why. */
export const backfillRejects = pgTable(
  'backfill_rejects',
  {
    collection: cText('collection').notNull(),
    mongoId: cText('mongo_id').notNull(),
    path: text('path').notNull(),
    reason: text('reason').notNull(),
    at: instant('at').notNull().defaultNow(),
  },
  (table) => [unique('backfill_rejects_document').on(table.collection, table.mongoId, table.path)],
);

/** A reference whose document is gone: the row is there, and null where the reference was. */
export const backfillOrphans = pgTable(
  'backfill_orphans',
  {
    collection: cText('collection').notNull(),
    mongoId: cText('mongo_id').notNull(),
    path: text('path').notNull(),
    refersTo: cText('refers_to').notNull(),
    missingId: cText('missing_id').notNull(),
    at: instant('at').notNull().defaultNow(),
  },
  (table) => [unique('backfill_orphans_reference').on(table.collection, table.mongoId, table.path, table.missingId)],
);
