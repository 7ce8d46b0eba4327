/** What the forms of written rules take: each option read from plain data, or a mistake with its path. */
import { ShadowError } from '../errors.ts';
import { DURATION_UNITS } from './duration.ts';
import { EPOCH_UNITS } from './epoch.ts';
import type { RefBy } from './kit.ts';
import type { CurrencyFrom, DurationUnit, DurationUnits, EpochUnit, InstantForms, Order, Word } from './rule.ts';
import { isZone } from './zoned.ts';

export type Data = { readonly [key: string]: unknown };

export function currencyFrom(data: unknown, path: string): string | CurrencyFrom {
  if (typeof data === 'string' && data !== '') return data;
  const example = 'money: currency, money: { currency: USD }, or money: { scale: 2, minor: primary }';
  const all = mapping(data, path, 'the field that names the currency, { currency } or { scale }', example);
  onlyKeys(all, ['currency', 'scale', 'sibling', 'minor', 'printed'], path);
  if (all.printed !== undefined && typeof all.printed !== 'boolean')
    throw wrong(`${path}.printed`, 'true or false', quoted(all.printed), 'money: { currency: EUR, printed: true }');
  const forms = {
    ...(all.minor === undefined ? {} : { minor: sideFrom(all.minor, `${path}.minor`) }),
    ...(all.printed === true ? { printed: true as const } : {}),
  };
  if (Object.keys(all).filter((key) => key !== 'minor' && key !== 'printed').length === 1) {
    if (typeof all.sibling === 'string') return { sibling: all.sibling, ...forms };
    if (typeof all.currency === 'string') return { currency: all.currency, ...forms };
    const { scale } = all;
    if (typeof scale === 'number' && Number.isInteger(scale) && scale >= 0 && scale <= 38) return { scale, ...forms };
  }
  throw wrong(path, 'one of { currency: text } and { scale: 0 to 38 }', quoted(data), example);
}

export function numberKind(data: unknown, path: string): 'value' | 'double' | 'decimal' {
  if (data === 'value' || data === 'double' || data === 'decimal') return data;
  throw wrong(path, 'value, double or decimal', quoted(data), 'number: double');
}

function sideFrom(data: unknown, path: string): 'primary' | 'twin' {
  if (data === 'primary' || data === 'twin') return data;
  throw wrong(path, 'the side that counts in the smallest unit: primary or twin', quoted(data), 'minor: primary');
}

/** The words themselves, or the twin's word by the primary's. */
export function enumValues(data: unknown, path: string): (string | number)[] | Record<string, Word> {
  const isValue = (value: unknown): value is string | number => typeof value === 'string' || Number.isFinite(value);
  if (Array.isArray(data) && data.length > 0 && data.every(isValue)) return data;
  const example = 'status: { enum: [paid, open] }, or { enum: { PAID: paid } } where the twin has its own words';
  if (!isMapping(data) || Object.keys(data).length === 0)
    throw wrong(path, 'a list of the words or numbers that the value may be', quoted(data), example);
  return Object.fromEntries(
    Object.entries(data).map(([word, partner]) => {
      if (isValue(partner) || typeof partner === 'boolean') return [word, partner];
      throw wrong(`${path}.${word}`, 'the twin’s word: text, a number, true or false', quoted(partner), example);
    }),
  );
}

/** A collection, or the field that names it and the collection by each of its words. */
export function collectionOf(data: unknown, path: string): string | RefBy {
  if (!isMapping(data)) return name(data, path);
  onlyKeys(data, ['by', 'of'], path);
  const example = 'ref: { by: type, of: { User: users, Team: teams } }';
  if (typeof data.by !== 'string') throw wrong(`${path}.by`, 'the field beside the id', quoted(data.by), example);
  const { by, of } = data;
  if (Array.isArray(of) && of.length > 0) return { by, of: collectionNames(of, `${path}.of`) };
  const all = mapping(of, `${path}.of`, 'the collection by each word of that field', example);
  const named = Object.entries(all).map(([word, collection]) => [word, name(collection, `${path}.of.${word}`)]);
  if (named.length === 0) throw wrong(`${path}.of`, 'the collection by each word of that field', '{}', example);
  return { by, of: Object.fromEntries(named) };
}

/** One unit for the numbers of both sides, or each side's, and the zone of texts that name none. */
export function instantForms(data: unknown, path: string): EpochUnit | InstantForms {
  const isUnit = (unit: unknown): unit is EpochUnit => EPOCH_UNITS.some((known) => known === unit);
  const units = `one of ${EPOCH_UNITS.join(', ')}`;
  const example = 'instant: seconds, instant: { primary: milliseconds, twin: seconds }, or instant: { zone: UTC }';
  if (isUnit(data)) return data;
  const all = mapping(data, path, `${units}, or a mapping with primary, twin or zone`, example);
  onlyKeys(all, ['primary', 'twin', 'zone'], path);
  if (Object.keys(all).length === 0) throw wrong(path, 'primary, twin or zone', 'an empty mapping', example);
  const { zone } = all;
  if (zone !== undefined && !(typeof zone === 'string' && isZone(zone)))
    throw wrong(
      `${path}.zone`,
      'a time zone: UTC, an offset, or a name of the IANA list',
      quoted(zone),
      'zone: Europe/Berlin',
    );
  const unitOf = (side: 'primary' | 'twin'): { readonly [key: string]: EpochUnit } => {
    const unit = all[side];
    if (unit === undefined) return {};
    if (isUnit(unit)) return { [side]: unit };
    throw wrong(`${path}.${side}`, units, quoted(unit), example);
  };
  return { ...unitOf('primary'), ...unitOf('twin'), ...(typeof zone === 'string' ? { zone } : {}) };
}

/** One unit for both sides, or each side's. */
export function durationUnits(data: unknown, path: string): DurationUnit | DurationUnits {
  const isUnit = (unit: unknown): unit is DurationUnit => DURATION_UNITS.some((known) => known === unit);
  const expected = `one of ${DURATION_UNITS.join(', ')}`;
  const example = 'duration: seconds, or duration: { primary: milliseconds, twin: seconds }';
  if (isUnit(data)) return data;
  if (!isMapping(data)) throw wrong(path, expected, quoted(data), example);
  onlyKeys(data, ['primary', 'twin'], path);
  return Object.fromEntries(
    Object.entries(data).map(([side, unit]) => {
      if (isUnit(unit)) return [side, unit];
      throw wrong(`${path}.${side}`, expected, quoted(unit), example);
    }),
  );
}

export function collectionNames(data: unknown, path: string): string[] {
  const names = Array.isArray(data) ? data : [data];
  return names.map((each, i) => name(each, Array.isArray(data) ? `${path}.${i}` : path, 'the name of a collection'));
}

export function separatorFrom(all: Data, path: string): string {
  const { separator = ',' } = all;
  if (typeof separator === 'string' && separator.length === 1 && !/["\r\n]/.test(separator)) return separator;
  throw wrong(
    `${path}.separator`,
    'one character that is no quote and no line end',
    quoted(separator),
    'separator: ";"',
  );
}

export function csvOrder(all: Data, path: string): Order {
  if (all.by !== undefined) {
    if (all.order !== undefined) throw wrong(`${path}.order`, 'either `order` or `by`', 'both', 'by: [-createdAt]');
    const { sortParam } = orderOptions(all, path);
    const by = keysFrom(all, path);
    return sortParam === undefined ? { kind: 'keyed', by } : { kind: 'keyed', by, sortParam };
  }
  const order = all.order ?? 'total';
  if (order !== 'total' && order !== 'free')
    throw wrong(`${path}.order`, 'total or free', quoted(order), 'order: free');
  return { kind: order };
}

export function orderOptions(all: Data, path: string): { readonly sortParam?: string; readonly identity?: string } {
  const sortParam = optionalName(all, 'sortParam', path);
  const identity = optionalName(all, 'identity', path);
  return { ...(sortParam === undefined ? {} : { sortParam }), ...(identity === undefined ? {} : { identity }) };
}

export function keysFrom(all: Data, path: string): string[] {
  const { by } = all;
  const valid =
    Array.isArray(by) && by.length > 0 && by.every((key) => typeof key === 'string' && /^-?[^-\s]/.test(key));
  if (!valid)
    throw wrong(`${path}.by`, 'a list of sort keys, `-` before them for descending', quoted(by), 'by: [-createdAt]');
  return by.map(String);
}

export function keyKind(all: Data, path: string): 'instant' | 'number' | 'text' {
  const key = all.key ?? 'instant';
  if (key !== 'instant' && key !== 'number' && key !== 'text') {
    throw wrong(`${path}.key`, 'instant, number or text', quoted(key), 'key: instant');
  }
  return key;
}

export function tolerance(data: unknown, path: string): number {
  if (typeof data !== 'number' || !(data >= 0 && data < 1)) {
    throw wrong(path, 'a relative tolerance from 0 to 1', quoted(data), 'ratio: 1e-9');
  }
  return data;
}

export function optionalName(all: Data, key: string, path: string): string | undefined {
  return all[key] === undefined ? undefined : name(all[key], `${path}.${key}`);
}

export function name(data: unknown, path: string, expected = 'a name', example = 'users'): string {
  if (typeof data !== 'string' || data.trim() === '')
    throw wrong(path, expected, quoted(data), `${path.split('.').at(-1)}: ${example}`);
  return data;
}

export function mapping(data: unknown, path: string, expected: string, example: string): Data {
  if (!isMapping(data)) throw wrong(path, expected, quoted(data), example);
  return data;
}

export function isMapping(data: unknown): data is Data {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

export function onlyKeys(all: Data, allowed: readonly string[], path: string): void {
  const unknown = Object.keys(all).find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw wrong(`${path}.${unknown}`, `one of ${allowed.join(', ')}`, `the key ${unknown}`);
}

export function wrong(path: string, expected: string, actual: string, example?: string): ShadowError {
  const detail = example === undefined ? { expected, actual } : { expected, actual, example };
  return new ShadowError('SHADOW_CONFIG', `${path} is no rule that can be read`, detail);
}

/** Characters of what was found that are told. */
const LONGEST = 80;

export function quoted(data: unknown): string {
  if (data === undefined) return 'nothing';
  if (data === null) return 'null';
  if (Array.isArray(data)) return `a list of ${data.length}`;
  const written = JSON.stringify(data);
  return written.length > LONGEST ? `${written.slice(0, LONGEST)}…` : written;
}
