import type { ModelMapping } from '../../api/mapping.ts';
import type { StoredDocument, StoredRow } from '../../api/rows/document-row.ts';

/** One document and its row, as both stores have them now. */
export interface Counterparts {
  /** The document's id: 24 hex digits of an ObjectId, or text. */
  readonly mongoId: string;
  readonly doc: StoredDocument | null;
  readonly row: StoredRow | null;
  readonly children: Readonly<Record<string, readonly StoredRow[]>>;
  /** An unrepaired entry in `pg_dualwrite_gaps`. */
  readonly gap: boolean;
}

/** Both stores, read-only. Every call may reject. */
export interface CauseSource {
  /** Counterparts of these documents, in order. */
  lookUp(mapping: ModelMapping, mongoIds: readonly string[]): Promise<readonly Counterparts[]>;
  /** The rows' own ids of these documents, where the table keeps both (`identity: column`). */
  ownIds(mapping: ModelMapping, mongoIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The documents' ids that rows with these ids carry, by the row's id; rows that are not there are left out. */
  claimedBy(mapping: ModelMapping, own: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** How many documents the collection has, at least as an estimate. */
  size(mapping: ModelMapping): Promise<number>;
  /** All of one collection in order of `_id`, rows without a document included. */
  walk(mapping: ModelMapping): AsyncIterable<readonly Counterparts[]>;
  /** A counter's next value by the document and by the sequence; null where there is none. */
  counters(
    mapping: ModelMapping,
  ): Promise<readonly { readonly id: string; readonly doc: number; readonly row: number | null }[]>;
  /** When the oldest write of these collections was made that the sync has not carried over; null where there is none. */
  oldestPending(mappings: readonly ModelMapping[]): Promise<Date | null>;
  close(): Promise<void>;
}
