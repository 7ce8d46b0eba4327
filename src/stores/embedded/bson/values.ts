import type { Decimal } from './decimal.ts';

/**
 * BSON values in memory. Each BSON type has one form of its own, so that what was an int32 stays one:
 * double is `number`, int64 is `bigint`, int32 is `Int32`, a document is a `Map` (which keeps every key in its order,
 * `"10"` before `"2"` and `__proto__` too), an array is an array. A missing field is `undefined`.
 */
export type Value =
  | number
  | bigint
  | string
  | boolean
  | null
  | Int32
  | Decimal
  | ObjectId
  | DateTime
  | Binary
  | Regex
  | Timestamp
  | Code
  | MinKey
  | MaxKey
  | Doc
  | Value[];

export type Doc = Map<string, Value>;

/** A document that is sent as the bytes it was stored as. */
export class Raw {
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

export class Int32 {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class ObjectId {
  /** 24 lowercase hex digits, which order as the twelve bytes do. */
  readonly hex: string;
  constructor(hex: string) {
    this.hex = hex;
  }
}

export class DateTime {
  /** Milliseconds since 1970 in UTC. */
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

export class Binary {
  readonly subtype: number;
  readonly bytes: Buffer;
  constructor(subtype: number, bytes: Buffer) {
    this.subtype = subtype;
    this.bytes = bytes;
  }
}

export class Regex {
  readonly pattern: string;
  readonly flags: string;
  constructor(pattern: string, flags: string) {
    this.pattern = pattern;
    this.flags = flags;
  }
}

export class Timestamp {
  /** Unsigned 64 bits: seconds, then the increment. */
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

export class Code {
  readonly source: string;
  /** The variables it is bound to: code with a scope is a BSON type of its own. */
  readonly scope: Doc | undefined;
  constructor(source: string, scope?: Doc) {
    this.source = source;
    this.scope = scope;
  }
}

export class MinKey {}
export class MaxKey {}

/** Small integers are shared: most of what is stored is a count or a flag. */
const small = Array.from({ length: 1280 }, (_, index) => new Int32(index - 256));

export function int32(value: number): Int32 {
  return small[value + 256] ?? new Int32(value);
}

export function isDoc(value: unknown): value is Doc {
  return value instanceof Map;
}

/** What a reply may hold: values, and documents as the bytes they were stored as. */
export type Encodable = Value | Raw | readonly Encodable[] | ReadonlyMap<string, Encodable>;

/** A reply's document from fields written as TypeScript; a number is a double, fields that are undefined are left out. */
export function reply(fields: Readonly<Record<string, Encodable | undefined>>): Map<string, Encodable> {
  const made = new Map<string, Encodable>();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) made.set(name, value);
  }
  return made;
}
