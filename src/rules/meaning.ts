/**
 * The meaning of an answer as one text: parts that the rules ignore, and an order that means nothing, do not change
 * it.
 */

import type { JsonValue, RawHeaders } from '../types.ts';
import { compileRule } from './compile.ts';
import type { CurrencyScales } from './currencies.ts';
import { StepsSpent } from './engine/meter.ts';
import { Run } from './engine/run.ts';
import { tiesOf } from './engine/sort-keys.ts';
import { isArray, isObject } from './exact-number.ts';
import { headerMeaning, headerOf } from './headers.ts';
import type { Comparator, CompareContext, Order, Rule } from './rule.ts';
import { innerRules, mapLeaves } from './walk.ts';

/** Null where it would take too many steps. */
export type MeaningOf = (body: JsonValue | undefined, context: CompareContext) => string | null;

/**
 * Null where nothing is ignored and every order counts: the bytes as sent then serve as well, at no cost. One API
 * prints one meaning one way, so that the JSON text of each part without such leeway stands for it.
 */
export function meaningOf(rule: Rule, scales: CurrencyScales): MeaningOf | null {
  if (!hasLeeway(rule)) return null;
  const text = textOf(rule, scales);
  return (body, context) => {
    try {
      return text(body, context);
    } catch (thrown) {
      // Nested deeper than the stack is, or in need of more steps than a comparison may take.
      if (thrown instanceof RangeError || thrown instanceof StepsSpent) return null;
      throw thrown;
    }
  };
}

type TextOf = (value: JsonValue | undefined, context: CompareContext) => string;

/** What is there says the same as what is not. */
const NOTHING = '';
const asPrinted: TextOf = (value) => (value === undefined ? NOTHING : JSON.stringify(value));
const ignored: TextOf = () => NOTHING;

function textOf(rule: Rule, scales: CurrencyScales): TextOf {
  if (!hasLeeway(rule)) return asPrinted;
  switch (rule.rule) {
    case 'nullable': {
      const of = textOf(rule.of, scales);
      return (value, context) => (value === null ? NOTHING : of(value, context));
    }
    case 'object': {
      const fields = Object.entries(rule.fields).filter(([, field]) => hasLeeway(field));
      return objectText(new Map(fields.map(([name, field]) => [name, textOf(field, scales)])));
    }
    case 'record':
      return recordText(textOf(rule.of, scales));
    case 'list':
      return listText(textOf(rule.of, scales), rule.order);
    case 'csv': {
      const { node } = compileRule(mapLeaves(rule, told), scales);
      return (value, context) => node.meaning('primary', value, new Run(context), null);
    }
    default:
      return ignored;
  }
}

/** Fields without leeway as they are printed, all at once; the others each by its own rule. */
function objectText(fields: ReadonlyMap<string, TextOf>): TextOf {
  return (value, context) => {
    if (!isObject(value)) return asPrinted(value, context);
    const printed: JsonValue[] = [];
    let text = '';
    for (const key in value) {
      const item = value[key] ?? null;
      const own = fields.get(key);
      if (own === undefined) printed.push(key, item);
      else {
        const said = own(item, context);
        if (said !== NOTHING) text += `${JSON.stringify(key)}:${said},`;
      }
    }
    return `{${text}${JSON.stringify(printed)}}`;
  };
}

/** The keys of a record come in any order. */
function recordText(of: TextOf): TextOf {
  return (value, context) => {
    if (!isObject(value)) return asPrinted(value, context);
    const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${of(item, context)}`);
    return `{${members.sort().join()}}`;
  };
}

function listText(of: TextOf, order: Order): TextOf {
  const ties = order.kind === 'keyed' ? tiesOf(order) : null;
  return (value, context) => {
    if (!isArray(value)) return asPrinted(value, context);
    const tied = ties?.(value, context.query) ?? [];
    const everyPlaceCounts = order.kind !== 'free' && tied.length === 0;
    if (everyPlaceCounts && of === asPrinted) return JSON.stringify(value);
    const items = value.map((item) => of(item, context));
    if (order.kind === 'free') items.sort();
    else sortTies(items, tied);
    return `[${items.join()}]`;
  };
}

/** Sorts each run of neighbours that tie. `tied`: the places whose item ties with the one before. */
export function sortTies(items: string[], tied: readonly number[]): void {
  for (let i = 0; i < tied.length; ) {
    const first = (tied[i] ?? 0) - 1;
    let end = first + 1;
    while (i < tied.length && tied[i] === end) {
      end += 1;
      i += 1;
    }
    const sorted = items.slice(first, end).sort();
    for (let at = first; at < end; at += 1) items[at] = sorted[at - first] ?? '';
  }
}

/** The compared header fields of an answer as one text: each field that is present, by its meaning or by its rule. */
export function fieldsMeaningOf(
  { headerRules = {} }: Pick<Comparator, 'headerRules'>,
  compared: ReadonlyMap<string, unknown>,
  scales: CurrencyScales,
): (rawHeaders: RawHeaders) => string {
  const rules = new Map(Object.entries(headerRules).map(([name, rule]) => [name.toLowerCase(), rule]));
  const meanings = [...compared.keys()].map((name) => {
    const rule = rules.get(name);
    return [name, rule === undefined ? null : meaningOf(rule, scales), rule === undefined] as const;
  });
  // Most answers of a route have the same fields.
  let last: { readonly values: readonly (string | null)[]; readonly said: string } = { values: [], said: '' };
  return (rawHeaders) => {
    const values = meanings.map(([name]) => headerOf(rawHeaders, name));
    if (last.said !== '' && values.every((value, i) => value === last.values[i])) return last.said;
    const said: string[] = [];
    meanings.forEach(([name, ofRule, plain], i) => {
      const value = values[i] ?? null;
      if (value === null) return;
      said.push(name, (plain ? headerMeaning(name, value) : ofRule?.(value, ALONE)) ?? value);
    });
    last = { values, said: JSON.stringify(said) };
    return last.said;
  };
}

/** The answer of one side alone, in its own forms. */
export const ALONE: CompareContext = Object.freeze({
  params: {},
  query: new Map(),
  representation: 'primary',
  ids: { uuidOf: () => null, objectIdOf: () => null },
});

export function hasLeeway(rule: Rule): boolean {
  if (rule.rule === 'ignored') return true;
  if ((rule.rule === 'list' || rule.rule === 'csv') && rule.order.kind !== 'total') return true;
  return innerRules(rule).some(hasLeeway);
}

/** A value that may be near another, or that a custom function judges, stays as it is: it is compared directly. */
function told(rule: Rule): Rule {
  switch (rule.rule) {
    case 'ratio':
    case 'custom':
    case 'aggregateMoney':
      return { rule: 'strict' };
    default:
      return rule;
  }
}
