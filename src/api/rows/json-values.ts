/** Stored values, of a document and of a row, as JSON that rules compare. */
import type { JsonValue } from '../../types.ts';
import type { FieldKind } from '../mapping.ts';
import type { StoredDocument } from './document-row.ts';

/** A BSON value as the reference API's JSON would show it. */

export function jsonOf(value: unknown): JsonValue | undefined {
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (Array.isArray(value)) return value.map((item) => jsonOf(item) ?? null);
  if (typeof value !== 'object') return String(value);
  if ('_bsontype' in value) return bsonJson(value, String(value._bsontype));
  const object: Record<string, JsonValue> = {};
  for (const [key, inner] of Object.entries(value)) {
    const json = jsonOf(inner);
    if (json === undefined) continue;
    // An assignment to `__proto__` would set the object's prototype, not a key.
    if (key === '__proto__')
      Object.defineProperty(object, key, { value: json, enumerable: true, configurable: true, writable: true });
    else object[key] = json;
  }
  return object;
}

function bsonJson(value: object, type: string): JsonValue {
  switch (type) {
    case 'Decimal128':
      return { $numberDecimal: String(value) };
    case 'Int32':
    case 'Double':
      return Number(String(value));
    case 'Long': {
      const number = Number(String(value));
      return Number.isSafeInteger(number) ? number : { $numberDecimal: String(value) };
    }
    default:
      return String(value);
  }
}

/** A row's value as the twin's API would show it. */
export function rowJson(type: FieldKind, value: unknown): JsonValue | undefined {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'int':
    case 'double':
      return typeof value === 'string' ? Number(value) : jsonOf(value);
    default:
      return jsonOf(value);
  }
}

export function valueAt(doc: StoredDocument, path: string): unknown {
  if (!path.includes('.')) return Object.hasOwn(doc, path) ? doc[path] : undefined;
  let value: unknown = doc;
  for (const key of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

export function arrayAt(doc: StoredDocument, path: string): readonly unknown[] {
  const value = valueAt(doc, path);
  return Array.isArray(value) ? value : [];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
