/** What an answer says, as one text: what the rules ignore, and an order that means nothing, make no other one. */

import type { JsonValue, RawHeaders } from '../types.ts';
import { compileRule } from './compile.ts';
import type { CurrencyScales } from './currencies.ts';
import { StepsSpent } from './engine/meter.ts';
import { Run } from './engine/run.ts';
import { headerMeaning, headerOf } from './headers.ts';
import type { Comparator, CompareContext, Rule } from './rule.ts';
import { innerRules, mapLeaves } from './walk.ts';

/** Null where it takes too much to tell. */
export type MeaningOf = (body: JsonValue | undefined, context: CompareContext) => string | null;

/** Null where nothing is ignored and every order counts: there the bytes as sent say the same, at no cost. */
export function meaningOf(rule: Rule, scales: CurrencyScales): MeaningOf | null {
  if (!hasLeeway(rule)) return null;
  const { node } = compileRule(mapLeaves(rule, told), scales);
  return (body, context) => {
    try {
      return node.meaning('primary', body, new Run(context), null);
    } catch (thrown) {
      // Nested deeper than the stack is, or in need of more steps than a comparison may take.
      if (thrown instanceof RangeError || thrown instanceof StepsSpent) return null;
      throw thrown;
    }
  };
}

/** What is compared of an answer's fields, as one text: each that is there by what it means, or by its rule. */
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
  return (rawHeaders) => {
    const said: string[] = [];
    for (const [name, ofRule, plain] of meanings) {
      const value = headerOf(rawHeaders, name);
      if (value === null) continue;
      said.push(name, (plain ? headerMeaning(name, value) : ofRule?.(value, ALONE)) ?? value);
    }
    return JSON.stringify(said);
  };
}

/** One side's answer by itself, in its own forms. */
export const ALONE: CompareContext = Object.freeze({
  params: {},
  query: new Map(),
  representation: 'primary',
  ids: { uuidOf: () => null, objectIdOf: () => null },
});

function hasLeeway(rule: Rule): boolean {
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
