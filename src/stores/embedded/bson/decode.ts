import { MongoError, notSupported } from '../mongo-error.ts';
import { Decimal } from './decimal.ts';
import { FIXED_LENGTHS, invalid, refusedType } from './kinds.ts';
import { keptName } from './names.ts';
import {
  Binary,
  Code,
  DateTime,
  type Doc,
  int32,
  MaxKey,
  MinKey,
  ObjectId,
  Regex,
  Timestamp,
  type Value,
} from './values.ts';

/** MongoDB's own limit on nested documents and arrays. */
export const MAX_DEPTH = 180;
/** The largest instant that a JavaScript number holds to the millisecond: far past the year 200,000. */
const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

/** Decodes the document that begins at `start`; fails with InvalidBSON on anything that is not well-formed. */
export function decode(bytes: Buffer, start = 0): Doc {
  return new Decoder(bytes, start).document(0);
}

/** Decodes only the named fields of the first level, in the order they lie; the rest is stepped over. */
export function decodeFields(bytes: Buffer, names: ReadonlySet<string>): Doc {
  return new Decoder(bytes, 0).fields(names);
}

/** The length that the document at `start` claims, checked against the bytes that are left. */
export function documentLength(bytes: Buffer, start: number): number {
  if (start + 5 > bytes.length) throw invalid('it ends within a document');
  const length = bytes.readInt32LE(start);
  if (length < 5 || start + length > bytes.length) throw invalid(`a document claims ${length} bytes`);
  if (bytes[start + length - 1] !== 0) throw invalid('a document does not end in 0');
  return length;
}

class Decoder {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  document(depth: number): Doc {
    const made: Doc = new Map();
    const end = this.begin(depth);
    let fields = 0;
    while (true) {
      const type = this.byte();
      if (type === 0) break;
      const name = this.cstring();
      made.set(name, this.value(type, depth + 1));
      fields += 1;
    }
    // MongoDB keeps both; a reader would see one or the other.
    if (made.size !== fields) throw notSupported('a document with two fields of one name');
    if (this.at !== end) throw invalid('a document does not end where it says');
    return made;
  }

  fields(names: ReadonlySet<string>): Doc {
    const made: Doc = new Map();
    this.begin(0);
    while (made.size < names.size) {
      const type = this.byte();
      if (type === 0) break;
      const name = this.cstring();
      if (names.has(name)) made.set(name, this.value(type, 1));
      else this.skip(type);
    }
    return made;
  }

  skip(type: number): void {
    const length = FIXED_LENGTHS.get(type);
    if (length !== undefined) this.take(length);
    else if (type === 0x03 || type === 0x04) this.take(documentLength(this.bytes, this.at));
    else if (type === 0x02 || type === 0x0d) this.take(this.bytes.readInt32LE(this.take(4)));
    else if (type === 0x0f) this.take(this.bytes.readInt32LE(this.take(4)) - 4);
    else if (type === 0x05) this.take(this.bytes.readInt32LE(this.take(4)) + 1);
    else this.value(type, 1);
  }

  array(depth: number): Value[] {
    const made: Value[] = [];
    const end = this.begin(depth);
    while (true) {
      const type = this.byte();
      if (type === 0) break;
      this.skipCstring();
      made.push(this.value(type, depth + 1));
    }
    if (this.at !== end) throw invalid('an array does not end where it says');
    return made;
  }

  begin(depth: number): number {
    if (depth > MAX_DEPTH) throw new MongoError(15, `BSONObj exceeds maximum nested object depth: ${MAX_DEPTH}`);
    const end = this.at + documentLength(this.bytes, this.at);
    this.at += 4;
    return end;
  }

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw invalid('it ends within a value');
    this.at += 1;
    return value;
  }

  skipCstring(): void {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) throw invalid('a name without an end');
    this.at = end + 1;
  }

  /** The same few names come again and again: one string of each is kept, found by a hash of its bytes. */
  cstring(): string {
    const { bytes, at } = this;
    let hash = 0;
    let end = at;
    for (; end < bytes.length; end++) {
      const byte = bytes[end] ?? 0;
      if (byte === 0) break;
      if (byte > 127) return this.longCstring();
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (end === bytes.length) throw invalid('a name without an end');
    this.at = end + 1;
    return keptName(bytes, at, end, hash);
  }

  longCstring(): string {
    const start = this.at;
    this.skipCstring();
    return this.bytes.toString('utf8', start, this.at - 1);
  }

  take(length: number): number {
    const start = this.at;
    if (length < 0 || start + length > this.bytes.length) throw invalid('a value that is longer than its document');
    this.at = start + length;
    return start;
  }

  string(): string {
    const length = this.bytes.readInt32LE(this.take(4));
    if (length < 1) throw invalid('a string of no bytes');
    const start = this.take(length);
    if (this.bytes[this.at - 1] !== 0) throw invalid('a string does not end in 0');
    return this.bytes.toString('utf8', start, this.at - 1);
  }

  value(type: number, depth: number): Value {
    switch (type) {
      case 0x01:
        return this.bytes.readDoubleLE(this.take(8));
      case 0x02:
        return this.string();
      case 0x03:
        return this.document(depth);
      case 0x04:
        return this.array(depth);
      case 0x05:
        return this.binary();
      case 0x07: {
        const start = this.take(12);
        return new ObjectId(this.bytes.toString('hex', start, start + 12));
      }
      case 0x08:
        return this.bytes[this.take(1)] === 1;
      case 0x09:
        return this.date();
      case 0x0a:
        return null;
      case 0x0b:
        return new Regex(this.cstring(), this.cstring());
      case 0x0d:
        return new Code(this.string());
      case 0x0f:
        return this.codeWithScope(depth);
      case 0x10:
        return int32(this.bytes.readInt32LE(this.take(4)));
      case 0x11:
        return new Timestamp(this.bytes.readBigUInt64LE(this.take(8)));
      case 0x12:
        return this.bytes.readBigInt64LE(this.take(8));
      case 0x13: {
        const start = this.take(16);
        return Decimal.fromBytes(this.bytes.subarray(start, start + 16));
      }
      case 0x7f:
        return new MaxKey();
      case 0xff:
        return new MinKey();
      default:
        throw refusedType(type);
    }
  }

  codeWithScope(depth: number): Code {
    const start = this.at;
    const length = this.bytes.readInt32LE(this.take(4));
    const code = new Code(this.string(), this.document(depth));
    if (this.at !== start + length) throw invalid('code with a scope does not end where it says');
    return code;
  }

  binary(): Binary {
    const length = this.bytes.readInt32LE(this.take(4));
    const subtype = this.byte();
    const start = this.take(length);
    return new Binary(subtype, Buffer.from(this.bytes.subarray(start, start + length)));
  }

  date(): DateTime {
    const ms = this.bytes.readBigInt64LE(this.take(8));
    if (ms > MAX_EXACT || ms < -MAX_EXACT) {
      throw notSupported(`a date of ${ms} ms`);
    }
    return new DateTime(Number(ms));
  }
}
