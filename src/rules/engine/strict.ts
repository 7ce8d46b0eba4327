/** Exact JSON equality, and the same with the Extended JSON that a blob in Postgres holds. */
import type { JsonValue } from '../../types.ts';
import { canonicalJson, ExactNumber, isArray, isObject, type JsonObject, own } from '../exact-number.ts';
import { extendedEqual, extendedMeaning } from './extended-json.ts';
import type { Json } from './node.ts';

/** Equal as JSON: numbers by value, keys in any order. */
export function strictEqual(primary: Json, twin: Json): boolean {
  if (primary === twin) return true;
  if (typeof primary !== 'object' || typeof twin !== 'object' || primary === null || twin === null) return false;
  if (isArray(primary) || isArray(twin)) return isArray(primary) && isArray(twin) && arraysEqual(primary, twin, false);
  return sameMembers(primary, twin, false);
}

/** Equal as blobs: Extended JSON is what the plain forms beside it denote. */
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
    // For an absent `__proto__` or `constructor` the lookup would give the prototype's, which is not the twin's.
    if (other === undefined || (typeof other === 'object' && !Object.hasOwn(its, key))) return false;
    if (!(blob ? blobEqual(value, other) : strictEqual(value, other))) return false;
  }
  for (const _ in its) keys--;
  return keys === 0;
}

/** One text per meaning of a blob. */
export function blobMeaning(value: Json): string {
  if (isArray(value)) return `[${value.map(blobMeaning).join(',')}]`;
  if (!isObject(value)) return canonicalJson(value);
  const denoted = extendedMeaning(value);
  if (denoted !== null) return denoted;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${blobMeaning(own(value, key))}`).join(',')}}`;
}
