import { type Doc, isDoc, type Value } from '../../bson/values.ts';
import { MongoError } from '../../mongo-error.ts';
import { typeName } from '../../query/types.ts';
import { argumentsOf, isNullish, namedArguments, type OperatorCompiler, type OperatorTable, unary } from './types.ts';

const mergeObjects: OperatorCompiler = (operand, compile, name) => {
  const parts = argumentsOf(operand, compile, name, 0, Number.POSITIVE_INFINITY);
  return (environment) => {
    const given = parts.map((part) => part(environment));
    // One argument alone may be an array of documents.
    const [only] = given;
    return merged(given.length === 1 && Array.isArray(only) ? only : given);
  };
};

export function merged(values: readonly (Value | undefined)[]): Doc {
  const made: Doc = new Map();
  for (const value of values) {
    if (isNullish(value)) continue;
    if (!isDoc(value))
      throw new MongoError(40400, `$mergeObjects requires object inputs, but input of type ${typeName(value)}`);
    for (const [name, inner] of value) made.set(name, inner);
  }
  return made;
}

const objectToArray = unary((value) => {
  if (isNullish(value)) return null;
  if (!isDoc(value)) throw new MongoError(40390, `$objectToArray requires a document input, found: ${typeName(value)}`);
  return [...value].map(
    ([k, v]): Doc =>
      new Map<string, Value>([
        ['k', k],
        ['v', v],
      ]),
  );
});

const arrayToObject = unary((value) => {
  if (isNullish(value)) return null;
  if (!Array.isArray(value))
    throw new MongoError(40386, `$arrayToObject requires an array input, found: ${typeName(value)}`);
  const made: Doc = new Map();
  for (const pair of value) {
    const [key, inner] = Array.isArray(pair)
      ? pairOf(pair)
      : [isDoc(pair) ? pair.get('k') : undefined, isDoc(pair) ? pair.get('v') : undefined];
    if (typeof key !== 'string' || inner === undefined) {
      throw new MongoError(
        40395,
        '$arrayToObject requires an array of key-value pairs, where the key must be of type string',
      );
    }
    made.set(key, inner);
  }
  return made;
});

function pairOf(pair: readonly Value[]): [Value | undefined, Value | undefined] {
  if (pair.length !== 2) throw new MongoError(40397, '$arrayToObject requires an array of size 2 arrays');
  return [pair[0], pair[1]];
}

const getField: OperatorCompiler = (operand, compile, name) => {
  const isNamed = isDoc(operand) && (operand.has('field') || operand.has('input'));
  const given = isNamed ? namedArguments(operand, name, ['field', 'input']) : undefined;
  const field = compile(given === undefined ? operand : (given.get('field') ?? null));
  const input = given === undefined ? undefined : compile(given.get('input') ?? null);
  return (environment) => {
    const key = field(environment);
    if (typeof key !== 'string')
      throw new MongoError(3041704, `$getField requires 'field' to evaluate to type String, but got ${typeName(key)}`);
    const value = input === undefined ? environment.root : input(environment);
    if (isNullish(value)) return value;
    return isDoc(value) ? value.get(key) : undefined;
  };
};

const setField: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['field', 'input', 'value']);
  const field = compile(given.get('field') ?? null);
  const input = compile(given.get('input') ?? null);
  const value = compile(given.get('value') ?? null);
  return (environment) => {
    const key = field(environment);
    if (typeof key !== 'string')
      throw new MongoError(4161107, `$setField requires 'field' to evaluate to type String, but got ${typeName(key)}`);
    const into = input(environment);
    if (isNullish(into)) return null;
    if (!isDoc(into)) throw new MongoError(4161105, `$setField requires 'input' to evaluate to type Object`);
    const made: Doc = new Map(into);
    const inner = value(environment);
    if (inner === undefined) made.delete(key);
    else made.set(key, inner);
    return made;
  };
};

export const objectOperators: OperatorTable = [
  ['$mergeObjects', mergeObjects],
  ['$objectToArray', objectToArray],
  ['$arrayToObject', arrayToObject],
  ['$getField', getField],
  ['$setField', setField],
];
