/**
 * Differences as they may be stored and exported. Values become type, length and a keyed hash; they themselves go out
 * only where their rule shows them, and at paths that the config lists. So do keys of data: a metadata key or a record key
 * becomes `~k` and a keyed hash, which no JSON pointer can contain otherwise. Positions stay, and so does a field that no
 * rule names in an object whose other fields are named.
 */
import { createHmac } from 'node:crypto';
import type { Difference, JsonValue, RedactedDifference, RedactedValue } from '../types.ts';
import { unescapeSegment } from './engine/path.ts';
import { canonicalJson, isArray, isObject, jsonTypeOf } from './exact-number.ts';
import type { DescribedDifference, StepKind } from './rule.ts';
import {
  mayShow,
  mayShowField,
  NOTHING_SHOWN,
  type Place,
  placesAlong,
  type Showing,
  withoutSecrets,
} from './shown.ts';

export interface Redaction {
  /** HMAC key: hashes made with different keys cannot be compared. */
  readonly key: string | Uint8Array;
  /** Path patterns whose values and keys may be shown: `*` is any one segment, a last `**` all that follows. */
  readonly shown: readonly string[];
}

export function redact(
  difference: Difference | DescribedDifference,
  redaction: Redaction,
  showing: Showing = NOTHING_SHOWN,
): RedactedDifference {
  const { path, kind, rule, measure, primary, twin } = difference;
  const places = placesAlong(showing.body, path.startsWith('/') ? path.slice(1).split('/') : []);
  const listed = isShown(path, redaction.shown);
  const shown = (value: JsonValue | undefined): boolean =>
    rule !== 'secret' && (listed || isShownByRule(path, places, showing, value));
  return Object.freeze({
    path: redactPath(difference, places, redaction),
    kind,
    rule,
    measure,
    primary: redactValue(primary, redaction.key, shown(primary) ? places.at(-1) : undefined),
    twin: redactValue(twin, redaction.key, shown(twin) ? places.at(-1) : undefined),
  });
}

function isShownByRule(
  path: string,
  places: readonly Place[],
  showing: Showing,
  value: JsonValue | undefined,
): boolean {
  if (path === '#status') return true;
  if (path.startsWith('#header/')) return mayShowField(path.slice('#header/'.length), showing, value);
  const at = places.at(-1);
  return at !== undefined && mayShow(at, value);
}

/**
 * Type, length and keyed hash of a value, and the value itself, less its secrets, where its place is given. Absent has
 * neither length nor hash.
 */
export function redactValue(value: JsonValue | undefined, key: string | Uint8Array, shownAt?: Place): RedactedValue {
  const type = jsonTypeOf(value);
  if (value === undefined) return Object.freeze({ type, length: null, hash: null });
  const redacted: RedactedValue = { type, length: lengthOf(value), hash: keyedHash(canonicalJson(value), key) };
  return Object.freeze(shownAt === undefined ? redacted : { ...redacted, value: withoutSecrets(shownAt, value) });
}

/** HMAC-SHA256, first 16 hex digits. */
function keyedHash(text: string, key: string | Uint8Array): string {
  return createHmac('sha256', key).update(text).digest('hex').slice(0, 16);
}

function lengthOf(value: JsonValue): number | null {
  if (typeof value === 'string' || isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : null;
}

function redactPath(
  difference: Difference | DescribedDifference,
  places: readonly Place[],
  redaction: Redaction,
): string {
  const { path } = difference;
  if (!path.startsWith('/')) return path;
  const steps = 'steps' in difference ? difference.steps : null;
  const segments = path.split('/');
  return segments
    .map((segment, i) => {
      if (i === 0 || isNamed(steps, i - 1, segment) || isNameShown(places[i - 1], unescapeSegment(segment)))
        return segment;
      if (isShown(segments.slice(0, i + 1).join('/'), redaction.shown)) return segment;
      return hashedKey(unescapeSegment(segment), redaction.key);
    })
    .join('/');
}

/** The hash that stands for a key that may be personal data. */
export function hashedKey(name: string, key: string | Uint8Array): string {
  return `~k${keyedHash(name, key).slice(0, 8)}`;
}

/** A name as an API gives it to a field; longer ones, and those with many digits, may be personal data. */
const FIELD_NAME = /^(?!.*\d{4})[a-z_$][\w$-]{0,63}$/i;

/** The same without what tokens and codes have: a digit before a letter. */
const PLAIN_NAME = /^(?!.*(?:\d{4}|\d[a-z]))[a-z_$][\w$-]{0,39}$/i;

/** May the name of a member be shown? Yes in an object whose fields rules name, and in a value that is shown as a whole. */
export function isNameShown(around: Place | undefined, name: string): boolean {
  if (around?.rule?.rule === 'object') return Object.hasOwn(around.rule.fields, name) || FIELD_NAME.test(name);
  return around?.show === true || (around?.names === true && PLAIN_NAME.test(name));
}

/** Fields that rules name, and positions, are nobody's data. Without step kinds only positions are known. */
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
