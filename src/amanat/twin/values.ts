/**
 * The leaves of a twin's answer that look different in the two representations. A handler says what a value is; the
 * server renders it: twin (uuid, decimal string, null) or primary (ObjectId, the primary's number form, absent).
 */

export type TwinValue =
  | null
  | boolean
  | number
  | string
  | Leaf
  | readonly TwinValue[]
  | { readonly [key: string]: TwinValue };

export type Leaf = IdLeaf | AmountLeaf | InstantLeaf | BlobLeaf | CursorLeaf | ExplicitNullLeaf;

/** A class each, so that data that happens to look like a leaf never is one. */
export class IdLeaf {
  readonly uuid: string;
  readonly mongoId: string;
  constructor(uuid: string, mongoId: string) {
    this.uuid = uuid;
    this.mongoId = mongoId;
  }
}

export class AmountLeaf {
  /** Decimal text as Postgres gives it. */
  readonly decimal: string;
  /** How the primary prints it. */
  readonly form: 'double' | 'decimal128' | 'string';
  constructor(decimal: string, form: AmountLeaf['form']) {
    this.decimal = decimal;
    this.form = form;
  }
}

export class InstantLeaf {
  readonly at: Date;
  constructor(at: Date) {
    this.at = at;
  }
}

/** jsonb as stored: canonical Extended JSON for ObjectId, date and Decimal128. */
export class BlobLeaf {
  readonly json: unknown;
  constructor(json: unknown) {
    this.json = json;
  }
}

export class CursorLeaf {
  readonly key: string | number;
  readonly id: IdLeaf;
  constructor(key: string | number, id: IdLeaf) {
    this.key = key;
    this.id = id;
  }
}

/** A null that the primary prints too (a populated reference whose document is gone); a plain null is absent there. */
export class ExplicitNullLeaf {
  readonly value = null;
}

export const id = (uuid: string, mongoId: string): IdLeaf => new IdLeaf(uuid, mongoId);
export const amount = (decimal: string | null, form: AmountLeaf['form']): AmountLeaf | null =>
  decimal === null ? null : new AmountLeaf(decimal, form);
export const instantOf = (at: Date | null): InstantLeaf | null => (at === null ? null : new InstantLeaf(at));
export const blob = (json: unknown): BlobLeaf | null =>
  json === null || json === undefined ? null : new BlobLeaf(json);
export const explicitNull = (): ExplicitNullLeaf => new ExplicitNullLeaf();
