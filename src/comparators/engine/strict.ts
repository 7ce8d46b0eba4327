/** Exact JSON equality, and the same with the Extended JSON that a blob in Postgres holds. */
import type { JsonValue } from '../../types.ts';
import { canonicalDecimal, parseDecimal } from '../decimal.ts';
import { canonicalJson, ExactNumber, isArray, isObject, type JsonObject, own } from '../exact-number.ts';
import { parseInstant } from '../instant.ts';
import type { Json } from './node.ts';

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
  const mine = extendedMeaning(primary);
  const its = extendedMeaning(twin);
  if (mine === null && its === null) return false;
  return (mine ?? canonicalJson(primary)) === (its ?? canonicalJson(twin));
}

/** An ObjectId and a date as the primary prints them, a decimal by its value; null for everything else. */
function extendedMeaning(value: JsonValue): string | null {
  const denoted = extended(value);
  switch (denoted?.is) {
    case undefined:
      return null;
    case 'oid':
      return JSON.stringify(denoted.text);
    case 'date':
      return JSON.stringify(new Date(denoted.ms).toISOString());
    case 'decimal':
      return `{"$numberDecimal":=${canonicalDecimal(denoted.text)}}`;
  }
}

type Extended =
  | { readonly is: 'oid'; readonly text: string }
  | { readonly is: 'date'; readonly ms: number }
  | { readonly is: 'decimal'; readonly text: string };

function extended(value: JsonValue): Extended | null {
  if (!isObject(value)) return null;
  let key: string | null = null;
  for (const each in value) {
    if (key !== null) return null;
    key = each;
  }
  const inner = key === null ? undefined : own(value, key);
  if (key === '$oid')
    return typeof inner === 'string' && /^[0-9a-f]{24}$/.test(inner) ? { is: 'oid', text: inner } : null;
  if (key === '$numberDecimal') {
    return typeof inner === 'string' && parseDecimal(inner) !== null ? { is: 'decimal', text: inner } : null;
  }
  if (key !== '$date') return null;
  const ms = typeof inner === 'string' ? parseInstant(inner) : epochOf(inner);
  return ms === null ? null : { is: 'date', ms };
}

function epochOf(value: Json): number | null {
  if (!isObject(value)) return null;
  const long = own(value, '$numberLong');
  if (typeof long !== 'string' || !/^-?\d{1,16}$/.test(long) || Object.keys(value).length !== 1) return null;
  const ms = Number(long);
  return Math.abs(ms) <= LAST_DATE ? ms : null;
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
