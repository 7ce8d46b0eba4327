import type { Comparator, Rule } from './rule.ts';
import { innerRules } from './walk.ts';

/**
 * Whether the same two answers always compare alike: all of its functions declare so. A function that reads a clock,
 * a file or its own earlier results may judge the same pair differently.
 */
export function isPure({ body, error, headerRules = {} }: Comparator): boolean {
  return [body, error, ...Object.values(headerRules)].every(isPureRule);
}

function isPureRule(rule: Rule): boolean {
  return rule.rule === 'custom' ? rule.pure === true : innerRules(rule).every(isPureRule);
}
