/** Tables that the migration itself owns. */
import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { cText, emptyTextArray, instant, objectIdText } from './columns.ts';

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

/** One backfill from its beginning to its end, however often it was killed between: evidence begins anew with each. */
export const backfillRuns = pgTable('backfill_runs', {
  id: uuid('id').primaryKey(),
  /** Collections that it brings over. */
  collections: text('collections').array().notNull(),
  startedAt: instant('started_at').notNull().defaultNow(),
  /** Null while it is under way. */
  completedAt: instant('completed_at'),
  documents: bigint('documents', { mode: 'number' }),
  rejects: integer('rejects'),
});

/** How the sync stands: one row a source, written by the worker about once a second. */
export const drainStatus = pgTable('drain_status', {
  /** `outbox` or `changestream`. */
  source: cText('source').primaryKey(),
  /** Age of the oldest write that is not in Postgres yet, ms. */
  lagMs: bigint('lag_ms', { mode: 'number' }).notNull(),
  drained: bigint('drained', { mode: 'number' }).notNull(),
  failed: bigint('failed', { mode: 'number' }).notNull(),
  error: text('error'),
  at: instant('at').notNull(),
  /** Where a change stream goes on; kept in the transaction of the rows. */
  resumeToken: jsonb('resume_token'),
});

/** A write that Postgres cannot take yet, as a rule for a reference whose row is not there; given up, it is a gap. */
export const drainDeferrals = pgTable(
  'drain_deferrals',
  {
    collection: cText('collection').notNull(),
    mongoId: cText('mongo_id').notNull(),
    error: text('error').notNull(),
    attempts: integer('attempts').notNull().default(1),
    /** When the oldest write that waits was made. */
    since: instant('since').notNull(),
    dueAt: instant('due_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.collection, table.mongoId] })],
);

/** How far a verification has come and what it counted, kept with its findings after each batch. */
export const verifyProgress = pgTable('verify_progress', {
  collection: cText('collection').primaryKey(),
  lastId: cText('last_id'),
  done: boolean('done').notNull().default(false),
  documents: bigint('documents', { mode: 'number' }).notNull().default(0),
  agree: bigint('agree', { mode: 'number' }).notNull().default(0),
  /** Share of documents and the salt by which they are chosen: a run that is taken up goes on with both. */
  sample: doublePrecision('sample').notNull(),
  salt: text('salt').notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});

/** A document and row that do not agree: `suspect` until looked at again, then what it is. No values. */
export const verifyFindings = pgTable(
  'verify_findings',
  {
    collection: cText('collection').notNull(),
    mongoId: cText('mongo_id').notNull(),
    kind: cText('kind').notNull(),
    /** Where they differ, as paths of the document. */
    fields: text('fields').array().notNull().default(emptyTextArray),
    /** Why it is excused, where it is. */
    reason: text('reason'),
    at: instant('at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.collection, table.mongoId] })],
);
