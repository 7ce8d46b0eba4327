/** Walks through a rule: the only place that knows which rules lie inside which. */
import type { Rule } from './rule.ts';

/** The rules directly inside a rule. */
export function innerRules(rule: Rule): readonly Rule[] {
  switch (rule.rule) {
    case 'nullable':
    case 'list':
    case 'record':
      return [rule.of];
    case 'object':
      return Object.values(rule.fields);
    case 'csv':
      return Object.values(rule.columns);
    default:
      return [];
  }
}

/** The same rule, with each of its innermost rules changed. */
export function mapLeaves(rule: Rule, change: (leaf: Rule) => Rule): Rule {
  const fields = (of: Readonly<Record<string, Rule>>): Readonly<Record<string, Rule>> =>
    Object.fromEntries(Object.entries(of).map(([name, inner]) => [name, mapLeaves(inner, change)]));
  switch (rule.rule) {
    case 'nullable':
    case 'list':
    case 'record':
      return { ...rule, of: mapLeaves(rule.of, change) };
    case 'object':
      return { ...rule, fields: fields(rule.fields) };
    case 'csv':
      return { ...rule, columns: fields(rule.columns) };
    default:
      return change(rule);
  }
}

/** The collections whose ids a rule itself pairs: its value, or the keys of a record. */
function pairedCollections(rule: Rule): readonly string[] {
  switch (rule.rule) {
    case 'ref':
    case 'cursor':
      return [rule.collection];
    case 'refBy':
      return Object.values(rule.of);
    case 'record':
      return rule.keys === undefined ? [] : [rule.keys];
    default:
      return [];
  }
}

/** All collections that a rule pairs ids of, at any depth. */
export function collectionsIn(rule: Rule, found: Set<string> = new Set()): Set<string> {
  for (const own of pairedCollections(rule)) found.add(own);
  for (const inner of innerRules(rule)) collectionsIn(inner, found);
  return found;
}

/** A table's rows as the objects that its columns' rules see. */
export function rowsOf({ columns, order, identity }: Extract<Rule, { rule: 'csv' }>): Rule {
  return { rule: 'list', of: { rule: 'object', fields: columns }, order, identity };
}

/** The rule of a member or element; null where a rule names none. */
export function ruleBelow(rule: Rule | null, segment: string): Rule | null {
  switch (rule?.rule) {
    case 'nullable':
      return ruleBelow(rule.of, segment);
    case 'object':
      return Object.hasOwn(rule.fields, segment) ? (rule.fields[segment] ?? null) : null;
    case 'list':
    case 'record':
      return rule.of;
    default:
      return null;
  }
}
