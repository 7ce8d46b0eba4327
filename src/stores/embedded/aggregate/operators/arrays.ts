import { compare, isNumeric } from '../../bson/compare.ts';
import { toSafeInteger, truthy } from '../../bson/convert.ts';
import { show } from '../../bson/show.ts';
import { int32, type Value } from '../../bson/values.ts';
import { MongoError } from '../../mongo-error.ts';
import { typeName } from '../../query/types.ts';
import { checkVariable } from './conditional.ts';
import {
  argumentsOf,
  binary,
  bind,
  type Expression,
  isNullish,
  namedArguments,
  type OperatorCompiler,
  type OperatorTable,
  unary,
} from './types.ts';

export function asArray(value: Value, name: string, code: number): Value[] {
  if (!Array.isArray(value))
    throw new MongoError(code, `The argument to ${name} must be an array, but was of type: ${typeName(value)}`);
  return value;
}

/** An int32; `codes` are for what is no number, and for a number that is none. */
function wholeNumber(value: Value | undefined, name: string, codes: readonly [type: number, value: number]): number {
  const number = toSafeInteger(value);
  if (number === undefined || Math.abs(number) > 0x7fffffff) {
    throw new MongoError(
      codes[isNumeric(value) ? 1 : 0],
      `${name} requires a value that is representable as a 32-bit integer, found: ${show(value)}`,
    );
  }
  return number;
}

const elementAt = binary((array, position, name) => {
  if (isNullish(array) || isNullish(position)) return null;
  if (!Array.isArray(array))
    throw new MongoError(28689, `${name}'s first argument must be an array, but is ${typeName(array)}`);
  const at = wholeNumber(position, `${name}'s second argument`, [28690, 28691]);
  return array[at < 0 ? array.length + at : at];
});

function end(position: 0 | -1): OperatorCompiler {
  return unary((value, name) => (isNullish(value) ? null : asArray(value, name, 28689).at(position)));
}

const slice: OperatorCompiler = (operand, compile, name) => {
  const [array, first, second] = argumentsOf(operand, compile, name, 2, 3);
  return (environment) => {
    const values = array?.(environment);
    const one = first?.(environment);
    const two = second?.(environment);
    if (isNullish(values) || isNullish(one) || (second !== undefined && isNullish(two))) return null;
    if (!Array.isArray(values))
      throw new MongoError(28724, `First argument to $slice must be an array, but is of type: ${typeName(values)}`);
    const start = wholeNumber(one, '$slice', [28725, 28726]);
    if (second === undefined) return start < 0 ? values.slice(start) : values.slice(0, start);
    const count = wholeNumber(two, '$slice', [28727, 28728]);
    if (count <= 0) throw new MongoError(28729, `Third argument to $slice must be positive: ${count}`);
    const from = start < 0 ? Math.max(0, values.length + start) : start;
    return values.slice(from, from + count);
  };
};

const concatArrays: OperatorCompiler = (operand, compile, name) => {
  const arrays = argumentsOf(operand, compile, name, 0, Number.POSITIVE_INFINITY);
  return (environment) => {
    const values = arrays.map((array) => array(environment));
    if (values.some(isNullish)) return null;
    return values.flatMap((value) => {
      if (!Array.isArray(value))
        throw new MongoError(28664, `$concatArrays only supports arrays, not ${typeName(value)}`);
      return value;
    });
  };
};

/** A name that is no text is read as an empty one, which no variable has. */
function variableName(value: Value | undefined, fallback: string): string {
  if (value === undefined) return fallback;
  return checkVariable(typeof value === 'string' ? value : '');
}

const filter: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['input', 'cond'], ['as', 'limit']);
  const as = variableName(given.get('as'), 'this');
  const input = compile(given.get('input') ?? null);
  const test = compile(given.get('cond') ?? null, [as]);
  const limit: Expression | undefined = given.has('limit') ? compile(given.get('limit') ?? null) : undefined;
  return (environment) => {
    const values = input(environment);
    if (isNullish(values)) return null;
    if (!Array.isArray(values))
      throw new MongoError(28651, `input to $filter must be an array not ${typeName(values)}`);
    const most = limit?.(environment);
    const kept = values.filter((value) => truthy(test(bind(environment, as, value))));
    if (isNullish(most)) return kept;
    const count = wholeNumber(most, '$filter: limit', [327391, 327391]);
    if (count <= 0) throw new MongoError(327392, `$filter: limit must be greater than 0: ${count}`);
    return kept.slice(0, count);
  };
};

const map: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['input', 'in'], ['as']);
  const as = variableName(given.get('as'), 'this');
  const input = compile(given.get('input') ?? null);
  const make = compile(given.get('in') ?? null, [as]);
  return (environment) => {
    const values = input(environment);
    if (isNullish(values)) return null;
    if (!Array.isArray(values)) throw new MongoError(16883, `input to $map must be an array not ${typeName(values)}`);
    return values.map((value) => make(bind(environment, as, value)) ?? null);
  };
};

const reduce: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['input', 'initialValue', 'in']);
  const input = compile(given.get('input') ?? null);
  const initial = compile(given.get('initialValue') ?? null);
  const step = compile(given.get('in') ?? null, ['this', 'value']);
  return (environment) => {
    const values = input(environment);
    if (isNullish(values)) return null;
    if (!Array.isArray(values))
      throw new MongoError(40080, `$reduce requires that 'input' be an array, found: ${show(values)}`);
    let value = initial(environment);
    for (const element of values) value = step(bind(bind(environment, 'this', element), 'value', value));
    return value;
  };
};

const isIn = binary((value, array) => {
  if (!Array.isArray(array))
    throw new MongoError(40081, `$in requires an array as a second argument, found: ${typeName(array)}`);
  return array.some((element) => compare(element, value) === 0);
});

const indexOf: OperatorCompiler = (operand, compile, name) => {
  const [array, wanted, start, stop] = argumentsOf(operand, compile, name, 2, 4);
  return (environment) => {
    const values = array?.(environment);
    if (isNullish(values)) return null;
    if (!Array.isArray(values))
      throw new MongoError(40090, `$indexOfArray requires an array as a first argument, found: ${typeName(values)}`);
    const value = wanted?.(environment);
    const from =
      start === undefined ? 0 : wholeNumber(start(environment), '$indexOfArray starting index', [40096, 40096]);
    const to =
      stop === undefined ? values.length : wholeNumber(stop(environment), '$indexOfArray ending index', [40096, 40096]);
    if (from < 0 || to < 0)
      throw new MongoError(40097, '$indexOfArray requires a nonnegative starting and ending index');
    for (let at = from; at < Math.min(to, values.length); at++) if (compare(values[at], value) === 0) return int32(at);
    return int32(-1);
  };
};

/** Of the start, the end and the step. */
const RANGE_CODES = [
  [34443, 34444],
  [34445, 34446],
  [34447, 34448],
] as const;

const range: OperatorCompiler = (operand, compile, name) => {
  const parts = argumentsOf(operand, compile, name, 2, 3);
  return (environment) => {
    const [start = 0, stop = 0, step = 1] = parts.map((part, at) =>
      wholeNumber(part(environment), '$range', RANGE_CODES[at] ?? [34447, 34448]),
    );
    if (step === 0) throw new MongoError(34449, '$range requires a non-zero step value');
    if ((stop - start) / step > 1_000_000) throw new MongoError(146, '$range would use too much memory');
    const made: Value[] = [];
    for (let at = start; step > 0 ? at < stop : at > stop; at += step) made.push(int32(at));
    return made;
  };
};

const reverse = unary((value, name) => (isNullish(value) ? null : asArray(value, name, 34435).toReversed()));

/** `$firstN`, `$lastN`, `$minN`, `$maxN` over an array. */
function some(choose: (values: readonly Value[], count: number) => Value[]): OperatorCompiler {
  return (operand, compile, name) => {
    const given = namedArguments(operand, name, ['input', 'n']);
    const input = compile(given.get('input') ?? null);
    const count = compile(given.get('n') ?? null);
    return (environment) => {
      const n = toSafeInteger(count(environment));
      if (n === undefined || n <= 0) throw new MongoError(5787908, "'n' must be greater than 0");
      const values = input(environment);
      if (!Array.isArray(values)) throw new MongoError(5788200, 'Input must be an array');
      return choose(values, n);
    };
  };
}

/** Null and missing take no part in `$minN` and `$maxN`. */
function extremes(values: readonly Value[], count: number, direction: 1 | -1): Value[] {
  return values
    .filter((value) => value !== null)
    .sort((first, second) => compare(first, second) * direction)
    .slice(0, count);
}

export const arrayOperators: OperatorTable = [
  [
    '$size',
    unary((value, name) => {
      if (!Array.isArray(value))
        throw new MongoError(17124, `The argument to ${name} must be an array, but was of type: ${typeName(value)}`);
      return int32(value.length);
    }),
  ],
  ['$arrayElemAt', elementAt],
  ['$first', end(0)],
  ['$last', end(-1)],
  ['$firstN', some((values, count) => values.slice(0, count))],
  ['$lastN', some((values, count) => values.slice(-count))],
  ['$minN', some((values, count) => extremes(values, count, 1))],
  ['$maxN', some((values, count) => extremes(values, count, -1))],
  ['$slice', slice],
  ['$concatArrays', concatArrays],
  ['$filter', filter],
  ['$map', map],
  ['$reduce', reduce],
  ['$in', isIn],
  ['$indexOfArray', indexOf],
  ['$isArray', unary((value) => Array.isArray(value))],
  ['$range', range],
  ['$reverseArray', reverse],
];
