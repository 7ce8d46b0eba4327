import { truthy } from '../bson/convert.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { fieldPath } from '../query/field-path.ts';
import { KNOWN_EXPRESSIONS } from './known.ts';
import { arithmeticOperators } from './operators/arithmetic.ts';
import { arrayOperators } from './operators/arrays.ts';
import { conditionalOperators } from './operators/conditional.ts';
import { conversionOperators } from './operators/conversion.ts';
import { dateOperators } from './operators/dates.ts';
import { foldOperators } from './operators/folds.ts';
import { objectOperators } from './operators/objects.ts';
import { setOperators } from './operators/sets.ts';
import { sortOperators } from './operators/sort-array.ts';
import { stringOperators } from './operators/strings.ts';
import type { Compile, Environment, Expression, OperatorCompiler, Variables } from './operators/types.ts';

export type { Environment, Expression, Variables };

/** Every operator that is known to answer as MongoDB does for all values that it takes. */
const OPERATORS: ReadonlyMap<string, OperatorCompiler> = new Map([
  ...arithmeticOperators,
  ...arrayOperators,
  ...conditionalOperators,
  ...conversionOperators,
  ...dateOperators,
  ...foldOperators,
  ...objectOperators,
  ...setOperators,
  ...sortOperators,
  ...stringOperators,
]);

const NO_NAMES: ReadonlySet<string> = new Set();

/** Compiles an aggregation expression that may refer to the given variables. Fails by name on what it does not know. */
export function compileExpression(value: Value, names: ReadonlySet<string> = NO_NAMES): Expression {
  if (typeof value === 'string') return value.startsWith('$') ? reference(value, names) : constant(value);
  if (Array.isArray(value)) {
    const elements = value.map((element) => compileExpression(element, names));
    return (environment) => elements.map((element) => element(environment) ?? null);
  }
  if (!isDoc(value)) return constant(value);
  const [first] = value.keys();
  if (first?.startsWith('$')) return operator(first, value, names);
  return objectOf(value, names);
}

/** An expression as the test of `$expr`. */
export function expressionPredicate(value: Value, variables: Variables): (document: Doc) => boolean {
  const expression = compileExpression(value, new Set(variables.keys()));
  return (document) => truthy(expression({ root: document, variables }));
}

/** Whether MongoDB has an expression of that name, whether or not it is known here. */
export function isExpressionName(name: string): boolean {
  return name === '$literal' || name === '$const' || OPERATORS.has(name) || KNOWN_EXPRESSIONS.has(name);
}

function constant(value: Value): Expression {
  return () => value;
}

function operator(name: string, value: Doc, names: ReadonlySet<string>): Expression {
  if (value.size !== 1) {
    throw new MongoError(
      15983,
      `an object representing an expression must have exactly one field: ${[...value.keys()].join(', ')}`,
    );
  }
  const operand = value.get(name) ?? null;
  if (name === '$literal' || name === '$const') return constant(operand);
  const compiler = OPERATORS.get(name);
  if (compiler === undefined) {
    if (KNOWN_EXPRESSIONS.has(name)) throw notSupported(`the expression ${name}`);
    throw new MongoError(168, `Unrecognized expression '${name}'`);
  }
  const compile: Compile = (inner, more = []) =>
    compileExpression(inner, more.length === 0 ? names : new Set([...names, ...more]));
  return compiler(operand, compile, name);
}

function objectOf(value: Doc, names: ReadonlySet<string>): Expression {
  const fields = [...value].map(([name, inner]): [string, Expression] => {
    if (name.startsWith('$'))
      throw new MongoError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    if (name.includes('.'))
      throw new MongoError(16412, `FieldPath field names may not contain '.'. Consider using $getField or $setField.`);
    return [name, compileExpression(inner, names)];
  });
  return (environment) => {
    const made: Doc = new Map();
    for (const [name, expression] of fields) {
      const inner = expression(environment);
      if (inner !== undefined) made.set(name, inner);
    }
    return made;
  };
}

function reference(text: string, names: ReadonlySet<string>): Expression {
  if (text === '$') throw new MongoError(16872, "'$' by itself is not a valid FieldPath");
  if (text === '$$') throw new MongoError(16867, 'empty variable names are not allowed');
  const path = fieldPath(text.startsWith('$$') ? text.slice(2) : text.slice(1));
  if (!text.startsWith('$$')) {
    const [only] = path;
    if (path.length === 1 && only !== undefined) return (environment) => environment.root.get(only);
    return (environment) => valueAt(environment.root, path, 0);
  }
  const [name = '', ...rest] = path;
  const start = variable(name, names);
  return rest.length === 0 ? start : (environment) => valueAt(start(environment), rest, 0);
}

function variable(name: string, names: ReadonlySet<string>): Expression {
  if (names.has(name)) return (environment) => environment.variables.get(name);
  switch (name) {
    case 'ROOT':
    case 'CURRENT':
      return (environment) => environment.root;
    case 'REMOVE':
      return () => undefined;
    case 'DESCEND':
    case 'PRUNE':
    case 'KEEP':
    case 'CLUSTER_TIME':
    case 'SEARCH_META':
    case 'USER_ROLES':
      throw notSupported(`the variable $$${name}`);
    default:
  }
  throw new MongoError(17276, `Use of undefined variable: ${name}`);
}

/** A path in an expression: through an array it gives the array of what its documents have there, of arrays nothing. */
export function valueAt(value: Value | undefined, path: readonly string[], from: number): Value | undefined {
  if (from === path.length) return value;
  if (isDoc(value ?? null) && value instanceof Map) return valueAt(value.get(path[from] ?? ''), path, from + 1);
  if (!Array.isArray(value)) return undefined;
  const found: Value[] = [];
  for (const element of value) {
    if (!isDoc(element)) continue;
    const inner = valueAt(element, path, from);
    if (inner !== undefined) found.push(inner);
  }
  return found;
}
