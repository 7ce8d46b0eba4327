import type { Comparator, Rule } from './rule.ts';
import { innerRules } from './walk.ts';

/**
 * Whether the same two answers always compare alike: all of its functions declare so. A function that looks at a clock, a
 * file or what it saw before may say another thing of the same pair.
 */
export function isPure({ body, error, headerRules = {} }: Comparator): boolean {
  return [body, error, ...Object.values(headerRules)].every(isPureRule);
}

function isPureRule(rule: Rule): boolean {
  return rule.rule === 'custom' ? rule.pure === true : innerRules(rule).every(isPureRule);
}
