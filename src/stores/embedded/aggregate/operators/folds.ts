import { compare, isNumeric } from '../../bson/compare.ts';
import { Sum } from '../../bson/sum.ts';
import type { Value } from '../../bson/values.ts';
import { type Expression, isNullish, type OperatorCompiler, type OperatorTable } from './types.ts';

/**
 * `$sum`, `$avg`, `$min` and `$max` as expressions: of one argument that is an array, its elements; of several, each one.
 */
function fold(over: (values: readonly (Value | undefined)[]) => Value | undefined): OperatorCompiler {
  return (operand, compile) => {
    const single: Expression | undefined =
      Array.isArray(operand) && operand.length !== 1
        ? undefined
        : compile(Array.isArray(operand) ? (operand[0] ?? null) : operand);
    const several = Array.isArray(operand) ? operand.map((argument) => compile(argument)) : [];
    return (environment) => {
      if (single === undefined) return over(several.map((argument) => argument(environment)));
      const value = single(environment);
      return over(Array.isArray(value) ? value : [value]);
    };
  };
}

export function sumOf(values: readonly (Value | undefined)[]): Value {
  const sum = new Sum();
  for (const value of values) if (isNumeric(value)) sum.add(value);
  return sum.total();
}

function averageOf(values: readonly (Value | undefined)[]): Value {
  const sum = new Sum();
  for (const value of values) if (isNumeric(value)) sum.add(value);
  return sum.average() ?? null;
}

/** Null and missing values take no part. */
function extremeOf(values: readonly (Value | undefined)[], direction: 1 | -1): Value {
  let best: Value | undefined;
  for (const value of values) {
    if (isNullish(value)) continue;
    if (best === undefined || compare(value, best) * direction > 0) best = value;
  }
  return best ?? null;
}

export const foldOperators: OperatorTable = [
  ['$sum', fold(sumOf)],
  ['$avg', fold(averageOf)],
  ['$min', fold((values) => extremeOf(values, -1))],
  ['$max', fold((values) => extremeOf(values, 1))],
];
