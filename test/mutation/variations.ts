/** Variations: changes of the twin's answer after which it still means the same (amanat.md, "never"). */
import type { Random } from '../../src/amanat/demo/random.ts';
import { keyText, listKind } from './lists.ts';
import type { Pair, Raw } from './pair.ts';
import {
  bodyOf,
  changed,
  INSTANT,
  inForm,
  isDecimalForm,
  isJsonBody,
  isRecord,
  type Json,
  moneyText,
  type Place,
  pickSome,
  plusUnits,
  scaleOf,
} from './tree.ts';

export interface Operator {
  readonly name: string;
  /** Changed answers of the twin, at most `most`; none where it does not apply to this pair. */
  apply(pair: Pair, random: Random, most: number): readonly Raw[];
  /** Why it does not apply to an endpoint; null where it should. */
  excused(routeKey: string): string | null;
}

const always = (): null => null;

/** An operator on places of a JSON body of a good answer. */
export function onPlaces(
  name: string,
  fits: (place: Place, pair: Pair) => boolean,
  change: (place: Place, random: Random, pair: Pair) => Json | undefined,
): Operator {
  return {
    name,
    excused: always,
    apply(pair, random, most) {
      if (!isJsonBody(pair)) return [];
      const { twin, places } = bodyOf(pair);
      const fitting = places.filter((place) => fits(place, pair));
      return pickSome(fitting, random, most).map((place) => ({
        ...pair.twin,
        text: JSON.stringify(changed(twin, place.path, () => change(place, random, pair))),
      }));
    },
  };
}

/** As `onPlaces`, with a number written as it is told: `JSON.stringify` knows one spelling of each. */
export function onLiterals(
  name: string,
  fits: (place: Place, pair: Pair) => boolean,
  literal: (place: Place, random: Random) => string,
): Operator {
  const marked = onPlaces(name, fits, (place, random) => `@literal ${literal(place, random)}@`);
  return {
    ...marked,
    apply: (pair, random, most) =>
      marked.apply(pair, random, most).map((raw) => ({ ...raw, text: raw.text.replace(/"@literal ([^"]*)@"/, '$1') })),
  };
}

function shuffledKeys(value: Json, random: Random): Json {
  if (Array.isArray(value)) return value.map((item) => shuffledKeys(item, random));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    pickSome(Object.entries(value), random, Number.POSITIVE_INFINITY).map(([key, item]) => [
      key,
      shuffledKeys(item, random),
    ]),
  );
}

const wholeBody = (name: string, change: (text: string, random: Random) => string): Operator => ({
  name,
  excused: always,
  apply: (pair, random) => (isJsonBody(pair) ? [{ ...pair.twin, text: change(pair.twin.text, random) }] : []),
});

const headers = (name: string, change: (fields: string[], random: Random) => string[]): Operator => ({
  name,
  excused: always,
  apply: (pair, random) => [{ ...pair.twin, headers: change([...pair.twin.headers], random) }],
});

/** Every string of the text in \u escapes. */
const escaped = (text: string): string =>
  text.replace(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const VARIATIONS: readonly Operator[] = [
  wholeBody('keys in another order', (text, random) => JSON.stringify(shuffledKeys(JSON.parse(text), random))),
  wholeBody('white space', (text) => JSON.stringify(JSON.parse(text), null, 2)),
  wholeBody('characters escaped', escaped),
  wholeBody('a byte order mark', (text) => `\ufeff${text}`),
  onLiterals(
    'a number in another spelling',
    (place) => typeof place.value === 'number' && Math.abs(place.value) < 1e15,
    ({ value }) => {
      const digits = String(Math.abs(Number(value)));
      const sign = Number(value) < 0 || Object.is(value, -0) ? '-' : '';
      return `${sign}${digits.includes('e') ? digits.replace('e', 'E') : `${digits}e0`}`;
    },
  ),
  onLiterals(
    'a zero in another spelling',
    (place) => place.value === 0,
    (_place, random) => ['-0', '0.000', '0e400000000', '-0e-999'][random.below(4)] ?? '-0',
  ),
  onPlaces(
    'an amount with an exponent',
    (place) => moneyText(place) !== null && typeof place.value !== 'number',
    ({ value }) => {
      const text = isDecimalForm(value) ? value.$numberDecimal : String(value);
      const [whole = '0', fraction = ''] = text.split('.');
      return inForm(value, `${whole}${fraction}E-${fraction.length}`);
    },
  ),
  wholeBody('__v in every object', (text) => text.replace(/"_id":/g, '"__v":7,"_id":')),
  headers('Date, ETag and request id', (fields) => [
    ...fields,
    'Date',
    'Thu, 01 Jan 2026 00:00:00 GMT',
    'ETag',
    '"other"',
    'X-Request-Id',
    'r-1',
  ]),
  headers('header fields in another order', (fields, random) => {
    const pairs = fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1] ?? '']] : []));
    return pickSome(pairs, random, pairs.length).flat();
  }),
  headers('header names in capitals', (fields) =>
    fields.map((field, at) => (at % 2 === 0 ? field.toUpperCase() : field)),
  ),
  headers('transfer and connection fields', (fields) => [
    ...fields,
    'Connection',
    'close',
    'Transfer-Encoding',
    'chunked',
  ]),
  headers('spelling of the content type', (fields) =>
    fields.map((field, at) =>
      at % 2 === 1 && (fields[at - 1] ?? '').toLowerCase() === 'content-type'
        ? field.replace('; charset=utf-8', ';charset=UTF-8')
        : field,
    ),
  ),
  headers('the content type of JSON without its charset', (fields) =>
    fields.map((field, at) =>
      at % 2 === 1 && /^(application\/json|text\/csv)/.test(field) ? field.replace(/; ?charset=utf-8/i, '') : field,
    ),
  ),
  headers('directives in another order', (fields) =>
    fields.map((field, at) =>
      at % 2 === 1 && (fields[at - 1] ?? '').toLowerCase() === 'cache-control'
        ? field
            .split(',')
            .reverse()
            .join(' , ')
            .toUpperCase()
            .replace(/=(.*?)(?=[ ,]|$)/g, (same) => same.toLowerCase())
        : field,
    ),
  ),
  onPlaces(
    'an instant with +00:00',
    (place) => !place.blob && typeof place.value === 'string' && INSTANT.test(place.value),
    ({ value }) => String(value).replace('Z', '+00:00'),
  ),
  onPlaces(
    'an instant with microseconds',
    (place) => !place.blob && typeof place.value === 'string' && INSTANT.test(place.value),
    ({ value }) => String(value).replace('Z', '417Z'),
  ),
  onPlaces(
    'an instant in another zone',
    (place) => !place.blob && typeof place.value === 'string' && INSTANT.test(place.value),
    ({ value }) => `${new Date(Date.parse(String(value)) + 3_600_000).toISOString().slice(0, -1)}+01:00`,
  ),
  onPlaces(
    'zeros behind an amount',
    (place) => moneyText(place) !== null && typeof place.value !== 'number',
    ({ value }) => {
      const text = isDecimalForm(value) ? value.$numberDecimal : String(value);
      return inForm(value, text.includes('.') ? `${text}00` : `${text}.00`);
    },
  ),
  onPlaces(
    'an amount less than half a unit of its rounding away',
    (place) => roundingRoom(place) !== null,
    (place) => {
      const text = moneyText(place) ?? '0';
      return inForm(place.value, plusUnits(text, (scaleOf(place) ?? 0) + 3, roundingRoom(place) ?? 0n));
    },
  ),
  onPlaces(
    'a null left out',
    (place) =>
      place.value === null &&
      place.primary === undefined &&
      place.path.length > 0 &&
      typeof place.path.at(-1) === 'string',
    () => undefined,
  ),
  onPlaces(
    'a set in another order',
    (place, pair) => Array.isArray(place.value) && place.value.length > 1 && listKind(pair, place).kind === 'set',
    ({ value }) => (Array.isArray(value) ? value.toReversed() : value),
  ),
  onPlaces(
    'items of one sort key swapped',
    (place, pair) => tieAt(place, pair) !== null,
    (place, _random, pair) => {
      const at = tieAt(place, pair) ?? 0;
      return Array.isArray(place.value)
        ? place.value.toSpliced(at, 2, place.value[at + 1] as Json, place.value[at] as Json)
        : place.value;
    },
  ),
  onPlaces(
    'a cursor spelled otherwise',
    (place) => place.key === 'nextCursor' && typeof place.value === 'string',
    ({ value }) => {
      const { k, id } = JSON.parse(Buffer.from(String(value), 'base64url').toString());
      return Buffer.from(JSON.stringify({ id, k })).toString('base64url');
    },
  ),
];

/** How many thousandths of a unit may be added without another rounding; null where none. */
function roundingRoom(place: Place): bigint | null {
  const text = moneyText(place);
  const scale = scaleOf(place);
  if (text === null || scale === null || scale > 8 || typeof place.value === 'number') return null;
  const fraction = text.split('.')[1] ?? '';
  // Only from an amount that lies on a unit: elsewhere the direction of the rounding would have to be known.
  return /^0*$/.test(fraction.slice(scale)) ? 300n : null;
}

function tieAt(place: Place, pair: Pair): number | null {
  const { value } = place;
  if (!Array.isArray(value)) return null;
  const kind = listKind(pair, place);
  if (kind.kind !== 'keyed') return null;
  const at = value.findIndex(
    (item, index) =>
      index + 1 < value.length &&
      isRecord(item) &&
      item[kind.by] !== undefined &&
      keyText(item, kind.by) === keyText(value[index + 1], kind.by),
  );
  return at < 0 ? null : at;
}
