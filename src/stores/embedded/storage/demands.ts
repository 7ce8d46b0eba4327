import { isNaNValue, RANK, rankOf } from '../bson/compare.ts';
import { type Doc, isDoc, Regex, type Value } from '../bson/values.ts';
import { isOperators } from '../query/leaf.ts';

export interface Range {
  readonly rank: number;
  low?: { value: Value; inclusive: boolean };
  high?: { value: Value; inclusive: boolean };
}

/** What the filter demands of one path, as far as an index can use it. */
export interface Demand {
  equal?: readonly Value[];
  range?: Range;
}

export type Constants = ReadonlyMap<string, Value | undefined>;

export const NO_CONSTANTS: Constants = new Map();

/** What a filter demands, and the branches of each `$or` that it must meet as well. */
export interface Demands {
  readonly paths: ReadonlyMap<string, Demand>;
  readonly alternatives: readonly (readonly Doc[])[];
}

export function demandsOf(filter: Doc, constants: Constants): Demands {
  const paths = new Map<string, Demand>();
  const alternatives: (readonly Doc[])[] = [];
  gather(filter, paths, alternatives, constants);
  return { paths, alternatives };
}

function gather(
  filter: Doc,
  demands: Map<string, Demand>,
  alternatives: (readonly Doc[])[],
  constants: Constants,
): void {
  for (const [name, value] of filter) {
    if (name === '$and' && Array.isArray(value)) {
      for (const branch of value) if (isDoc(branch)) gather(branch, demands, alternatives, constants);
    } else if (name === '$or' && Array.isArray(value)) {
      alternatives.push(value.filter(isDoc));
    } else if (name === '$expr') {
      gatherExpression(value, demands, constants);
    } else if (!name.startsWith('$')) {
      const demand = demands.get(name) ?? {};
      if (isOperators(value)) for (const [operator, operand] of value) demandOf(operator, operand, demand);
      else demandOf('$eq', value, demand);
      demands.set(name, demand);
    }
  }
}

/** Of `$expr`, the equality of a field with a constant; what is equal to it has an entry of that value. */
function gatherExpression(expression: Value, demands: Map<string, Demand>, constants: Constants): void {
  if (!isDoc(expression)) return;
  const every = expression.get('$and');
  if (Array.isArray(every)) for (const branch of every) gatherExpression(branch, demands, constants);
  const pair = expression.get('$eq');
  if (!Array.isArray(pair) || pair.length !== 2) return;
  for (const [field, other] of [pair, pair.toReversed()]) {
    if (typeof field !== 'string' || !/^\$[^$]/.test(field)) continue;
    const value = constantOf(other, constants);
    const demand = demands.get(field.slice(1)) ?? {};
    if (value === undefined || isDoc(value) || !isPoint(value)) continue;
    demand.equal ??= [value];
    demands.set(field.slice(1), demand);
  }
}

function constantOf(value: Value | undefined, constants: Constants): Value | undefined {
  if (typeof value === 'string')
    return value.startsWith('$$') ? constants.get(value.slice(2)) : value.startsWith('$') ? undefined : value;
  return isDoc(value ?? null) ? undefined : value;
}

/** Null, arrays and patterns find documents that have no entry of that value in an index. */
function isPoint(value: Value): boolean {
  return value !== null && !Array.isArray(value) && !(value instanceof Regex) && !isNaNValue(value);
}

function demandOf(operator: string, value: Value, demand: Demand): void {
  switch (operator) {
    case '$eq':
      if (isPoint(value)) demand.equal ??= [value];
      break;
    case '$in':
      if (Array.isArray(value) && value.every(isPoint)) demand.equal ??= value;
      break;
    case '$all':
      if (Array.isArray(value) && value[0] !== undefined && !isOperators(value[0]) && isPoint(value[0])) {
        demand.equal ??= [value[0]];
      }
      break;
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      rangeOf(operator, value, demand);
      break;
    default:
  }
}

const RANGED: readonly number[] = [RANK.number, RANK.string, RANK.date, RANK.objectId];

function rangeOf(operator: '$gt' | '$gte' | '$lt' | '$lte', value: Value, demand: Demand): void {
  const rank = rankOf(value);
  if (!RANGED.includes(rank) || isNaNValue(value)) return;
  demand.range ??= { rank };
  // A second bound of another type can only make the answer empty: the filter sees to that.
  if (demand.range.rank !== rank) return;
  const bound = { value, inclusive: operator === '$gte' || operator === '$lte' };
  if (operator === '$gt' || operator === '$gte') demand.range.low ??= bound;
  else demand.range.high ??= bound;
}
