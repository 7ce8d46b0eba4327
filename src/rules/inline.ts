/**
 * Rules written as plain data, for a route table in YAML: `{ object: { _id: { ref: users }, total: { money: currency },
 * createdAt: instant, note: text?, tags: { set: text } } }`. A `?` after a rule's name makes it nullable.
 */
import { ShadowError } from '../errors.ts';
import {
  collectionNames,
  collectionOf,
  csvOrder,
  currencyFrom,
  type Data,
  durationUnits,
  enumValues,
  instantForms,
  keyKind,
  keysFrom,
  mapping,
  name,
  numberKind,
  onlyKeys,
  optionalName,
  orderOptions,
  quoted,
  separatorFrom,
  tolerance,
  wrong,
} from './inline-options.ts';
import * as kit from './kit.ts';
import type { Comparator, Rule } from './rule.ts';
import { headersFrom } from './written-headers.ts';

const WORDS: Readonly<Record<string, () => Rule>> = Object.freeze({
  strict: kit.strict,
  text: () => kit.text(),
  number: () => kit.number(),
  count: kit.count,
  currency: kit.currency,
  url: () => kit.url(),
  bool: kit.bool,
  instant: () => kit.instant(),
  duration: () => kit.duration(),
  baseUnits: kit.baseUnits,
  ratio: () => kit.ratio(),
  jsonb: kit.jsonb,
  bytes: kit.bytes,
  secret: kit.secret,
});

/** `path` is that of the value, `base` that of the mapping with the options. */
type Reader = (value: unknown, all: Data, path: string, base: string) => Rule;

/** The first key of a rule that is written as a mapping, the options beside it, and how it is read. */
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
  text: { options: [], read: (collections, _all, path) => kit.text(...collectionNames(collections, path)) },
  url: { options: [], read: (collections, _all, path) => kit.url(...collectionNames(collections, path)) },
  ref: { options: [], read: (collection, _all, path) => kit.ref(collectionOf(collection, path)) },
  instant: { options: [], read: (forms, _all, path) => kit.instant(instantForms(forms, path)) },
  duration: { options: [], read: (unit, _all, path) => kit.duration(durationUnits(unit, path)) },
  money: { options: [], read: (from, _all, path) => kit.money(currencyFrom(from, path)) },
  aggregateMoney: { options: [], read: (from, _all, path) => kit.aggregateMoney(currencyFrom(from, path)) },
  ratio: { options: [], read: (within, _all, path) => kit.ratio(tolerance(within, path)) },
  ignored: {
    options: [],
    read: (reason, _all, path) => kit.ignored(name(reason, path, 'a reason in words', 'a fresh token')),
  },
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

/** Scales by code. @throws ShadowError SHADOW_CONFIG that names the path */
function currenciesFrom(data: unknown, path: string): Record<string, number> {
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
