/**
 * JSON numbers that a double cannot hold. `JSON.parse` would silently turn 9007199254740993 into …992; such a
 * literal travels as an `ExactNumber` instead, so that it never equals a number of another value.
 */
import type { JsonType, JsonValue } from '../types.ts';
import { canonicalDecimal } from './decimal.ts';

/** A number literal whose decimal value is not the one its double prints; `literal` is in canonical form. */
export class ExactNumber {
  readonly [key: string]: string;
  readonly literal: string;
  constructor(literal: string) {
    this.literal = literal;
  }
}

/** The literal as a double where that is its value, else as an ExactNumber. */
export function numberOf(source: string): number | ExactNumber {
  const double = Number(source);
  const literal = canonicalDecimal(source);
  if (literal === null) return new ExactNumber(source);
  return canonicalDecimal(String(double)) === literal ? double : new ExactNumber(literal);
}

export function isExactNumber(value: unknown): value is ExactNumber {
  return value instanceof ExactNumber;
}

export function jsonTypeOf(value: JsonValue | undefined): JsonType {
  switch (typeof value) {
    case 'undefined':
      return 'absent';
    case 'boolean':
      return 'boolean';
    case 'number':
      return 'number';
    case 'string':
      return 'string';
    default:
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'array';
      return isExactNumber(value) ? 'number' : 'object';
  }
}

export type JsonObject = { readonly [key: string]: JsonValue };
export type JsonArray = readonly JsonValue[];

export function isArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}

/** A JSON object proper: not null, not an array, not an exact number. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

/** An own property, or undefined: `constructor` and `__proto__` are data like any other key. */
export function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** JSON with sorted keys and exact numbers: equal text, equal value. -0 prints as 0. */
export function canonicalJson(value: JsonValue | undefined): string {
  if (value === undefined) return 'undefined';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof ExactNumber) return value.literal;
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return 'null';
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(own(value, key))}`).join(',')}}`;
}

/** The decimal text of a JSON number, exact or double; null for anything else. */
export function numberText(value: JsonValue | undefined): string | null {
  if (typeof value === 'number') return String(value);
  return isExactNumber(value) ? value.literal : null;
}
