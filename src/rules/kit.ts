/** The words that a comparator is written with. Each returns a frozen rule. */
import type {
  Comparator,
  CurrencyFrom,
  CustomCompare,
  DurationUnit,
  DurationUnits,
  EpochUnit,
  InstantForms,
  Order,
  Rule,
  Word,
} from './rule.ts';

/** Exact JSON equality, numbers by value, keys in any order. What unnamed fields get. */
export const strict = (): Rule => Object.freeze({ rule: 'strict' });
/**
 * The same string, code point by code point. `text('orders')`: but for ids of these collections within it, which are paired:
 * `tenant:42`, a sentence, HTML.
 */
export const text = (...collections: readonly string[]): Rule =>
  Object.freeze(
    collections.length === 0 ? { rule: 'text' } : { rule: 'text', collections: Object.freeze([...collections]) },
  );
/**
 * The same JSON number; a number become a string is a difference. `number('double')`: one IEEE 754 double, as most
 * stores and languages hold it: 0.1 and 0.10000000000000001 are one. `number('decimal')`: exactly the same decimal, as a
 * number, a text or `{"$numberDecimal"}`: 5 is "5.0".
 */
export const number = (as: 'value' | 'double' | 'decimal' = 'value'): Rule =>
  Object.freeze(as === 'value' ? { rule: 'number' } : { rule: 'number', as });
/**
 * One of a closed set of words or numbers, compared like `text`. These values, and no others, may be shown.
 * `enumOf({ ACTIVE: 'active', 1: 'open' })`: the twin has its own word for the primary's; one that is not named is the same.
 */
export const enumOf = (values: readonly (string | number)[] | Readonly<Record<string, Word>>): Rule => {
  if (isWords(values)) return Object.freeze({ rule: 'enum', values: Object.freeze([...values]) });
  const partners = Object.freeze({ ...values });
  const all = new Set([...Object.keys(partners), ...Object.values(partners)]);
  return Object.freeze({ rule: 'enum', values: Object.freeze([...all]), partners });
};
/** How many there are of something: compared like `number`, and may be shown. */
export const count = (): Rule => shown(number());
/** A currency's code: compared like `text`, and may be shown. */
export const currency = (): Rule => shown(text());
/**
 * The value may be stored and shown: its fields that the rule names, its items, and what lies in a blob. A `secret` in it
 * is not, and neither is a field that no rule names.
 */
export const shown = (of: Rule): Rule => Object.freeze({ ...of, show: true });
/** The value is never stored, whatever its own rule or the rule around it says, for example a date of birth. */
export const hidden = (of: Rule): Rule => Object.freeze({ ...of, show: false });
export const bool = (): Rule => Object.freeze({ rule: 'bool' });
/**
 * The same millisecond, whatever the ISO 8601 spelling; finer digits are cut. `instant('seconds')`: a number counts
 * seconds since 1970; `instant({ primary: 'milliseconds', twin: 'seconds' })`: each side in its own unit. `instant({ zone: 'UTC' })`:
 * a text without an offset is in this zone, and a date alone is its midnight.
 */
export const instant = (forms: EpochUnit | InstantForms = {}): Rule => {
  const all = typeof forms === 'string' ? { primary: forms, twin: forms } : { ...forms };
  return Object.freeze(
    Object.keys(all).length === 0 ? { rule: 'instant' } : { rule: 'instant', forms: Object.freeze(all) },
  );
};
/**
 * The same length of time: ISO 8601 (`PT1H30M`), as Postgres prints an `interval` (`1 day 02:00:00`), or a number in the
 * unit named: `duration('seconds')`, `duration({ primary: 'milliseconds', twin: 'seconds' })`. A day has 24 hours; months
 * and years are months.
 */
export const duration = (unit?: DurationUnit | DurationUnits): Rule =>
  Object.freeze({
    rule: 'duration',
    units: Object.freeze(typeof unit === 'string' ? { primary: unit, twin: unit } : { ...unit }),
  });
/**
 * Equal as decimals after rounding both to the currency's scale. `money('currency')` reads the sibling field.
 * `money({ currency: 'EUR', minor: 'primary' })`: the primary counts cents, 1250 for the twin's 12.50.
 * `money({ currency: 'EUR', printed: true })`: as people read them, `1.234,50 EUR` for `€1,234.50`.
 */
export const money = (from: string | CurrencyFrom): Rule => Object.freeze({ rule: 'money', from: currencyFrom(from) });
/** A sum or average of money: within half a unit at the currency's scale. */
export const aggregateMoney = (from: string | CurrencyFrom): Rule =>
  Object.freeze({ rule: 'aggregateMoney', from: currencyFrom(from) });
/** Wei, satoshi: an integer decimal string, exactly. */
export const baseUnits = (): Rule => Object.freeze({ rule: 'baseUnits' });
/** A ratio or average that is not money: within 1e-9 relative. */
export const ratio = (within = 1e-9): Rule => Object.freeze({ rule: 'ratio', within });
/**
 * An id of an entity of this collection: paired by `id_map`, or the same ObjectId on both sides. Where a field beside it
 * says of which: `ref({ by: 'type', of: { User: 'users', Team: 'teams' } })`, or `of: ['users', 'teams']` where its words are
 * the collections. An id beside another word is compared strictly.
 */
export const ref = (collection: string | RefBy): Rule => {
  if (typeof collection === 'string') return Object.freeze({ rule: 'ref', collection });
  const { by, of } = collection;
  const named = isNames(of) ? Object.fromEntries(of.map((name) => [name, name])) : { ...of };
  return Object.freeze({ rule: 'refBy', by, of: Object.freeze(named) });
};
/** Which field beside an id names its collection, and by which words. */
export interface RefBy {
  readonly by: string;
  readonly of: readonly string[] | Readonly<Record<string, string>>;
}
/**
 * A URL. The origins of the two sides (as configured, or the Host of the request) count as the same. Ids in it are
 * paired: those of these collections, or of all that the comparator names.
 */
export const url = (...collections: readonly string[]): Rule =>
  Object.freeze({ rule: 'url', collections: Object.freeze([...collections]) });
/** Absent and null mean the same here, and only here. */
export const nullable = (of: Rule): Rule => Object.freeze({ rule: 'nullable', of });
/** `__v` is ignored in every object; every other field not named is compared strictly. */
export const object = (fields: Record<string, Rule>): Rule =>
  Object.freeze({ rule: 'object', fields: Object.freeze({ ...fields }) });
/** An object with free keys. `record(number(), 'users')`: the keys are ids of users, paired like any other. */
export const record = (of: Rule, keys?: string): Rule =>
  Object.freeze(keys === undefined ? { rule: 'record', of } : { rule: 'record', of, keys });
/** A list whose positions must agree one by one. `identity` names the field that identifies items when differences are explained. */
export const list = (of: Rule, identity: string | null = null): Rule =>
  Object.freeze({ rule: 'list', of, order: Object.freeze({ kind: 'total' }), identity });
/** A multiset: tags, roles, participants. */
export const set = (of: Rule, identity: string | null = null): Rule =>
  Object.freeze({ rule: 'list', of, order: Object.freeze({ kind: 'free' }), identity });
/**
 * A list sorted by keys whose ties are free: `ordered(item, ['-createdAt'], { sortParam: 'sort', identity: '_id' })`.
 * Where several parameters say how it is sorted: `sortParam: 'sort,thenBy'`.
 */
export const ordered = (
  of: Rule,
  by: readonly string[],
  options: { readonly sortParam?: string; readonly identity?: string } = {},
): Rule => Object.freeze({ rule: 'list', of, order: keyed(by, options.sortParam), identity: options.identity ?? null });
/** `{ data, pagination: { page, limit, total, pages } }` */
export const page = (
  of: Rule,
  by: readonly string[],
  options: { readonly sortParam?: string; readonly identity?: string } = {},
): Rule =>
  object({
    data: ordered(of, by, { identity: '_id', ...options }),
    pagination: object({ page: count(), limit: count(), total: count(), pages: count() }),
  });
/** `{ data, nextCursor }`, in total order. */
export const cursorPage = (of: Rule, collection: string, key: 'instant' | 'number' | 'text' = 'instant'): Rule =>
  object({ data: list(of, '_id'), nextCursor: nullable(cursor(collection, key)) });
export const cursor = (collection: string, key: 'instant' | 'number' | 'text' = 'instant'): Rule =>
  Object.freeze({ rule: 'cursor', key, collection });
/** A schemaless blob: deep-equal, key order free, numbers by value; ObjectId, date and Decimal128 also as Extended JSON. */
export const jsonb = (): Rule => Object.freeze({ rule: 'jsonb' });
export const csv = (
  columns: Record<string, Rule>,
  order: Order = { kind: 'total' },
  identity: string | null = null,
  separator = ',',
): Rule => {
  const rule = { rule: 'csv', columns: Object.freeze({ ...columns }), order, identity } as const;
  return Object.freeze(separator === ',' ? rule : { ...rule, separator });
};
/** A body that is no text (a picture, an archive), or is not to be read as text: the same length and SHA-256. */
export const bytes = (): Rule => Object.freeze({ rule: 'bytes' });
export const secret = (): Rule => Object.freeze({ rule: 'secret' });
/** Not compared, for a reason that is printed with the rule. */
export const ignored = (reason: string): Rule => Object.freeze({ rule: 'ignored', reason });
/** `pure`: it says the same of the same two values whenever it is asked; only then a match by it may be remembered. */
export const custom = (
  name: string,
  version: string,
  compare: CustomCompare,
  options: { readonly pure?: boolean } = {},
): Rule => Object.freeze({ rule: 'custom', name, version, compare, ...(options.pure === true ? { pure: true } : {}) });

/** `{ error: { code, message } }`, the API's one form of an error. */
export const apiError = (): Rule => object({ error: object({ code: text(), message: text() }) });

export interface ComparatorOptions {
  readonly error?: Rule;
  /** Names of further fields, or any field with a rule of its own: `{ 'cache-control': ignored('set by the CDN') }`. */
  readonly headers?: readonly string[] | Readonly<Record<string, Rule>>;
  /** Scales of currencies that ISO 4217 does not have: `{ POINTS: 0 }`. */
  readonly currencies?: Readonly<Record<string, number>>;
}

/** A comparator: a name, the rule of a good body, and what else is looked at. */
export function comparator(name: string, body: Rule, options: ComparatorOptions = {}): Comparator {
  const { headers = [], currencies } = options;
  const base = { name, body, error: options.error ?? apiError() };
  return Object.freeze({
    ...base,
    ...(isNames(headers)
      ? { headers: Object.freeze([...headers]) }
      : { headers: Object.freeze([]), headerRules: Object.freeze({ ...headers }) }),
    ...(currencies === undefined ? {} : { currencies: Object.freeze({ ...currencies }) }),
  });
}

function isNames(names: readonly string[] | Readonly<Record<string, unknown>>): names is readonly string[] {
  return Array.isArray(names);
}

function isWords(
  values: readonly (string | number)[] | Readonly<Record<string, Word>>,
): values is readonly (string | number)[] {
  return Array.isArray(values);
}

function keyed(by: readonly string[], sortParam: string | undefined): Order {
  return sortParam === undefined
    ? Object.freeze({ kind: 'keyed', by: Object.freeze([...by]) })
    : Object.freeze({ kind: 'keyed', by: Object.freeze([...by]), sortParam });
}

function currencyFrom(from: string | CurrencyFrom): CurrencyFrom {
  return typeof from === 'string' ? Object.freeze({ sibling: from }) : Object.freeze({ ...from });
}

/** `kit.enum([…])`; the word is reserved in TypeScript, so that only a namespace can have it. */
export { enumOf as enum };
