import { compare, isNumeric } from '../bson/compare.ts';
import { toSafeInteger } from '../bson/convert.ts';
import { hashKey } from '../bson/hash-key.ts';
import { Sum } from '../bson/sum.ts';
import { int32, isDoc, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { compareKeys, parseSort, sortKey } from '../query/sort.ts';
import { compileExpression, type Environment, type Expression } from './expression.ts';
import { merged } from './operators/objects.ts';
import { isNullish, namedArguments } from './operators/types.ts';

/** What one group gathers for one field. */
export interface Accumulator {
  add(environment: Environment): void;
  result(): Value | undefined;
}

export type MakeAccumulator = () => Accumulator;

const KNOWN = new Set([
  '$accumulator',
  '$median',
  '$percentile',
  '$stdDevPop',
  '$stdDevSamp',
  '$setUnion',
  '$concatArrays',
]);

/** Compiles `{$sum: ...}` and its kin. Fails by name on what it does not know. */
export function compileAccumulator(field: string, spec: Value, names: ReadonlySet<string>): MakeAccumulator {
  if (!isDoc(spec) || spec.size === 0)
    throw new MongoError(40234, `The field '${field}' must be an accumulator object`);
  if (spec.size !== 1) throw new MongoError(40238, `The field '${field}' must specify one accumulator`);
  const [[name, operand] = ['', null]] = spec;
  const make = simple(name, operand, names) ?? withArguments(name, operand, names);
  if (make !== undefined) return make;
  if (KNOWN.has(name)) throw notSupported(`the accumulator ${name}`);
  throw new MongoError(15952, `unknown group operator '${name}'`);
}

function simple(name: string, operand: Value, names: ReadonlySet<string>): MakeAccumulator | undefined {
  const over = (make: (value: Expression) => MakeAccumulator): MakeAccumulator =>
    make(compileExpression(operand, names));
  switch (name) {
    case '$sum':
      return over((value) => () => summing(value, (sum) => sum.total()));
    case '$avg':
      return over((value) => () => summing(value, (sum) => sum.average() ?? null));
    case '$count':
      if (!isDoc(operand) || operand.size > 0)
        throw new MongoError('TypeMismatch', '$count takes no arguments, i.e. $count:{}');
      return () => {
        let count = 0;
        return {
          add() {
            count += 1;
          },
          result: () => int32(count),
        };
      };
    case '$min':
      return over((value) => () => extreme(value, -1));
    case '$max':
      return over((value) => () => extreme(value, 1));
    case '$first':
      return over((value) => () => first(value));
    case '$last':
      return over((value) => () => last(value));
    case '$push':
      return over((value) => () => pushing(value));
    case '$addToSet':
      return over((value) => () => distinct(value));
    case '$mergeObjects':
      return over((value) => () => {
        const values: (Value | undefined)[] = [];
        return { add: (environment) => void values.push(value(environment)), result: () => merged(values) };
      });
    default:
      return undefined;
  }
}

function summing(value: Expression, result: (sum: Sum) => Value): Accumulator {
  const sum = new Sum();
  return {
    add(environment) {
      const number = value(environment);
      if (isNumeric(number)) sum.add(number);
    },
    result: () => result(sum),
  };
}

function extreme(value: Expression, direction: 1 | -1): Accumulator {
  let best: Value | undefined;
  return {
    add(environment) {
      const next = value(environment);
      if (!isNullish(next) && (best === undefined || compare(next, best) * direction > 0)) best = next;
    },
    result: () => best ?? null,
  };
}

function first(value: Expression): Accumulator {
  let found: Value | undefined;
  let seen = false;
  return {
    add(environment) {
      if (!seen) found = value(environment);
      seen = true;
    },
    result: () => found ?? null,
  };
}

function last(value: Expression): Accumulator {
  let found: Value | undefined;
  return {
    add(environment) {
      found = value(environment);
    },
    result: () => found ?? null,
  };
}

function pushing(value: Expression): Accumulator {
  const values: Value[] = [];
  return {
    add(environment) {
      const next = value(environment);
      if (next !== undefined) values.push(next);
    },
    result: () => values,
  };
}

function distinct(value: Expression): Accumulator {
  const values = new Map<string, Value>();
  return {
    add(environment) {
      const next = value(environment);
      if (next === undefined) return;
      const key = hashKey(next);
      if (!values.has(key)) values.set(key, next);
    },
    result: () => [...values.values()],
  };
}

/** `$top`, `$bottom`, `$topN`, `$bottomN`, `$firstN`, `$lastN`, `$minN`, `$maxN`. */
function withArguments(name: string, operand: Value, names: ReadonlySet<string>): MakeAccumulator | undefined {
  switch (name) {
    case '$top':
    case '$bottom':
    case '$topN':
    case '$bottomN':
      return sorted(name, operand, names);
    case '$firstN':
    case '$lastN':
    case '$minN':
    case '$maxN': {
      const given = namedArguments(operand, name, ['input', 'n']);
      const input = compileExpression(given.get('input') ?? null, names);
      const count = countOf(given.get('n'));
      return () => {
        const values: Value[] = [];
        return {
          add: (environment) => void values.push(input(environment) ?? null),
          result: () => choose(name, values, count),
        };
      };
    }
    default:
      return undefined;
  }
}

function choose(name: string, values: readonly Value[], count: number): Value[] {
  if (name === '$firstN') return values.slice(0, count);
  if (name === '$lastN') return values.slice(-count);
  const direction = name === '$minN' ? 1 : -1;
  return values
    .filter((value) => value !== null)
    .sort((one, two) => compare(one, two) * direction)
    .slice(0, count);
}

function countOf(value: Value | undefined): number {
  const count = toSafeInteger(value);
  if (count === undefined) throw notSupported("an 'n' that is no constant");
  if (count <= 0) throw new MongoError(5787908, "'n' must be greater than 0");
  return count;
}

function sorted(name: string, operand: Value, names: ReadonlySet<string>): MakeAccumulator {
  const many = name.endsWith('N');
  const given = namedArguments(operand, name, many ? ['sortBy', 'output', 'n'] : ['sortBy', 'output']);
  const order = given.get('sortBy');
  if (!(order instanceof Map)) throw new MongoError(10065, 'sortBy must be an object');
  const parts = parseSort(order);
  const output = compileExpression(given.get('output') ?? null, names);
  const count = many ? countOf(given.get('n')) : 1;
  const fromEnd = name.startsWith('$bottom');
  return () => {
    const rows: { key: (Value | undefined)[]; value: Value }[] = [];
    return {
      add: (environment) =>
        void rows.push({ key: sortKey(environment.root, parts), value: output(environment) ?? null }),
      result() {
        rows.sort((one, two) => compareKeys(one.key, two.key, parts));
        const chosen = (fromEnd ? rows.slice(-count) : rows.slice(0, count)).map((row) => row.value);
        return many ? chosen : chosen[0];
      },
    };
  };
}
