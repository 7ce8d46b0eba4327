/**
 * Rules written as data, as a config file has them: the words of the kit, a bare one as text and one with parts as an
 * object of that one key. `{ object: { id: { ref: orders }, total: { money: currency }, at: instant, tags: { set: text } } }`
 */
import * as kit from '../comparators/kit.ts';
import type { CurrencyFrom, Order, Rule } from '../comparators/rule.ts';
import { ShadowError } from '../errors.ts';

type Data = Readonly<Record<string, unknown>>;

const BARE: Readonly<Record<string, () => Rule>> = {
  strict: kit.strict,
  text: kit.text,
  number: kit.number,
  bool: kit.bool,
  instant: kit.instant,
  baseUnits: kit.baseUnits,
  ratio: () => kit.ratio(),
  jsonb: kit.jsonb,
  secret: kit.secret,
};

const WITH_PARTS: Readonly<Record<string, (value: unknown, all: Data, at: string) => Rule>> = {
  money: (value, _all, at) => kit.money(currencyFrom(value, at)),
  aggregateMoney: (value, _all, at) => kit.aggregateMoney(currencyFrom(value, at)),
  ratio: (value, _all, at) => kit.ratio(numberAt(value, at)),
  ref: (value, _all, at) => kit.ref(textAt(value, at)),
  nullable: (value, _all, at) => kit.nullable(inlineRule(value, at)),
  object: (value, _all, at) => kit.object(fieldsAt(value, at)),
  record: (value, _all, at) => kit.record(inlineRule(value, at)),
  list: (value, all, at) => ({
    rule: 'list',
    of: inlineRule(value, at),
    order: orderAt(all.order, `${at}.order`),
    identity: optionalText(all.identity, `${at}.identity`) ?? null,
  }),
  set: (value, all, at) => kit.set(inlineRule(value, at), optionalText(all.identity, `${at}.identity`) ?? null),
  ordered: (value, all, at) => kit.ordered(inlineRule(value, at), textsAt(all.by, `${at}.by`), orderOptions(all, at)),
  page: (value, all, at) => kit.page(inlineRule(value, at), textsAt(all.by, `${at}.by`), orderOptions(all, at)),
  cursorPage: (value, all, at) => kit.cursorPage(inlineRule(value, at), textAt(all.collection, `${at}.collection`)),
  cursor: (value, _all, at) => {
    const parts = dataAt(value, at);
    return kit.cursor(textAt(parts.collection, `${at}.collection`), keyAt(parts.key, `${at}.key`));
  },
  csv: (value, all, at) =>
    kit.csv(
      fieldsAt(value, at),
      orderAt(all.order, `${at}.order`),
      optionalText(all.identity, `${at}.identity`) ?? null,
    ),
  ignored: (value, _all, at) => kit.ignored(textAt(value, at)),
};

/** @throws ShadowError SHADOW_RULE that says where and what would be right */
export function inlineRule(value: unknown, at = 'rules'): Rule {
  if (typeof value === 'string') {
    const bare = Object.hasOwn(BARE, value) ? BARE[value] : undefined;
    if (bare !== undefined) return bare();
    throw wrong(at, `one of ${Object.keys(BARE).join(', ')}, or an object with one of the other words`, value);
  }
  const data = dataAt(value, at);
  const words = Object.keys(data).filter((key) => Object.hasOwn(WITH_PARTS, key));
  const [word] = words;
  const make = word === undefined ? undefined : WITH_PARTS[word];
  if (words.length !== 1 || word === undefined || make === undefined) {
    throw wrong(at, `exactly one of ${Object.keys(WITH_PARTS).join(', ')}`, Object.keys(data).join(', ') || 'nothing');
  }
  return Object.freeze(make(data[word], data, `${at}.${word}`));
}

function fieldsAt(value: unknown, at: string): Record<string, Rule> {
  const fields = Object.entries(dataAt(value, at));
  return Object.fromEntries(fields.map(([name, rule]) => [name, inlineRule(rule, `${at}.${name}`)]));
}

function currencyFrom(value: unknown, at: string): string | CurrencyFrom {
  if (typeof value === 'string') return value;
  const data = dataAt(value, at);
  if (typeof data.sibling === 'string') return { sibling: data.sibling };
  if (typeof data.currency === 'string') return { currency: data.currency };
  if (typeof data.scale === 'number') return { scale: data.scale };
  throw wrong(at, 'the name of a sibling field, { currency } or { scale }', Object.keys(data).join(', '));
}

function orderAt(value: unknown, at: string): Order {
  if (value === undefined || value === 'total') return { kind: 'total' };
  if (value === 'free') return { kind: 'free' };
  const data = dataAt(value, at);
  const by = textsAt(data.by, `${at}.by`);
  const sortParam = optionalText(data.sortParam, `${at}.sortParam`);
  return sortParam === undefined ? { kind: 'keyed', by } : { kind: 'keyed', by, sortParam };
}

function orderOptions(all: Data, at: string): { sortParam?: string; identity?: string } {
  const sortParam = optionalText(all.sortParam, `${at}.sortParam`);
  const identity = optionalText(all.identity, `${at}.identity`);
  return { ...(sortParam === undefined ? {} : { sortParam }), ...(identity === undefined ? {} : { identity }) };
}

function keyAt(value: unknown, at: string): 'instant' | 'number' | 'text' {
  if (value === undefined) return 'instant';
  if (value === 'instant' || value === 'number' || value === 'text') return value;
  throw wrong(at, 'instant, number or text', String(value));
}

function dataAt(value: unknown, at: string): Data {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw wrong(at, 'an object', value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value);
}

function textAt(value: unknown, at: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(at, 'a name', typeof value);
}

function optionalText(value: unknown, at: string): string | undefined {
  return value === undefined ? undefined : textAt(value, at);
}

function numberAt(value: unknown, at: string): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw wrong(at, 'a number', typeof value);
}

function textsAt(value: unknown, at: string): string[] {
  if (Array.isArray(value) && value.length > 0) return value.map((item, i) => textAt(item, `${at}.${i}`));
  throw wrong(at, 'a list of field names', typeof value);
}

function wrong(at: string, expected: string, actual: string): ShadowError {
  return new ShadowError('SHADOW_RULE', `the rule at ${at} cannot be read`, {
    expected,
    actual,
    example: '{ object: { id: { ref: orders }, total: { money: currency }, createdAt: instant } }',
  });
}
