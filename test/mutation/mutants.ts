/** Mutants: single changes of the twin's answer, each somebody's money or somebody's data (amanat.md, "always"). */
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
  OBJECT_ID,
  type Place,
  pickSome,
  plusUnits,
  scaleOf,
  UUID,
} from './tree.ts';
import { type Operator, onLiterals, onPlaces } from './variations.ts';

/** Ids that some endpoint showed, so that a wrong one can be a known one. */
export type KnownIds = Readonly<Record<'twin' | 'primary', readonly string[]>>;

const isId = (value: Json): value is string => typeof value === 'string' && (UUID.test(value) || OBJECT_ID.test(value));
const isInstant = (value: Json): value is string => typeof value === 'string' && INSTANT.test(value);
/** Text that is neither id, instant, money nor cursor. */
const isText = (place: Place): place is Place & { value: string } =>
  typeof place.value === 'string' &&
  place.value !== '' &&
  !isId(place.value) &&
  !isInstant(place.value) &&
  moneyText(place) === null &&
  place.key !== 'nextCursor' &&
  !place.blob &&
  place.primary === place.value;
/** A plain number outside money: its form is part of its meaning. */
const isNumber = (place: Place): place is Place & { value: number } =>
  typeof place.value === 'number' && moneyText(place) === null;
const isError = (pair: Pair): boolean => pair.twin.status >= 400;

const notExcused = (): null => null;

function onList(
  name: string,
  fits: (place: Place & { value: Json[] }, pair: Pair) => boolean,
  change: (items: Json[], place: Place, pair: Pair, at: number) => Json[] | null,
): Operator {
  return {
    name,
    excused: notExcused,
    apply(pair, random, most) {
      if (!isJsonBody(pair)) return [];
      const { twin, places } = bodyOf(pair);
      const lists = places.filter(
        (place): place is Place & { value: Json[] } =>
          Array.isArray(place.value) && place.value.length > 0 && fits(place as Place & { value: Json[] }, pair),
      );
      return pickSome(lists, random, most).flatMap((place) => {
        const next = change([...place.value], place, pair, random.below(place.value.length));
        return next === null ? [] : [{ ...pair.twin, text: JSON.stringify(changed(twin, place.path, () => next)) }];
      });
    },
  };
}

/** Two neighbours that are not the same, where their order says something. */
function swapped(items: Json[], place: Place, pair: Pair): Json[] | null {
  const kind = listKind(pair, place);
  const at = items.findIndex((item, index) => {
    const next = items[index + 1];
    if (next === undefined || JSON.stringify(item) === JSON.stringify(next)) return false;
    if (kind.kind === 'keyed')
      return (
        isRecord(item) &&
        isRecord(next) &&
        item[kind.by] !== undefined &&
        next[kind.by] !== undefined &&
        keyText(item, kind.by) !== keyText(next, kind.by) &&
        sortsApart(item[kind.by], next[kind.by])
      );
    return kind.kind === 'total';
  });
  return at < 0 ? null : items.toSpliced(at, 2, items[at + 1] as Json, items[at] as Json);
}

/** Money of one rounded value in two spellings is one key. */
const sortsApart = (one: Json | undefined, other: Json | undefined): boolean => {
  const number = (value: Json | undefined): number => Number(isDecimalForm(value) ? value.$numberDecimal : value);
  return Number.isNaN(number(one)) || Number.isNaN(number(other)) || Math.abs(number(one) - number(other)) > 0.02;
};

const whole = (
  name: string,
  change: (raw: Raw, pair: Pair) => Raw | null,
  excused: Operator['excused'] = notExcused,
): Operator => ({
  name,
  excused,
  apply(pair) {
    const next = change(pair.twin, pair);
    return next === null ? [] : [next];
  },
});

const withField = (raw: Raw, name: string, value: string): Raw => ({
  ...raw,
  headers: raw.headers
    .flatMap((field, at) => (at % 2 === 0 && field.toLowerCase() !== name ? [field, raw.headers[at + 1] ?? ''] : []))
    .concat([name, value]),
});

/** Numbers that no double holds: infinite or zero to a careless reader. */
const FAR = ['1e999', '-1e999', '1e400000000', '1e-999'];

/** What some reader somewhere takes for a number. */
const NO_AMOUNTS: readonly (readonly [name: string, change: (text: string) => string])[] = [
  ['NaN', () => 'NaN'],
  ['Infinity', () => 'Infinity'],
  ['a text with white space', (text) => ` ${text} `],
  ['a text with letters behind', (text) => `${text}x`],
  ['a text with underscores', (text) => `0_${text}`],
  ['hexadecimal', () => '0x10'],
  ['Arabic digits', (text) => text.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))],
];

export function mutants(known: KnownIds): readonly Operator[] {
  const anotherId = (place: Place): Json => {
    const ids = known[UUID.test(String(place.value)) ? 'twin' : 'primary'];
    return ids.find((id) => id !== place.value) ?? null;
  };
  return [
    onList(
      'a row missing',
      (place) => !place.blob && place.path.length > 0,
      (items, _place, _pair, at) => items.toSpliced(at, 1),
    ),
    onList(
      'a row extra',
      (place) => !place.blob && place.path.length > 0,
      (items, _place, _pair, at) => items.toSpliced(at, 0, items[at] as Json),
    ),
    onList('items in another order', (place, pair) => listKind(pair, place).kind !== 'set', swapped),
    onList(
      'an empty list',
      (place) => place.path.length > 0,
      () => [],
    ),
    onPlaces(
      'an amount off by one unit',
      (place) => moneyText(place) !== null && scaleOf(place) !== null && isExact(place),
      (place) => inForm(place.value, plusUnits(moneyText(place) ?? '0', scaleOf(place) ?? 0, 1n)),
    ),
    onPlaces(
      'an amount off by one unit below',
      (place) => moneyText(place) !== null && scaleOf(place) !== null && isExact(place),
      (place) => inForm(place.value, plusUnits(moneyText(place) ?? '0', scaleOf(place) ?? 0, -1n)),
    ),
    onPlaces(
      'base units off by one',
      (place) => typeof place.value === 'string' && /^\d{6,}$/.test(place.value) && /BaseUnits$/.test(place.key),
      ({ value }) => String(BigInt(String(value)) + 1n),
    ),
    onPlaces('a number off by one', isNumber, ({ value }) => Number(value) + 1),
    ...FAR.map((literal) => onLiterals(`the number ${literal}`, isNumber, () => literal)),
    ...FAR.map((literal) =>
      onLiterals(
        `the amount ${literal}`,
        (place) => moneyText(place) !== null && (!literal.includes('e-') || Math.abs(Number(moneyText(place))) >= 1),
        () => literal,
      ),
    ),
    ...NO_AMOUNTS.map(([name, change]) =>
      onPlaces(
        `an amount as ${name}`,
        (place) => moneyText(place) !== null && typeof place.value !== 'number',
        (place) => inForm(place.value, change(moneyText(place) ?? '')),
      ),
    ),
    onPlaces('a number become a string', isNumber, ({ value }) => String(value)),
    onPlaces(
      'a reference to another known entity',
      (place) => !place.blob && isId(place.value) && isId(place.primary ?? null),
      anotherId,
    ),
    onPlaces(
      'a reference to an unknown entity',
      (place) => !place.blob && isId(place.value) && isId(place.primary ?? null),
      ({ value }) => (UUID.test(String(value)) ? '0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee' : 'fffffffffffffffffffffffe'),
    ),
    onPlaces(
      'an instant off by a millisecond',
      (place) => !place.blob && isInstant(place.value),
      ({ value }) => new Date(Date.parse(String(value)) + 1).toISOString(),
    ),
    onPlaces(
      'an instant off by an hour',
      (place) => !place.blob && isInstant(place.value),
      ({ value }) => new Date(Date.parse(String(value)) - 3_600_000).toISOString(),
    ),
    onPlaces(
      'an instant without its zone',
      (place) => !place.blob && isInstant(place.value),
      ({ value }) => String(value).replace('Z', ''),
    ),
    onPlaces(
      'a boolean flipped',
      ({ value }) => typeof value === 'boolean',
      ({ value }) => value !== true,
    ),
    onPlaces(
      'a text in another case',
      (place) => isText(place) && place.value !== place.value.toUpperCase(),
      ({ value }) => String(value).toUpperCase(),
    ),
    onPlaces('a text trimmed or padded', isText, ({ value }) =>
      String(value).trim() === value ? `${value} ` : String(value).trim(),
    ),
    onPlaces(
      'a text in another Unicode form',
      (place) => isText(place) && otherForm(place.value) !== place.value,
      ({ value }) => otherForm(String(value)),
    ),
    onPlaces(
      'a text cut',
      (place) => isText(place) && place.value.length > 1,
      ({ value }) => [...String(value)].slice(0, -1).join(''),
    ),
    onPlaces('an empty string for a text', isText, () => ''),
    onPlaces(
      'an empty string for null',
      (place) => place.value === null && place.path.length > 0,
      () => '',
    ),
    onPlaces(
      'an empty list for null',
      (place) => place.value === null && place.path.length > 0,
      () => [],
    ),
    onPlaces(
      'null for a value',
      (place) =>
        place.value !== null &&
        place.path.length > 0 &&
        place.primary !== undefined &&
        place.primary !== null &&
        typeof place.path.at(-1) === 'string' &&
        place.key !== '__v',
      () => null,
    ),
    onPlaces(
      'a field lost',
      (place) =>
        place.value !== null &&
        place.path.length > 0 &&
        place.primary !== undefined &&
        place.primary !== null &&
        typeof place.path.at(-1) === 'string' &&
        place.key !== '__v',
      () => undefined,
    ),
    onPlaces(
      'a key of a blob lost',
      (place) =>
        place.blob &&
        place.value !== null &&
        typeof place.path.at(-1) === 'string' &&
        place.parent !== null &&
        Object.hasOwn(place.parent, place.key) &&
        place.primary !== undefined,
      () => undefined,
    ),
    onPlaces(
      'a key added to a blob',
      (place) =>
        place.blob &&
        isRecord(place.value) &&
        !isDecimalForm(place.value) &&
        !('$oid' in place.value) &&
        !('$date' in place.value),
      ({ value }) => (isRecord(value) ? { ...value, added: 1 } : value),
    ),
    onPlaces(
      'a value of a blob retyped',
      (place) => place.blob && (typeof place.value === 'number' || typeof place.value === 'boolean'),
      ({ value }) => String(value),
    ),
    onPlaces(
      'a wrong total or page count',
      (place) => place.path.length === 2 && place.path[0] === 'pagination',
      ({ value }) => Number(value) + 1,
    ),
    onPlaces(
      'a cursor of another position',
      (place) => place.key === 'nextCursor' && typeof place.value === 'string',
      ({ value }) => {
        const { k, id } = JSON.parse(Buffer.from(String(value), 'base64url').toString());
        return Buffer.from(JSON.stringify({ k: new Date(Date.parse(k) + 1).toISOString(), id })).toString('base64url');
      },
    ),
    onPlaces(
      'no more pages where there are',
      (place) => place.key === 'nextCursor' && typeof place.value === 'string',
      () => null,
    ),
    onPlaces(
      'more pages where there are none',
      (place) => place.key === 'nextCursor' && place.value === null,
      () =>
        Buffer.from(JSON.stringify({ k: '2026-01-01T00:00:00.000Z', id: 'ffffffffffffffffffffffff' })).toString(
          'base64url',
        ),
    ),
    onPlaces(
      'a secret shown',
      (place) => isRecord(place.value) && typeof place.value._id === 'string' && !place.blob,
      ({ value }) => (isRecord(value) ? { ...value, passwordHash: '$argon2id$canary' } : value),
    ),
    onPlaces(
      'an error of another code',
      (place, pair) => isError(pair) && place.key === 'code',
      ({ value }) => (value === 'not_found' ? 'invalid_id' : 'not_found'),
    ),
    whole('another status of the same class', (raw) => ({
      ...raw,
      status: raw.status === 200 ? 206 : raw.status === 404 ? 400 : 404,
    })),
    whole('another class of status', (raw) => ({ ...raw, status: raw.status < 400 ? 404 : 200 })),
    whole('another content type', (raw) => withField(raw, 'content-type', 'text/html; charset=utf-8')),
    whole('another charset', (raw) => withField(raw, 'content-type', 'application/json; charset=utf-16')),
    whole('an error page in HTML', (raw) => ({
      ...withField(raw, 'content-type', 'text/html'),
      status: raw.status < 400 ? 502 : 200,
    })),
    whole('cache control for all', (raw) => withField(raw, 'cache-control', 'public, max-age=31536000')),
    csvCell('an amount of the export off by one unit', 'amount', (cell, row) =>
      plusUnits(cell, row.currency === 'USD' || row.currency === 'EUR' ? 2 : 6, 1n),
    ),
    csvCell('an instant of the export off by an hour', 'createdAt', (cell) =>
      new Date(Date.parse(cell) + 3_600_000).toISOString(),
    ),
    csvCell('a status of the export changed', 'status', (cell) => (cell === 'failed' ? 'completed' : 'failed')),
    csvRows('a row of the export lost', (rows, at) => rows.toSpliced(at, 1)),
    csvRows('a row of the export twice', (rows, at) => rows.toSpliced(at, 0, rows[at] ?? '')),
    csvRows('rows of the export in another order', (rows) =>
      rows.length < 2 || rows[0] === rows[1] ? rows : [rows[1] ?? '', rows[0] ?? '', ...rows.slice(2)],
    ),
    csvRows(
      'a column of the export renamed',
      (rows) => rows,
      (header) => header.replace('currency', 'Currency'),
    ),
  ];
}

const otherForm = (text: string): string =>
  text.normalize('NFC') === text ? text.normalize('NFD') : text.normalize('NFC');

/** Doubles past the digits they hold would take a change of one unit without noticing. */
function isExact(place: Place): boolean {
  if (typeof place.value !== 'number') return true;
  return plusUnits(String(place.value), scaleOf(place) ?? 0, 1n).replace(/\D/g, '').length < 16;
}

const CSV_ONLY = (routeKey: string): string | null => (routeKey.endsWith('.csv') ? null : 'only the export is CSV');
/** Simple rows of the export: no quotes, so that splitting at commas is right. */
const simpleRows = (text: string): { header: string; rows: string[] } => {
  const [header = '', ...rows] = text.trimEnd().split(/\r?\n/);
  return { header, rows };
};

function csvRows(
  name: string,
  change: (rows: string[], at: number) => string[],
  head: (header: string) => string = (same) => same,
): Operator {
  return {
    name,
    excused: CSV_ONLY,
    apply(pair, random, most) {
      if (isJsonBody(pair) || pair.twin.text.includes('"')) return [];
      const { header, rows } = simpleRows(pair.twin.text);
      if (rows.length < 2) return [];
      return Array.from({ length: most }, () => ({
        ...pair.twin,
        text: [head(header), ...change([...rows], random.below(rows.length))].join('\r\n').concat('\r\n'),
      })).filter(({ text }) => text.trim() !== pair.twin.text.trim());
    },
  };
}

function csvCell(
  name: string,
  column: string,
  change: (cell: string, row: Readonly<Record<string, string>>) => string,
): Operator {
  return {
    name,
    excused: CSV_ONLY,
    apply(pair, random, most) {
      if (isJsonBody(pair) || pair.twin.text.includes('"')) return [];
      const { header, rows } = simpleRows(pair.twin.text);
      const names = header.split(',');
      const index = names.indexOf(column);
      if (index < 0 || rows.length === 0) return [];
      return Array.from({ length: most }, () => {
        const at = random.below(rows.length);
        const cells = (rows[at] ?? '').split(',');
        const row = Object.fromEntries(names.map((title, column_) => [title, cells[column_] ?? '']));
        cells[index] = change(cells[index] ?? '', row);
        return { ...pair.twin, text: [header, ...rows.toSpliced(at, 1, cells.join(','))].join('\r\n').concat('\r\n') };
      });
    },
  };
}
