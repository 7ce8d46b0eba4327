/**
 * Differences as they may be stored and exported. Values become type, length and a keyed hash; they themselves go out
 * only at paths that the config lists. So do keys of data: a segment that no rule names (a metadata key, a record key,
 * an unknown field) becomes `~k` and a keyed hash, which no JSON pointer can contain otherwise; positions stay.
 */
import { createHmac } from 'node:crypto';
import type { Difference, JsonValue, RedactedDifference, RedactedValue } from '../types.ts';
import { unescapeSegment } from './engine/path.ts';
import { canonicalJson, isArray, isObject, jsonTypeOf } from './exact-number.ts';
import type { DescribedDifference, StepKind } from './rule.ts';

export interface Redaction {
  /** HMAC key: hashes compare within one key only. */
  readonly key: string | Uint8Array;
  /** Path patterns whose values and keys may be shown: `*` is any one segment, a last `**` all that follows. */
  readonly shown: readonly string[];
}

export function redact(difference: Difference | DescribedDifference, redaction: Redaction): RedactedDifference {
  const shown = difference.rule !== 'secret' && isShown(difference.path, redaction.shown);
  return Object.freeze({
    path: redactPath(difference, redaction),
    kind: difference.kind,
    rule: difference.rule,
    measure: difference.measure,
    primary: redactValue(difference.primary, redaction.key, shown),
    twin: redactValue(difference.twin, redaction.key, shown),
  });
}

/** Type, length and keyed hash of a value. Absent has neither length nor hash. */
export function redactValue(value: JsonValue | undefined, key: string | Uint8Array, shown = false): RedactedValue {
  const type = jsonTypeOf(value);
  if (value === undefined) return Object.freeze({ type, length: null, hash: null });
  const redacted: RedactedValue = { type, length: lengthOf(value), hash: keyedHash(canonicalJson(value), key) };
  return Object.freeze(shown ? { ...redacted, value } : redacted);
}

/** HMAC-SHA256, first 16 hex digits. */
export function keyedHash(text: string, key: string | Uint8Array): string {
  return createHmac('sha256', key).update(text).digest('hex').slice(0, 16);
}

function lengthOf(value: JsonValue): number | null {
  if (typeof value === 'string' || isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : null;
}

function redactPath(difference: Difference | DescribedDifference, redaction: Redaction): string {
  const { path } = difference;
  if (!path.startsWith('/')) return path;
  const steps = 'steps' in difference ? difference.steps : null;
  const segments = path.split('/');
  return segments
    .map((segment, i) => {
      if (i === 0 || isNamed(steps, i - 1, segment) || isShown(segments.slice(0, i + 1).join('/'), redaction.shown)) {
        return segment;
      }
      return `~k${keyedHash(unescapeSegment(segment), redaction.key).slice(0, 8)}`;
    })
    .join('/');
}

/** Fields of the rules and positions are no one's data. Without step kinds nothing is known to be named but positions. */
function isNamed(steps: readonly StepKind[] | null, i: number, segment: string): boolean {
  if (steps === null) return /^\d{1,6}$/.test(segment);
  return steps[i] === 'field' || steps[i] === 'position';
}

/** Does a pointer lie at or, by `**`, under one of the patterns? */
export function isShown(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matches(pattern.split('/'), path.split('/')));
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  for (const [i, part] of pattern.entries()) {
    if (part === '**') return i === pattern.length - 1 && path.length > i;
    if (i >= path.length || (part !== '*' && part !== path[i])) return false;
  }
  return pattern.length === path.length;
}
