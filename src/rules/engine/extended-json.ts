/**
 * MongoDB Extended JSON, version 2, canonical and relaxed: which value one object stands for, and what a primary prints
 * for that value. Keys that come in twos (`$code` with `$scope`, `$ref` with `$id`) are compared as the objects they are.
 */
import type { JsonValue } from '../../types.ts';
import { canonicalDecimal } from '../decimal.ts';
import { canonicalJson, isObject, own } from '../exact-number.ts';
import { parseCanonicalInstant, parseInstant } from '../instant.ts';
import type { Json } from './node.ts';
import { isObjectId } from './run.ts';

const KEYS = [
  '$oid',
  '$date',
  '$numberDecimal',
  '$numberInt',
  '$numberLong',
  '$numberDouble',
  '$binary',
  '$uuid',
  '$regularExpression',
  '$timestamp',
  '$symbol',
  '$code',
  '$minKey',
  '$maxKey',
  '$undefined',
  '$dbPointer',
] as const;
type ExtendedKey = (typeof KEYS)[number];
const KNOWN: ReadonlyMap<string, ExtendedKey> = new Map(KEYS.map((key) => [key, key]));

/** The key of an object that has one, where it is one of Extended JSON's. */
export function extendedKey(value: JsonValue): ExtendedKey | null {
  if (!isObject(value)) return null;
  let only: string | null = null;
  for (const key in value) {
    if (only !== null || key.charCodeAt(0) !== DOLLAR) return null;
    only = key;
  }
  return only === null ? null : (KNOWN.get(only) ?? null);
}

const DOLLAR = 36;

/** Extended JSON against the plain form that the primary prints of the same value, or against another spelling. */
export function extendedEqual(primary: JsonValue, twin: JsonValue): boolean {
  if (typeof primary === 'string') return denotes(twin, primary);
  if (typeof twin === 'string') return denotes(primary, twin);
  const mine = extendedMeaning(primary);
  const its = extendedMeaning(twin);
  return (mine ?? plainNumber(primary)) === (its ?? plainNumber(twin)) && (mine !== null || its !== null);
}

/** The value of a number in Extended JSON; null for anything else. */
function plainNumber(value: JsonValue): string | null {
  return typeof value === 'number' || !isObject(value) ? canonicalJson(value) : null;
}

/** Is the text what the primary prints for this Extended JSON? */
function denotes(value: JsonValue, text: string): boolean {
  const key = extendedKey(value);
  if (key === null || !isObject(value)) return false;
  const inner = value[key];
  if (key === '$oid') return inner === text && isObjectId(text);
  if (key !== '$date') return extendedMeaning(value) === JSON.stringify(text);
  const ms = parseCanonicalInstant(text);
  return !Number.isNaN(ms) && ms === epochOf(inner);
}

/**
 * One text per value: for what a primary prints as plain JSON (ids, dates, integers, doubles, binary data in base64,
 * UUIDs, symbols) the JSON of that, else a text that no JSON has. Null for what is no valid Extended JSON of one value.
 */
export function extendedMeaning(value: JsonValue): string | null {
  const key = extendedKey(value);
  if (key === null || !isObject(value)) return null;
  const inner = own(value, key);
  switch (key) {
    case '$oid':
      return typeof inner === 'string' && isObjectId(inner) ? JSON.stringify(inner) : null;
    case '$date': {
      const ms = epochOf(inner);
      return ms === null ? null : JSON.stringify(new Date(ms).toISOString());
    }
    case '$numberDecimal': {
      const text = typeof inner === 'string' ? canonicalDecimal(inner) : null;
      return text === null ? null : `{"$numberDecimal":=${text}}`;
    }
    case '$numberInt':
      return typeof inner === 'string' && /^-?\d{1,10}$/.test(inner) ? canonicalDecimal(inner) : null;
    case '$numberLong':
      return typeof inner === 'string' && /^-?\d{1,19}$/.test(inner) ? canonicalDecimal(inner) : null;
    case '$numberDouble':
      return typeof inner === 'string' ? doubleMeaning(inner) : null;
    case '$binary':
      return binaryMeaning(inner);
    case '$uuid':
      return typeof inner === 'string' && UUID.test(inner) ? JSON.stringify(inner.toLowerCase()) : null;
    case '$symbol':
      return typeof inner === 'string' ? JSON.stringify(inner) : null;
    case '$regularExpression':
      return regexMeaning(inner);
    case '$minKey':
    case '$maxKey':
      return `{"${key}"}`;
    case '$timestamp':
    case '$code':
    case '$undefined':
    case '$dbPointer':
      return `{"${key}":=${canonicalJson(inner)}}`;
  }
}

/** The double's own shortest text, as JSON has it; words for what JSON has not. */
function doubleMeaning(text: string): string | null {
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return `{"$numberDouble":=${text}}`;
  if (canonicalDecimal(text) === null) return null;
  const double = Number(text);
  return Number.isFinite(double) ? canonicalJson(double) : null;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Generic data is printed as its base64, a UUID (subtype 4) as such; other subtypes have no plain form. */
function binaryMeaning(inner: Json): string | null {
  if (!isObject(inner)) return null;
  const base64 = own(inner, 'base64');
  const subType = own(inner, 'subType');
  if (typeof base64 !== 'string' || typeof subType !== 'string' || !/^[0-9a-f]{1,2}$/i.test(subType)) return null;
  const bytes = Buffer.from(base64, 'base64');
  const type = Number.parseInt(subType, 16);
  if (type === 4 && bytes.length === 16) {
    const hex = bytes.toString('hex');
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
    return JSON.stringify(parts.join('-'));
  }
  const text = JSON.stringify(bytes.toString('base64'));
  return type === 0 ? text : `{"$binary":=${type} ${text}}`;
}

/** Options are a set (bson specification: in alphabetical order). */
function regexMeaning(inner: Json): string | null {
  if (!isObject(inner)) return null;
  const pattern = own(inner, 'pattern');
  const options = own(inner, 'options');
  if (typeof pattern !== 'string' || typeof options !== 'string') return null;
  return `{"$regularExpression":=${JSON.stringify([pattern, [...options].sort().join('')])}}`;
}

/** `{"$numberLong": "…"}` as canonical Extended JSON has it, or the relaxed form's ISO text. */
function epochOf(value: Json): number | null {
  if (typeof value === 'string') return parseInstant(value);
  if (!isObject(value)) return null;
  const long = value.$numberLong;
  if (typeof long !== 'string' || !isWhole(long)) return null;
  for (const key in value) if (key !== '$numberLong') return null;
  const ms = Number(long);
  return Math.abs(ms) <= LAST_DATE ? ms : null;
}

/** Up to 16 digits, perhaps a minus. */
function isWhole(text: string): boolean {
  const from = text.charCodeAt(0) === 45 ? 1 : 0;
  const digits = text.length - from;
  if (digits < 1 || digits > 16) return false;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** The last instant a JavaScript date, and so a BSON date that the primary prints, can have (ECMA-262, 21.4.1.1). */
const LAST_DATE = 8.64e15;
