import { type Doc, isDoc, type Value } from '../../bson/values.ts';
import { MongoError } from '../../mongo-error.ts';
import { ARGUMENT_CODES, ARITY_CODES } from './argument-codes.ts';

export type Variables = ReadonlyMap<string, Value | undefined>;

/** What an expression is evaluated over: the document, and the variables that are bound. */
export interface Environment {
  readonly root: Doc;
  readonly variables: Variables;
}

/** `undefined` is a missing value: a field that gets it is left out. */
export type Expression = (environment: Environment) => Value | undefined;

/** Compiles an inner expression, with further variables in its scope. */
export type Compile = (value: Value, names?: readonly string[]) => Expression;

export type OperatorCompiler = (operand: Value, compile: Compile, name: string) => Expression;

export type OperatorTable = readonly (readonly [name: string, compiler: OperatorCompiler])[];

/** The arguments of an operator that takes a list, or one alone. */
export function argumentsOf(operand: Value, compile: Compile, name: string, least: number, most: number): Expression[] {
  const list = Array.isArray(operand) ? operand : [operand];
  if (list.length < least || list.length > most) {
    const takes = least === most ? `exactly ${least}` : `at least ${least} and at most ${most}`;
    throw new MongoError(
      ARITY_CODES.get(name) ?? (least === most ? 16020 : 28667),
      `Expression ${name} takes ${takes} arguments. ${list.length} were passed in.`,
    );
  }
  return list.map((argument) => compile(argument));
}

/** An operator of one argument. */
export function unary(evaluate: (value: Value | undefined, name: string) => Value | undefined): OperatorCompiler {
  return (operand, compile, name) => {
    const [argument] = argumentsOf(operand, compile, name, 1, 1);
    return (environment) => evaluate(argument?.(environment), name);
  };
}

/** An operator of two arguments. */
export function binary(
  evaluate: (first: Value | undefined, second: Value | undefined, name: string) => Value | undefined,
): OperatorCompiler {
  return (operand, compile, name) => {
    const [first, second] = argumentsOf(operand, compile, name, 2, 2);
    return (environment) => evaluate(first?.(environment), second?.(environment), name);
  };
}

/** The named arguments of an operator that takes a document; an argument it does not know is refused. */
export function namedArguments(
  operand: Value,
  name: string,
  required: readonly string[],
  optional: readonly string[] = [],
): Doc {
  const codes = ARGUMENT_CODES.get(name);
  if (!isDoc(operand))
    throw new MongoError(codes?.document ?? 'FailedToParse', `${name} requires an object as an argument`);
  for (const field of operand.keys()) {
    if (!required.includes(field) && !optional.includes(field)) {
      throw new MongoError(codes?.unknown ?? 'FailedToParse', `Unrecognized argument to ${name}: ${field}`);
    }
  }
  for (const field of required) {
    if (!operand.has(field))
      throw new MongoError(codes?.missing[field] ?? 'FailedToParse', `Missing '${field}' parameter to ${name}`);
  }
  return operand;
}

/** Null and missing: most operators answer null when an argument is one. */
export function isNullish(value: Value | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** The environment with one variable more. */
export function bind(environment: Environment, name: string, value: Value | undefined): Environment {
  return { root: environment.root, variables: new Map(environment.variables).set(name, value) };
}
