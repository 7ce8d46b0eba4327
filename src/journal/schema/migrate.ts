import type { Sql } from 'postgres';
import { bringUpToDate, type SchemaVersions } from '../../base/schema-versions.ts';
import { v1 } from './v1.ts';
import { v2 } from './v2.ts';
import { v3 } from './v3.ts';
import { v4 } from './v4.ts';
import { v5 } from './v5.ts';
import { v6 } from './v6.ts';
import { v7 } from './v7.ts';
import { v8 } from './v8.ts';
import { v9 } from './v9.ts';
import { v10 } from './v10.ts';
import { v11 } from './v11.ts';

export const JOURNAL_SCHEMA: SchemaVersions = {
  what: 'the journal',
  code: 'SHADOW_JOURNAL',
  schema: 'shadowread',
  table: 'schema_version',
  versions: [v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11],
  // Version 7 made buckets of durations that a program before it would misread.
  startsFrom: 7,
  encoding: 'UTF8',
  lock: 0x5ad0_0001,
};

/** Creates the schema `shadowread` or brings it up to date; safe to call from any number of replicas at once. */
export const migrate = (sql: Sql): Promise<void> => bringUpToDate(sql, JOURNAL_SCHEMA);
