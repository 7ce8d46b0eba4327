/**
 * Which values may be stored and shown to people: those whose rule says so, and those that are nobody's data by their
 * rule and form together (a word of an `enum`, a boolean, an instant). Everything else leaves the process as a hash.
 */
import type { JsonValue } from '../types.ts';
import { unescapeSegment } from './engine/path.ts';
import { canonicalJson, isArray, isObject, numberText } from './exact-number.ts';
import { parseInstant } from './instant.ts';
import type { Comparator, Rule, Word } from './rule.ts';
import { rowsOf, ruleBelow } from './walk.ts';

/** A place in an answer: its rule (null where no rule names it), and what the rules around it say about showing. */
export interface Place {
  readonly rule: Rule | null;
  readonly show: boolean | null;
  /** As `Comparator.names`. */
  readonly names?: true;
}

/** The comparator whose differences are redacted: where their paths begin, and its rules for header fields. */
export interface Showing {
  readonly body: Place;
  readonly headers: Readonly<Record<string, Rule>>;
}

/** No rules: nothing is shown. */
export const NOTHING_SHOWN: Showing = Object.freeze({ body: Object.freeze({ rule: null, show: null }), headers: {} });

/** Header fields that are words of the protocol. */
const PLAIN_FIELDS: ReadonlySet<string> = new Set(['content-type', 'cache-control']);

/** Longer values are not shown, even where a rule allows it: they are no single words. */
const SHOWN_LENGTH = 2_000;

/** The rules that a comparator's answers are shown by. */
export function showingOf(comparator: Comparator, good: boolean): Showing {
  const top = topOf(good ? comparator.body : comparator.error);
  return {
    body: comparator.names === true ? { ...top, names: true } : top,
    headers: comparator.headerRules ?? {},
  };
}

export function topOf(rule: Rule): Place {
  return placed(rule, null);
}

/** The place of a member or an element. */
export function placeBelow(around: Place, segment: string): Place {
  const below = ruledBelow(around, segment);
  return around.names === true ? { ...below, names: true } : below;
}

function ruledBelow({ rule, show }: Place, segment: string): Place {
  const below = rule?.rule === 'csv' ? csvBelow(rule, segment) : ruleBelow(rule, segment);
  if (below !== null) return placed(below, show);
  // What lies inside a value that is one for its rule is shown with it; a field that an object's rule does not name is not.
  return { rule: null, show: show === true && isWhole(rule) ? true : null };
}

/** The place of a JSON pointer, and of each segment before it: one more than there are segments. */
export function placesAlong(from: Place, segments: readonly string[]): readonly Place[] {
  const places = [from];
  let at = from;
  for (const segment of segments) {
    at = placeBelow(at, unescapeSegment(segment));
    places.push(at);
  }
  return places;
}

/** May this value at this place be shown, with everything in it? */
export function mayShow(place: Place, value: JsonValue | undefined): boolean {
  if (value === undefined) return true;
  return isOpen(place, value) && !isLong(value);
}

/** May a header field's value be shown? */
export function mayShowField(name: string, showing: Showing, value: JsonValue | undefined): boolean {
  const rule = Object.hasOwn(showing.headers, name) ? showing.headers[name] : undefined;
  return rule === undefined ? PLAIN_FIELDS.has(name) : mayShow(topOf(rule), value);
}

/** The value with its secrets replaced, for whatever reason its path is shown. */
export function withoutSecrets(place: Place, value: JsonValue): JsonValue {
  const { rule } = place;
  if (rule?.rule === 'secret') return value === null ? null : '(secret)';
  if (isArray(value)) return value.map((item, i) => withoutSecrets(placeBelow(place, String(i)), item));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withoutSecrets(placeBelow(place, name), inner)]),
  );
}

function placed(rule: Rule, around: boolean | null): Place {
  const show = rule.show ?? around;
  return rule.rule === 'nullable' ? placed(rule.of, show) : { rule, show };
}

function csvBelow(rule: Extract<Rule, { rule: 'csv' }>, segment: string): Rule | null {
  // The header row is as public as the names of an object's fields.
  return segment === 'header' ? { rule: 'strict', show: true } : ruleBelow(rowsOf(rule), segment);
}

/** Rules whose value is one, whatever lies in it. */
function isWhole(rule: Rule | null): boolean {
  return rule === null || rule.rule === 'jsonb' || rule.rule === 'strict' || rule.rule === 'custom';
}

function isOpen(place: Place, value: JsonValue): boolean {
  const { rule, show } = place;
  if (rule?.rule === 'secret' || show === false) return false;
  if (rule === null) return show === true;
  switch (rule.rule) {
    case 'object':
      return isObject(value)
        ? Object.entries(value).every(([name, inner]) => isOpen(placeBelow(place, name), inner))
        : show === true;
    case 'list':
      return isArray(value) ? value.every((item) => isOpen(placed(rule.of, show), item)) : show === true;
    case 'record':
      // Its keys are data, so that values that may be shown are not enough.
      return show === true && isObject(value)
        ? Object.values(value).every((inner) => isOpen(placed(rule.of, show), inner))
        : show === true;
    case 'csv':
      return false;
    case 'enum':
      return value === null || rule.values.some((word) => isWord(word, value));
    case 'bool':
      return value === null || typeof value === 'boolean' || show === true;
    case 'instant':
      return value === null || (typeof value === 'string' && parseInstant(value) !== null);
    case 'number':
      return show === true && (value === null || numberText(value) !== null || isNumberText(value));
    default:
      return show === true;
  }
}

/** A word that differs only in case or in blanks around it is shown too, since this difference is worth seeing. */
function isWord(word: Word, value: JsonValue): boolean {
  if (typeof word !== 'string') return value === word || value === String(word);
  return typeof value === 'string' && value.trim().toLowerCase() === word.toLowerCase();
}

const isNumberText = (value: JsonValue): boolean =>
  typeof value === 'string' && /^-?\d{1,40}(\.\d{1,40})?$/.test(value);

const isLong = (value: JsonValue): boolean => canonicalJson(value).length > SHOWN_LENGTH;
