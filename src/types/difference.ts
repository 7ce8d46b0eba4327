/** Where two answers differ. */

/** In which way two answers differ at one place. */
export type DifferenceKind = 'missing' | 'extra' | 'value' | 'type' | 'order' | 'status' | 'header';

/** What sort of wrong a difference is, without the values. */
export type Measure =
  | {
      readonly of: 'number';
      /** twin minus primary, in units of the scale, as a decimal string. */
      readonly delta: string;
      readonly unit: string;
    }
  | { readonly of: 'instant' /** twin minus primary. */; readonly shiftMs: number }
  | {
      readonly of: 'text';
      readonly how: 'trimmed' | 'case' | 'unicode_form' | 'empty' | 'other';
      readonly lengths: readonly [primary: number, twin: number];
    }
  | { readonly of: 'entity'; readonly how: 'wrong_known' | 'unknown' | 'collision' }
  | {
      readonly of: 'length';
      readonly lengths: readonly [primary: number, twin: number];
      /** What is counted, where it is no list. */
      readonly unit?: 'bytes';
    }
  | { readonly of: 'type'; readonly types: readonly [primary: JsonType, twin: JsonType] }
  | { readonly of: 'status'; readonly statuses: readonly [primary: number, twin: number] }
  | { readonly of: 'moved'; readonly from: number; readonly to: number }
  | { readonly of: 'none' };

export type JsonType = 'absent' | 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** One place where two answers do not mean the same. The values stay inside the verifier's process. */
export interface Difference {
  /** JSON pointer into the primary's body (twin's where the primary has none); `#status` and `#header/<name>` outside the body. */
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly primary: JsonValue | undefined;
  readonly twin: JsonValue | undefined;
  /** Name of the rule that found it: `money`, `ref`, `instant`, … */
  readonly rule: string;
  readonly measure: Measure;
}

/** A value as it may be stored or exported: type, length and keyed hash; the value itself only for paths the config lists. */
export interface RedactedValue {
  readonly type: JsonType;
  /** Characters, elements or keys; null for scalars without a length. */
  readonly length: number | null;
  /** HMAC-SHA256 over the canonical JSON, first 16 hex digits; equal values compare equal within one key. */
  readonly hash: string | null;
  readonly value?: JsonValue;
}

export interface RedactedDifference {
  readonly path: string;
  readonly kind: DifferenceKind;
  readonly rule: string;
  readonly measure: Measure;
  readonly primary: RedactedValue;
  readonly twin: RedactedValue;
}

/**
 * One kind of difference at one place of a route: what an engineer works on. A mismatch has one for each of its places,
 * so that eight causes are eight however they come together.
 */
export interface MismatchPattern {
  /** Stable hash of route, path and kind; `OTHERS` of the route for all beyond its limit of fingerprints. */
  readonly fingerprint: string;
  /** With `*` for array positions and record keys, without values. */
  readonly path: string;
  readonly kind: DifferenceKind;
  /** Rule and measure of the first difference there. */
  readonly rule: string;
  readonly measure: Measure;
  /** The rule is money or identity. */
  readonly fatal: boolean;
}
