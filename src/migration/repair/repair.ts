/** The repair of one row: what it finds, what it does, and what it reports. */
import type { Db } from 'mongodb';
import type { Sql } from 'postgres';
import type { ModelMapping } from '../../api/mapping.ts';
import type { Orphan, Reject } from '../../api/rows/convert.ts';
import type { State } from '../verify/judge.ts';

export interface RepairTarget {
  readonly mapping: ModelMapping;
  /** The document's id as it is kept: 24 hex digits, or text. */
  readonly mongoId: string;
}

export interface RepairOptions {
  readonly mongo: Db;
  readonly sql: Sql;
  readonly mappings: readonly ModelMapping[];
  /** True: makes the change, reports its result, and rolls it back. */
  readonly dryRun?: boolean;
  /** Deletes a row whose document is gone, which is refused otherwise. */
  readonly deleteGone?: boolean;
  /** Awaited before the change is committed; if it rejects, nothing is changed. */
  readonly onChange?: (repair: Repair) => Promise<void>;
}

export interface Repair {
  readonly collection: string;
  readonly mongoId: string;
  readonly domain: string;
  /** How row and document compared; `absent` where there is neither. */
  readonly found: State | 'absent';
  readonly action: 'none' | 'insert' | 'update' | 'delete';
  /**
   * `agrees`: nothing was to be done. `planned`: a dry run would have repaired it. `differs`: it was written and `fields`
   * still differ. `refused`: nothing was changed, and `reason` says why.
   */
  readonly result: 'agrees' | 'repaired' | 'planned' | 'differs' | 'refused';
  /** Paths of the document that are written, positions as `*`; values are never told. */
  readonly fields: readonly string[];
  /** The document's revision that the row is made from; null where there is no document. */
  readonly revision: number | null;
  readonly reason: string | null;
  /** Why Postgres cannot hold the document. */
  readonly rejects: readonly Reject[];
  /** References of the document to deleted documents: they are empty in the row. */
  readonly orphans: readonly Orphan[];
}
