import { compare } from '../../bson/compare.ts';
import { truthy } from '../../bson/convert.ts';
import { hashKey } from '../../bson/hash-key.ts';
import type { Value } from '../../bson/values.ts';
import { MongoError } from '../../mongo-error.ts';
import { typeName } from '../../query/types.ts';
import { argumentsOf, binary, isNullish, type OperatorCompiler, type OperatorTable, unary } from './types.ts';

function asArray(value: Value | undefined, name: string): readonly Value[] {
  if (!Array.isArray(value))
    throw new MongoError(17048, `All operands of ${name} must be arrays. One argument is of type: ${typeName(value)}`);
  return value;
}

function keysOf(values: readonly Value[]): Set<string> {
  return new Set(values.map(hashKey));
}

/** Each value once, in the order of values. */
function distinct(values: readonly Value[]): Value[] {
  const seen = new Map<string, Value>();
  for (const value of values) if (!seen.has(hashKey(value))) seen.set(hashKey(value), value);
  return [...seen.values()].sort(compare);
}

function combining(combine: (sets: readonly (readonly Value[])[]) => Value[]): OperatorCompiler {
  return (operand, compile, name) => {
    const sets = argumentsOf(operand, compile, name, 0, Number.POSITIVE_INFINITY);
    return (environment) => {
      const values = sets.map((set) => set(environment));
      if (values.some(isNullish)) return null;
      return combine(values.map((value) => asArray(value, name)));
    };
  };
}

const union = combining((sets) => distinct(sets.flat()));

const intersection = combining(([first = [], ...rest]) => {
  const others = rest.map(keysOf);
  return distinct(first.filter((value) => others.every((other) => other.has(hashKey(value)))));
});

const difference = binary((first, second, name) => {
  if (isNullish(first) || isNullish(second)) return null;
  const without = keysOf(asArray(second, name));
  const seen = new Set<string>();
  return asArray(first, name).filter((value) => {
    const key = hashKey(value);
    if (without.has(key) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
});

const isSubset = binary((first, second, name) => {
  const all = keysOf(asArray(second, name));
  return asArray(first, name).every((value) => all.has(hashKey(value)));
});

const equals: OperatorCompiler = (operand, compile, name) => {
  const sets = argumentsOf(operand, compile, name, 2, Number.POSITIVE_INFINITY);
  return (environment) => {
    const [first = new Set<string>(), ...rest] = sets.map((set) => keysOf(asArray(set(environment), name)));
    return rest.every((other) => other.size === first.size && [...other].every((key) => first.has(key)));
  };
};

export const setOperators: OperatorTable = [
  ['$setUnion', union],
  ['$setIntersection', intersection],
  ['$setDifference', difference],
  ['$setIsSubset', isSubset],
  ['$setEquals', equals],
  ['$anyElementTrue', unary((value, name) => asArray(value, name).some(truthy))],
  ['$allElementsTrue', unary((value, name) => asArray(value, name).every(truthy))],
];
