import { MongoError } from '../mongo-error.ts';
import { Decimal } from './decimal.ts';
import { MAX_DEPTH } from './decode.ts';
import {
  Binary,
  Code,
  DateTime,
  type Encodable,
  Int32,
  MaxKey,
  MinKey,
  ObjectId,
  Raw,
  Regex,
  Timestamp,
} from './values.ts';

/** Encodes a document; fails when it is nested deeper than MongoDB allows, and than `more` levels around it. */
export function encode(document: ReadonlyMap<string, Encodable>, more = 0): Buffer {
  const writer = shared;
  writer.at = 0;
  writer.deepest = MAX_DEPTH + more;
  try {
    writer.document(document, 0);
    return Buffer.from(writer.bytes.subarray(0, writer.at));
  } finally {
    // One huge reply must not keep its memory.
    if (writer.bytes.length > 1 << 20) writer.bytes = Buffer.allocUnsafe(1 << 16);
  }
}

/** `room` may replace `bytes` by other memory: take its position first, and read `bytes` after. */
class Writer {
  bytes = Buffer.allocUnsafe(1 << 16);
  at = 0;
  deepest = MAX_DEPTH;

  /** May replace `bytes`: call it before naming them, else the value goes into the buffer that was left behind. */
  room(length: number): number {
    const start = this.at;
    const needed = start + length;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, start);
      this.bytes = larger;
    }
    this.at = needed;
    return start;
  }

  byte(value: number): void {
    const start = this.room(1);
    this.bytes[start] = value;
  }

  cstring(text: string): void {
    if (text.includes('\0')) throw new MongoError('BadValue', 'a field name may not contain a null byte');
    const start = this.room(text.length * 3 + 1);
    const length = this.bytes.write(text, start, 'utf8');
    this.bytes[start + length] = 0;
    this.at = start + length + 1;
  }

  string(text: string): void {
    const start = this.room(text.length * 3 + 5);
    const length = this.bytes.write(text, start + 4, 'utf8');
    this.bytes.writeInt32LE(length + 1, start);
    this.bytes[start + 4 + length] = 0;
    this.at = start + 5 + length;
  }

  document(document: ReadonlyMap<string, Encodable>, depth: number): void {
    const start = this.begin(depth);
    for (const [name, value] of document) this.field(name, value, depth + 1);
    this.end(start);
  }

  array(values: readonly Encodable[], depth: number): void {
    const start = this.begin(depth);
    for (let index = 0; index < values.length; index++) this.field(String(index), values[index] ?? null, depth + 1);
    this.end(start);
  }

  begin(depth: number): number {
    if (depth > this.deepest) throw new MongoError(15, `BSONObj exceeds maximum nested object depth: ${MAX_DEPTH}`);
    return this.room(4);
  }

  end(start: number): void {
    this.byte(0);
    this.bytes.writeInt32LE(this.at - start, start);
  }

  head(type: number, name: string): void {
    this.byte(type);
    this.cstring(name);
  }

  field(name: string, value: Encodable, depth: number): void {
    if (typeof value === 'string') {
      this.head(0x02, name);
      this.string(value);
    } else if (typeof value === 'number') {
      this.head(0x01, name);
      const start = this.room(8);
      this.bytes.writeDoubleLE(value, start);
    } else if (value instanceof Int32) {
      this.head(0x10, name);
      const start = this.room(4);
      this.bytes.writeInt32LE(value.value, start);
    } else if (value === null) {
      this.head(0x0a, name);
    } else if (typeof value === 'boolean') {
      this.head(0x08, name);
      this.byte(value ? 1 : 0);
    } else if (typeof value === 'bigint') {
      this.head(0x12, name);
      const start = this.room(8);
      this.bytes.writeBigInt64LE(value, start);
    } else if (value instanceof Map) {
      this.head(0x03, name);
      this.document(value, depth);
    } else if (Array.isArray(value)) {
      this.head(0x04, name);
      this.array(value, depth);
    } else if (value instanceof ObjectId) {
      this.head(0x07, name);
      const start = this.room(12);
      this.bytes.write(value.hex, start, 'hex');
    } else if (value instanceof DateTime) {
      this.head(0x09, name);
      const start = this.room(8);
      this.bytes.writeBigInt64LE(BigInt(value.ms), start);
    } else {
      this.rare(name, value);
    }
  }

  code(name: string, { source, scope }: Code): void {
    this.head(scope === undefined ? 0x0d : 0x0f, name);
    const start = scope === undefined ? this.at : this.room(4);
    this.string(source);
    if (scope === undefined) return;
    this.document(scope, 1);
    this.bytes.writeInt32LE(this.at - start, start);
  }

  rare(name: string, value: Encodable): void {
    if (value instanceof Raw) {
      this.head(0x03, name);
      const start = this.room(value.bytes.length);
      value.bytes.copy(this.bytes, start);
    } else if (value instanceof Decimal) {
      this.head(0x13, name);
      const start = this.room(16);
      value.toBytes().copy(this.bytes, start);
    } else if (value instanceof Binary) {
      this.head(0x05, name);
      const start = this.room(4);
      this.bytes.writeInt32LE(value.bytes.length, start);
      this.byte(value.subtype);
      const content = this.room(value.bytes.length);
      value.bytes.copy(this.bytes, content);
    } else if (value instanceof Regex) {
      this.head(0x0b, name);
      this.cstring(value.pattern);
      this.cstring(value.flags);
    } else if (value instanceof Timestamp) {
      this.head(0x11, name);
      const start = this.room(8);
      this.bytes.writeBigUInt64LE(value.value, start);
    } else if (value instanceof Code) {
      this.code(name, value);
    } else if (value instanceof MinKey) {
      this.head(0xff, name);
    } else if (value instanceof MaxKey) {
      this.head(0x7f, name);
    } else {
      throw new MongoError('InternalError', `a value of "${name}" has no BSON type`);
    }
  }
}

const shared = new Writer();
