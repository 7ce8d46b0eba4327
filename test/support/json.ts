/** Reads answers in tests without trusting their form: what is not there fails with a message. */
import type { JsonValue } from '../../src/types.ts';

export type JsonRecord = Readonly<Record<string, JsonValue>>;

export function recordOf(value: JsonValue | undefined): JsonRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`expected an object, found ${JSON.stringify(value)}`);
  }
  return Object.fromEntries(Object.entries(value));
}

export function arrayOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (!Array.isArray(value)) throw new Error(`expected an array, found ${JSON.stringify(value)}`);
  return value;
}

/** The items of `{ data: [...] }`. */
export function itemsOf(body: JsonValue): readonly JsonRecord[] {
  return arrayOf(recordOf(body).data).map(recordOf);
}

/** One field of each item, as text. */
export function column(body: JsonValue, field: string): readonly string[] {
  return itemsOf(body).map((item) => String(item[field]));
}
