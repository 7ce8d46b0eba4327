/** What the forms of written rules take: each option read from plain data, or a mistake with its path. */
import { ShadowError } from '../errors.ts';
import type { CurrencyFrom, Order } from './rule.ts';

export type Data = { readonly [key: string]: unknown };

export function currencyFrom(data: unknown, path: string): string | CurrencyFrom {
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

export function numberKind(data: unknown, path: string): 'value' | 'double' {
  if (data === 'value' || data === 'double') return data;
  throw wrong(path, 'value or double', quoted(data), 'number: double');
}

export function enumValues(data: unknown, path: string): (string | number)[] {
  const isValue = (value: unknown): value is string | number => typeof value === 'string' || Number.isFinite(value);
  if (Array.isArray(data) && data.length > 0 && data.every(isValue)) return data;
  throw wrong(
    path,
    'a list of the words or numbers that the value may be',
    quoted(data),
    'status: { enum: [paid, open] }',
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

export function name(data: unknown, path: string, expected = 'a name'): string {
  if (typeof data !== 'string' || data.trim() === '')
    throw wrong(path, expected, quoted(data), `${path.split('.').at(-1)}: users`);
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

export function quoted(data: unknown): string {
  if (data === undefined) return 'nothing';
  if (data === null) return 'null';
  if (Array.isArray(data)) return `a list of ${data.length}`;
  return typeof data === 'object' ? `a mapping with ${Object.keys(data).join(', ')}` : JSON.stringify(data);
}
