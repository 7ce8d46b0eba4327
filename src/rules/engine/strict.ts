/** Exact JSON equality, and the same with the Extended JSON that a blob in Postgres holds. */
import type { JsonValue } from '../../types.ts';
import { canonicalDecimal } from '../decimal.ts';
import { canonicalJson, ExactNumber, isArray, isObject, type JsonObject, own } from '../exact-number.ts';
import { parseCanonicalInstant, parseInstant } from '../instant.ts';
import type { Json } from './node.ts';
import { isObjectId } from './run.ts';

/** Equal as JSON: numbers by value, keys in any order. */
export function strictEqual(primary: Json, twin: Json): boolean {
  if (primary === twin) return true;
  if (typeof primary !== 'object' || typeof twin !== 'object' || primary === null || twin === null) return false;
  if (isArray(primary) || isArray(twin)) return isArray(primary) && isArray(twin) && arraysEqual(primary, twin, false);
  return sameMembers(primary, twin, false);
}

/** Equal as blobs: `{"$oid"}`, `{"$date"}` and `{"$numberDecimal"}` are what the plain forms beside them denote. */
export function blobEqual(primary: Json, twin: Json): boolean {
  if (primary === twin) return true;
  if (primary === undefined || twin === undefined || primary === null || twin === null) return false;
  if (typeof primary !== 'object' || typeof twin !== 'object') return extendedEqual(primary, twin);
  if (isArray(primary) || isArray(twin)) return isArray(primary) && isArray(twin) && arraysEqual(primary, twin, true);
  return sameMembers(primary, twin, true) || extendedEqual(primary, twin);
}

function arraysEqual(primary: readonly JsonValue[], twin: readonly JsonValue[], blob: boolean): boolean {
  if (primary.length !== twin.length) return false;
  for (let i = 0; i < primary.length; i++) {
    const mine = primary[i];
    const its = twin[i];
    if (mine !== its && !(blob ? blobEqual(mine, its) : strictEqual(mine, its))) return false;
  }
  return true;
}

function sameMembers(mine: JsonObject, its: JsonObject, blob: boolean): boolean {
  if (mine instanceof ExactNumber || its instanceof ExactNumber) {
    return mine instanceof ExactNumber && its instanceof ExactNumber && mine.literal === its.literal;
  }
  let keys = 0;
  for (const key in mine) {
    const value = mine[key];
    const other = its[key];
    keys++;
    if (value === other) continue;
    // An absent `__proto__` or `constructor` would give the prototype's: nothing of the twin's.
    if (other === undefined || (typeof other === 'object' && !Object.hasOwn(its, key))) return false;
    if (!(blob ? blobEqual(value, other) : strictEqual(value, other))) return false;
  }
  for (const _ in its) keys--;
  return keys === 0;
}

/** Extended JSON against the plain form that the primary prints of the same value, or against another spelling. */
function extendedEqual(primary: JsonValue, twin: JsonValue): boolean {
  if (typeof primary === 'string') return denotes(twin, primary);
  if (typeof twin === 'string') return denotes(primary, twin);
  const mine = extendedMeaning(primary);
  return mine !== null && mine === extendedMeaning(twin);
}

/** Is the text what the primary prints for this Extended JSON? */
function denotes(value: JsonValue, text: string): boolean {
  const key = extendedKey(value);
  if (key === null || !isObject(value)) return false;
  const inner = value[key];
  if (key === '$oid') return inner === text && isObjectId(text);
  if (key !== '$date') return false;
  const ms = parseCanonicalInstant(text);
  return !Number.isNaN(ms) && ms === epochOf(inner);
}

/** An ObjectId and a date as the primary prints them, a decimal by its value; null for everything else. */
function extendedMeaning(value: JsonValue): string | null {
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
    default:
      return null;
  }
}

/** The key of an object that has one, where it is one of Extended JSON's. */
export function extendedKey(value: JsonValue): '$oid' | '$date' | '$numberDecimal' | null {
  if (!isObject(value)) return null;
  let only: string | null = null;
  for (const key in value) {
    if (only !== null) return null;
    only = key;
  }
  return only === '$oid' || only === '$date' || only === '$numberDecimal' ? only : null;
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

/** One text per meaning of a blob. */
export function blobMeaning(value: Json): string {
  if (isArray(value)) return `[${value.map(blobMeaning).join(',')}]`;
  if (!isObject(value)) return canonicalJson(value);
  const denoted = extendedMeaning(value);
  if (denoted !== null) return denoted;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${blobMeaning(own(value, key))}`).join(',')}}`;
}
