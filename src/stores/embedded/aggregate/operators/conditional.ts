import { compare } from '../../bson/compare.ts';
import { truthy } from '../../bson/convert.ts';
import { type Doc, int32, isDoc, type Value } from '../../bson/values.ts';
import { MongoError } from '../../mongo-error.ts';
import {
  argumentsOf,
  binary,
  type Expression,
  isNullish,
  namedArguments,
  type OperatorCompiler,
  type OperatorTable,
  unary,
} from './types.ts';

const MANY = Number.POSITIVE_INFINITY;

const and: OperatorCompiler = (operand, compile, name) => {
  const tests = argumentsOf(operand, compile, name, 0, MANY);
  return (environment) => tests.every((test) => truthy(test(environment)));
};

const or: OperatorCompiler = (operand, compile, name) => {
  const tests = argumentsOf(operand, compile, name, 0, MANY);
  return (environment) => tests.some((test) => truthy(test(environment)));
};

const cond: OperatorCompiler = (operand, compile) => {
  let parts: (Value | undefined)[];
  if (isDoc(operand)) {
    for (const field of operand.keys()) {
      if (!['if', 'then', 'else'].includes(field))
        throw new MongoError(17083, `Unrecognized parameter to $cond: ${field}`);
    }
    parts = ['if', 'then', 'else'].map((field) => operand.get(field));
    for (const [at, part] of parts.entries()) {
      if (part === undefined)
        throw new MongoError(17080 + at, `Missing '${['if', 'then', 'else'][at]}' parameter to $cond`);
    }
  } else {
    if (!Array.isArray(operand) || operand.length !== 3) {
      throw new MongoError(16020, 'Expression $cond takes exactly 3 arguments.');
    }
    parts = operand;
  }
  const [test, then, otherwise] = parts.map((part) => compile(part ?? null));
  return (environment) => (truthy(test?.(environment)) ? then?.(environment) : otherwise?.(environment));
};

const ifNull: OperatorCompiler = (operand, compile, name) => {
  const choices = argumentsOf(operand, compile, name, 2, MANY);
  return (environment) => {
    let value: Value | undefined;
    for (const choice of choices) {
      value = choice(environment);
      if (!isNullish(value)) return value;
    }
    return value;
  };
};

const switchCase: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['branches'], ['default']);
  const branches = given.get('branches');
  if (!Array.isArray(branches)) throw new MongoError(40061, "$switch expected an array for 'branches'");
  if (branches.length === 0) throw new MongoError(40068, '$switch requires at least one branch.');
  const compiled = branches.map((branch): [Expression, Expression] => {
    const parts: Doc = namedArguments(branch, `${name} branch`, ['case', 'then']);
    return [compile(parts.get('case') ?? null), compile(parts.get('then') ?? null)];
  });
  const fallback = given.has('default') ? compile(given.get('default') ?? null) : undefined;
  return (environment) => {
    for (const [test, then] of compiled) if (truthy(test(environment))) return then(environment);
    if (fallback === undefined) {
      throw new MongoError(
        40066,
        '$switch could not find a matching branch for an input, and no default was specified.',
      );
    }
    return fallback(environment);
  };
};

const letIn: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['vars', 'in']);
  const declared = given.get('vars');
  if (!isDoc(declared)) throw new MongoError(10065, 'invalid parameter: expected an object (vars)');
  const variables = [...declared].map(([variable, value]): [string, Expression] => [
    checkVariable(variable),
    compile(value),
  ]);
  const inner = compile(
    given.get('in') ?? null,
    variables.map(([variable]) => variable),
  );
  return (environment) => {
    const bound = new Map(environment.variables);
    for (const [variable, value] of variables) bound.set(variable, value(environment));
    return inner({ root: environment.root, variables: bound });
  };
};

/** User variables begin with a lowercase letter. */
export function checkVariable(name: string): string {
  if (!/^[a-z\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*$/.test(name)) {
    throw new MongoError('FailedToParse', `'${name}' starts with an invalid character for a user variable name`);
  }
  return name;
}

function comparing(accepts: (result: number) => boolean): OperatorCompiler {
  return binary((first, second) => accepts(compare(first, second)));
}

export const conditionalOperators: OperatorTable = [
  ['$and', and],
  ['$or', or],
  ['$not', unary((value) => !truthy(value))],
  ['$eq', comparing((result) => result === 0)],
  ['$ne', comparing((result) => result !== 0)],
  ['$gt', comparing((result) => result > 0)],
  ['$gte', comparing((result) => result >= 0)],
  ['$lt', comparing((result) => result < 0)],
  ['$lte', comparing((result) => result <= 0)],
  ['$cmp', binary((first, second) => int32(Math.sign(compare(first, second))))],
  ['$cond', cond],
  ['$ifNull', ifNull],
  ['$switch', switchCase],
  ['$let', letIn],
];
