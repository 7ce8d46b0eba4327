/** Small steps through parsed JSON of unknown shape. */
import type { JsonValue } from '../../types.ts';
import { epochMs, isoTime } from './log-time.ts';

export type JsonObject = { readonly [key: string]: JsonValue };

/** The value, or why it is none. */
export function parsed(bytes: Uint8Array): { readonly value: JsonValue } | string {
  try {
    return { value: JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) };
  } catch {
    return 'it is not valid JSON';
  }
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of its own; never one of the prototype's. */
export function member(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** Characters that a header value cannot hold become bytes of UTF-8, one character each, as they go over the wire. */
export function wireText(value: string): string {
  return /[^\0-\xff]/.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value;
}

/** An instant as files write it: ISO 8601, or seconds, milliseconds, microseconds or nanoseconds since 1970. */
export function instantOf(value: JsonValue | undefined): number | null {
  if (typeof value === 'string') {
    if (/^\d+(\.\d+)?$/.test(value)) return epochMs(Number(value));
    if (value.length > 64) return null;
    // The engine takes an instant without a zone for one of this machine's.
    const at = isoTime(value) ?? (/^\d{4}-/.test(value) ? Number.NaN : Date.parse(value));
    return Number.isNaN(at) ? null : at;
  }
  return typeof value === 'number' ? epochMs(value) : null;
}
