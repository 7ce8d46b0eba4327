/**
 * An item of a list as texts by dotted path that are the same on both sides whatever form each store prints: by them
 * the items of two lists are lined up before anything is known of their rules.
 */
import { canonicalDecimal } from '../../rules/decimal.ts';
import { isArray, isObject, own } from '../../rules/exact-number.ts';
import { parseInstant } from '../../rules/instant.ts';
import type { JsonValue } from '../../types.ts';
import { decimalTextOf, idFormOf, isExtendedScalar, isStrongId } from './forms.ts';

export interface FlatItem {
  /** Null and absent are no entries. */
  readonly texts: ReadonlyMap<string, string>;
  /** Paths that hold an ObjectId or a uuid. */
  readonly ids: ReadonlySet<string>;
}

const DEPTH = 6;
const ENTRIES = 200;

export function flatten(item: JsonValue): FlatItem {
  const texts = new Map<string, string>();
  const ids = new Set<string>();
  const walk = (value: JsonValue | undefined, path: string, depth: number): void => {
    if (value === undefined || value === null || texts.size >= ENTRIES) return;
    if (isObject(value) && !isExtendedScalar(value) && depth < DEPTH) {
      for (const key of Object.keys(value)) walk(own(value, key), path === '' ? key : `${path}.${key}`, depth + 1);
      return;
    }
    if (hasStrongId(value)) ids.add(path);
    texts.set(path, looseText(value));
  };
  walk(item, '', 0);
  return { texts, ids };
}

function hasStrongId(value: JsonValue): boolean {
  return isArray(value) ? value.some(hasStrongId) : isStrongId(idFormOf(value));
}

/** One text for all forms of one value. */
function looseText(value: JsonValue): string {
  if (isArray(value)) return JSON.stringify(value.map(looseText).sort());
  if (isExtendedScalar(value) && isObject(value)) {
    const inner = own(value, Object.keys(value)[0] ?? '');
    return looseText(isObject(inner) ? (own(inner, '$numberLong') ?? null) : (inner ?? null));
  }
  if (isObject(value)) {
    const entries = Object.entries(value).filter(([, held]) => held !== null);
    return JSON.stringify(entries.map(([key, held]) => `${key}=${looseText(held)}`).sort());
  }
  const decimal = decimalTextOf(value);
  if (decimal !== null) return canonicalDecimal(decimal) ?? decimal;
  if (typeof value !== 'string') return String(value);
  const ms = parseInstant(value);
  if (ms !== null) return `@${ms}`;
  return value.replace(/^https?:\/\/[^/?#]*/i, '');
}
