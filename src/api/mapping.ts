/**
 * How one collection becomes one table (and, for embedded arrays that get rows of their own, child tables). One
 * declaration per model; backfill, drain, verify, cause and gap repair all read it.
 */
import type { SumDeclaration } from './sums.ts';

/** How a stored value is carried over. `nullable`: absent or null in Mongo is NULL in Postgres; else absent is a reject. */
export type FieldKind =
  /** ObjectId of a document in `collection` -> uuid by id_map. An orphan (no such document) is NULL and reported. */
  | { readonly kind: 'ref'; readonly collection: string }
  | {
      readonly kind: 'text';
      /** The closed set that it is one of: these words may be shown where it differs. */
      readonly words?: readonly string[];
      /** Nobody's data (a currency, a locale): any value may be shown where it differs. */
      readonly shown?: true;
    }
  | { readonly kind: 'bool' }
  | { readonly kind: 'int' }
  | { readonly kind: 'double' }
  /** double or Decimal128 -> numeric(38,18); more than 18 decimals, NaN or infinite is a reject, never rounded. */
  | {
      readonly kind: 'money';
      /** Document path of the currency, or a fixed currency. */
      readonly currency: string | { readonly fixed: string };
    }
  /** Decimal string of base units -> numeric(78,0). */
  | { readonly kind: 'baseUnits' }
  /** BSON date -> timestamptz. */
  | { readonly kind: 'instant' }
  /** Array as a set -> text[] (sorted when stored). */
  | { readonly kind: 'textSet' }
  /** Array in order -> text[]. */
  | { readonly kind: 'textList' }
  /** Array of ObjectIds as a set -> uuid[]. */
  | { readonly kind: 'refSet'; readonly collection: string }
  /** Subdocument or array -> jsonb in canonical Extended JSON (ObjectId, date, Decimal128 only). */
  | { readonly kind: 'jsonb' };

export interface FieldMapping {
  /** Dotted path in the document. */
  readonly path: string;
  readonly column: string;
  readonly type: FieldKind;
  readonly nullable: boolean;
}

export interface ChildMapping {
  /** Dotted path of the embedded array. */
  readonly path: string;
  readonly table: string;
  /** Column that refers to the parent row. */
  readonly parentColumn: string;
  /** Column that keeps the array position. */
  readonly positionColumn: string;
  /** id_map collection name of the elements' own _id. */
  readonly collection: string;
  readonly fields: readonly FieldMapping[];
  /** `always`, or only where this holds (oracle quotes only where their payment row resolves). */
  readonly when?: 'parentResolves';
}

export interface ModelMapping {
  /** Mongoose model name, as amanat.md writes it. */
  readonly model: string;
  readonly domain: string;
  readonly collection: string;
  readonly table: string;
  /**
   * `objectId`: `_id` is an ObjectId, the row has `id uuid` (v7 from id_map) and `mongo_id char(24)`.
   * `text`: `_id` is a string kept as the primary key `id`.
   * `sequence`: a Counter: `_id` names a Postgres sequence, `seq` is its last value; no row.
   * `column`: `_id` is an ObjectId or text, kept as text in the column `key`; Postgres gives the row its own id. For tables
   * that exist already: nothing of them is in id_map.
   */
  readonly identity: 'objectId' | 'text' | 'sequence' | 'column';
  /** With `column`: where the row keeps the document's id. Unique. */
  readonly key?: string;
  /** With `column`: the column of the row's own id, of any type. Default: `id`. */
  readonly own?: string;
  readonly fields: readonly FieldMapping[];
  readonly children: readonly ChildMapping[];
  /** Rows are only ever added (the ledger): the drain inserts, never updates; a repair updates only where Postgres lets it. */
  readonly appendOnly: boolean;
  /** Documents vanish at this path's instant (TTL index): a row past it does not exist for any reader. */
  readonly expiresAt: string | null;
  /** Sums that must agree in both stores: what `reconcile` compares. */
  readonly sums?: readonly SumDeclaration[];
}

/** The column in which a row keeps the id of its document. */
export function keyColumn({ identity, key }: Pick<ModelMapping, 'identity' | 'key'>): string {
  switch (identity) {
    case 'objectId':
      return 'mongo_id';
    case 'column':
      return key ?? 'mongo_id';
    case 'text':
    case 'sequence':
      return 'id';
  }
}

/** The column of the row's own id, which references to it hold. */
export const ownColumn = ({ own }: Pick<ModelMapping, 'own'>): string => own ?? 'id';

/** `field('buyer', 'buyer_id', { kind: 'ref', collection: 'users' })` */
export const field = (path: string, column: string, type: FieldKind): FieldMapping => ({
  path,
  column,
  type,
  nullable: false,
});
/** The same, absent or null in Mongo becoming NULL. */
export const optional = (path: string, column: string, type: FieldKind): FieldMapping => ({
  path,
  column,
  type,
  nullable: true,
});
