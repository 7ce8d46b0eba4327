/**
 * Rules written as plain data, for a route table in YAML: `{ object: { _id: { ref: users }, total: { money: currency },
 * createdAt: instant, note: text?, tags: { set: text } } }`. A `?` after a rule's name makes it nullable.
 */
import { ShadowError } from '../errors.ts';
import * as kit from './kit.ts';
import type { Comparator, CurrencyFrom, Order, Rule } from './rule.ts';

const WORDS: Readonly<Record<string, () => Rule>> = Object.freeze({
  strict: kit.strict,
  text: kit.text,
  number: () => kit.number(),
  count: kit.count,
  currency: kit.currency,
  url: () => kit.url(),
  bool: kit.bool,
  instant: kit.instant,
  baseUnits: kit.baseUnits,
  ratio: () => kit.ratio(),
  jsonb: kit.jsonb,
  bytes: kit.bytes,
  secret: kit.secret,
});

type Data = { readonly [key: string]: unknown };
/** `path` is that of the value, `base` that of the mapping with the options. */
type Reader = (value: unknown, all: Data, path: string, base: string) => Rule;

/** What an object may begin with, the options beside it, and how it is read. */
const FORMS: Readonly<Record<string, { readonly options: readonly string[]; readonly read: Reader }>> = Object.freeze({
  nullable: { options: [], read: (of, _all, path) => kit.nullable(ruleFrom(of, path)) },
  object: { options: [], read: (fields, _all, path) => kit.object(fieldsFrom(fields, path)) },
  record: {
    options: ['keys'],
    read: (of, all, path, base) => kit.record(ruleFrom(of, path), optionalName(all, 'keys', base)),
  },
  list: {
    options: ['identity'],
    read: (of, all, path, base) => kit.list(ruleFrom(of, path), optionalName(all, 'identity', base) ?? null),
  },
  set: {
    options: ['identity'],
    read: (of, all, path, base) => kit.set(ruleFrom(of, path), optionalName(all, 'identity', base) ?? null),
  },
  ordered: {
    options: ['by', 'sortParam', 'identity'],
    read: (of, all, path, base) => kit.ordered(ruleFrom(of, path), keysFrom(all, base), orderOptions(all, base)),
  },
  page: {
    options: ['by', 'sortParam', 'identity'],
    read: (of, all, path, base) => kit.page(ruleFrom(of, path), keysFrom(all, base), orderOptions(all, base)),
  },
  cursorPage: {
    options: ['collection', 'key'],
    read: (of, all, path, base) =>
      kit.cursorPage(ruleFrom(of, path), name(all.collection, `${base}.collection`), keyKind(all, base)),
  },
  cursor: {
    options: ['key'],
    read: (collection, all, path, base) => kit.cursor(name(collection, path), keyKind(all, base)),
  },
  csv: {
    options: ['order', 'by', 'sortParam', 'identity', 'separator'],
    read: (columns, all, path, base) =>
      kit.csv(
        fieldsFrom(columns, path),
        csvOrder(all, base),
        optionalName(all, 'identity', base) ?? null,
        separatorFrom(all, base),
      ),
  },
  number: { options: [], read: (as, _all, path) => kit.number(numberKind(as, path)) },
  url: { options: [], read: (collections, _all, path) => kit.url(...collectionNames(collections, path)) },
  ref: { options: [], read: (collection, _all, path) => kit.ref(name(collection, path)) },
  money: { options: [], read: (from, _all, path) => kit.money(currencyFrom(from, path)) },
  aggregateMoney: { options: [], read: (from, _all, path) => kit.aggregateMoney(currencyFrom(from, path)) },
  ratio: { options: [], read: (within, _all, path) => kit.ratio(tolerance(within, path)) },
  ignored: { options: [], read: (reason, _all, path) => kit.ignored(name(reason, path, 'a reason in words')) },
  shown: { options: [], read: (of, _all, path) => kit.shown(ruleFrom(of, path)) },
  hidden: { options: [], read: (of, _all, path) => kit.hidden(ruleFrom(of, path)) },
  enum: { options: [], read: (values, _all, path) => kit.enumOf(enumValues(values, path)) },
});

/** A comparator from `{ body, error?, headers?, currencies? }`. @throws ShadowError SHADOW_CONFIG that names the path */
export function comparatorFrom(called: string, data: unknown, path = called): Comparator {
  const all = mapping(data, path, 'a mapping with `body`', 'body: { object: { _id: { ref: users } } }');
  onlyKeys(all, ['body', 'error', 'headers', 'currencies'], path);
  if (all.body === undefined) {
    throw wrong(`${path}.body`, 'a rule for good answers', 'nothing', 'body: strict');
  }
  const headers = all.headers === undefined ? null : headersFrom(all.headers, `${path}.headers`);
  return kit.comparator(called, ruleFrom(all.body, `${path}.body`), {
    ...(all.error === undefined ? {} : { error: ruleFrom(all.error, `${path}.error`) }),
    ...(headers === null ? {} : { headers: headers.names ?? headers.rules }),
    ...(all.currencies === undefined ? {} : { currencies: currenciesFrom(all.currencies, `${path}.currencies`) }),
  });
}

/**
 * Header fields that are compared: a list of names, or a mapping of name to rule, in which `off` switches one off.
 * @throws ShadowError SHADOW_CONFIG that names the path
 */
export function headersFrom(data: unknown, path: string): WrittenHeaders {
  const expected = 'a list of field names, or a mapping of field to rule';
  const example = 'headers: { x-total-count: number, cache-control: off }';
  if (Array.isArray(data)) {
    if (!data.every((each) => typeof each === 'string' && isFieldName(each))) {
      throw wrong(path, expected, quoted(data), example);
    }
    return { names: data.map((each: string) => each.toLowerCase()) };
  }
  const all = mapping(data, path, expected, example);
  const rules = Object.fromEntries(
    Object.entries(all).map(([field, rule]) => {
      if (!isFieldName(field)) throw wrong(`${path}.${field}`, 'the name of a header field', quoted(field), example);
      const off = rule === 'off' || rule === false;
      return [field.toLowerCase(), off ? kit.ignored('switched off') : ruleFrom(rule, `${path}.${field}`)];
    }),
  );
  return { rules };
}

/** Either names alone, or rules by name. */
export type WrittenHeaders =
  | { readonly names: readonly string[]; readonly rules?: undefined }
  | { readonly names?: undefined; readonly rules: Readonly<Record<string, Rule>> };

const isFieldName = (text: string): boolean => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);

/** Scales by code. @throws ShadowError SHADOW_CONFIG that names the path */
export function currenciesFrom(data: unknown, path: string): Record<string, number> {
  const all = mapping(data, path, 'a mapping of currency to its decimals', 'currencies: { POINTS: 0 }');
  return Object.fromEntries(
    Object.entries(all).map(([code, scale]) => {
      if (typeof scale === 'number' && Number.isInteger(scale) && scale >= 0 && scale <= 38) return [code, scale];
      throw wrong(`${path}.${code}`, 'a whole number from 0 to 38', quoted(scale), 'currencies: { POINTS: 0 }');
    }),
  );
}

/** A rule from plain data. @throws ShadowError SHADOW_CONFIG that names the path */
export function ruleFrom(data: unknown, path: string): Rule {
  if (typeof data === 'string') return wordFrom(data, path);
  const all = mapping(data, path, 'a rule: a word or a mapping', 'createdAt: instant');
  const found = Object.keys(all).filter((key) => Object.hasOwn(FORMS, key));
  const [form = '', ...others] = found;
  if (form === '' || others.length > 0) {
    const what =
      found.length > 1 ? `${found.join(' and ')} together` : `the keys ${Object.keys(all).join(', ') || '(none)'}`;
    throw wrong(path, `exactly one of ${Object.keys(FORMS).join(', ')}`, what, 'total: { money: currency }');
  }
  const { options, read } = formOf(form);
  onlyKeys(all, [form, ...options], path);
  return read(all[form], all, `${path}.${form}`, path);
}

function formOf(form: string): { readonly options: readonly string[]; readonly read: Reader } {
  const found = FORMS[form];
  if (found === undefined) throw new ShadowError('SHADOW_INTERNAL', `no rule is written as ${form}`);
  return found;
}

function wordFrom(word: string, path: string): Rule {
  const nullable = word.endsWith('?');
  const base = nullable ? word.slice(0, -1) : word;
  const make = Object.hasOwn(WORDS, base) ? WORDS[base] : undefined;
  if (make === undefined) {
    const hint = Object.hasOwn(FORMS, base) ? `{ ${base}: … }` : 'text, text?, instant';
    throw wrong(path, `one of ${Object.keys(WORDS).join(', ')}, or a mapping`, quoted(word), hint);
  }
  return nullable ? kit.nullable(make()) : make();
}

function fieldsFrom(data: unknown, path: string): Record<string, Rule> {
  const all = mapping(data, path, 'a mapping of field to rule', '{ _id: { ref: users }, name: text }');
  return Object.fromEntries(Object.entries(all).map(([field, rule]) => [field, ruleFrom(rule, `${path}.${field}`)]));
}

function currencyFrom(data: unknown, path: string): string | CurrencyFrom {
  if (typeof data === 'string' && data !== '') return data;
  const example = 'money: currency, money: { currency: USD }, or money: { scale: 2 }';
  const all = mapping(data, path, 'the field that names the currency, { currency } or { scale }', example);
  onlyKeys(all, ['currency', 'scale', 'sibling'], path);
  if (Object.keys(all).length === 1) {
    if (typeof all.sibling === 'string') return { sibling: all.sibling };
    if (typeof all.currency === 'string') return { currency: all.currency };
    const { scale } = all;
    if (typeof scale === 'number' && Number.isInteger(scale) && scale >= 0 && scale <= 38) return { scale };
  }
  throw wrong(path, 'one of { currency: text } and { scale: 0 to 38 }', quoted(data), example);
}

function numberKind(data: unknown, path: string): 'value' | 'double' {
  if (data === 'value' || data === 'double') return data;
  throw wrong(path, 'value or double', quoted(data), 'number: double');
}

function enumValues(data: unknown, path: string): (string | number)[] {
  const isValue = (value: unknown): value is string | number => typeof value === 'string' || Number.isFinite(value);
  if (Array.isArray(data) && data.length > 0 && data.every(isValue)) return data;
  throw wrong(
    path,
    'a list of the words or numbers that the value may be',
    quoted(data),
    'status: { enum: [paid, open] }',
  );
}

function collectionNames(data: unknown, path: string): string[] {
  const names = Array.isArray(data) ? data : [data];
  return names.map((each, i) => name(each, Array.isArray(data) ? `${path}.${i}` : path, 'the name of a collection'));
}

function separatorFrom(all: Data, path: string): string {
  const { separator = ',' } = all;
  if (typeof separator === 'string' && separator.length === 1 && !/["\r\n]/.test(separator)) return separator;
  throw wrong(
    `${path}.separator`,
    'one character that is no quote and no line end',
    quoted(separator),
    'separator: ";"',
  );
}

function csvOrder(all: Data, path: string): Order {
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

function orderOptions(all: Data, path: string): { readonly sortParam?: string; readonly identity?: string } {
  const sortParam = optionalName(all, 'sortParam', path);
  const identity = optionalName(all, 'identity', path);
  return { ...(sortParam === undefined ? {} : { sortParam }), ...(identity === undefined ? {} : { identity }) };
}

function keysFrom(all: Data, path: string): string[] {
  const { by } = all;
  const valid =
    Array.isArray(by) && by.length > 0 && by.every((key) => typeof key === 'string' && /^-?[^-\s]/.test(key));
  if (!valid)
    throw wrong(`${path}.by`, 'a list of sort keys, `-` before them for descending', quoted(by), 'by: [-createdAt]');
  return by.map(String);
}

function keyKind(all: Data, path: string): 'instant' | 'number' | 'text' {
  const key = all.key ?? 'instant';
  if (key !== 'instant' && key !== 'number' && key !== 'text') {
    throw wrong(`${path}.key`, 'instant, number or text', quoted(key), 'key: instant');
  }
  return key;
}

function tolerance(data: unknown, path: string): number {
  if (typeof data !== 'number' || !(data >= 0 && data < 1)) {
    throw wrong(path, 'a relative tolerance from 0 to 1', quoted(data), 'ratio: 1e-9');
  }
  return data;
}

function optionalName(all: Data, key: string, path: string): string | undefined {
  return all[key] === undefined ? undefined : name(all[key], `${path}.${key}`);
}

function name(data: unknown, path: string, expected = 'a name'): string {
  if (typeof data !== 'string' || data.trim() === '')
    throw wrong(path, expected, quoted(data), `${path.split('.').at(-1)}: users`);
  return data;
}

function mapping(data: unknown, path: string, expected: string, example: string): Data {
  if (!isMapping(data)) throw wrong(path, expected, quoted(data), example);
  return data;
}

function isMapping(data: unknown): data is Data {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function onlyKeys(all: Data, allowed: readonly string[], path: string): void {
  const unknown = Object.keys(all).find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw wrong(`${path}.${unknown}`, `one of ${allowed.join(', ')}`, `the key ${unknown}`);
}

function wrong(path: string, expected: string, actual: string, example?: string): ShadowError {
  const detail = example === undefined ? { expected, actual } : { expected, actual, example };
  return new ShadowError('SHADOW_CONFIG', `${path} is no rule that can be compared by`, detail);
}

function quoted(data: unknown): string {
  if (data === undefined) return 'nothing';
  if (data === null) return 'null';
  if (Array.isArray(data)) return `a list of ${data.length}`;
  return typeof data === 'object' ? `a mapping with ${Object.keys(data).join(', ')}` : JSON.stringify(data);
}
