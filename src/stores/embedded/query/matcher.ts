import { compare } from '../bson/compare.ts';
import { truthy } from '../bson/convert.ts';
import { type Doc, isDoc, Regex, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import {
  comparison,
  inList,
  isOperators,
  type LeafTest,
  modulo,
  regexOperator,
  regexTest,
  sizeTest,
  typeTest,
} from './leaf.ts';
import { parsePath, visitPath } from './path.ts';
import { compileRegex } from './regex.ts';
import { unknownOperator, unknownTopLevel } from './unknown.ts';

/** What a match leaves behind: the position of the array element that `$` stands for. */
export interface MatchNote {
  position: number | undefined;
}

export type Matcher = (document: Doc, note?: MatchNote) => boolean;

/** What a filter may refer to in addition to the document. */
export interface FilterContext {
  /** Compiles `$expr`; given by the caller, so that the query language does not import the expressions. */
  readonly expression?: (expression: Value) => (document: Doc) => boolean;
  /** Within `$elemMatch`, where there is no document for `$expr`. */
  readonly inElement?: boolean;
}

/** Compiles a filter. Fails with MongoDB's BadValue on what it does not know. */
export function compileFilter(filter: Doc, context: FilterContext = {}): Matcher {
  return all([...filter].map(([name, value]) => clause(name, value, context)));
}

function clause(name: string, value: Value, context: FilterContext): Matcher {
  switch (name) {
    case '$and':
      return all(branches(name, value, context));
    case '$or': {
      const tests = branches(name, value, context);
      return (document, note) => tests.some((test) => test(document, note));
    }
    case '$nor': {
      const tests = branches(name, value, context);
      return (document) => !tests.some((test) => test(document));
    }
    case '$expr': {
      if (context.inElement === true)
        throw new MongoError('BadValue', '$expr can only be applied to the top-level document');
      if (context.expression === undefined)
        throw new MongoError('QueryFeatureNotAllowed', '$expr is not allowed in this context');
      return context.expression(value);
    }
    case '$comment':
      return () => true;
    case '$ref':
    case '$id':
    case '$db':
      // The parts of a reference are fields like any other.
      return leaf({ name, whole: false }, comparison('$eq', value));
    default:
      if (name.startsWith('$')) throw unknownTopLevel(name);
      return field(name, value, context);
  }
}

function branches(name: string, value: Value, context: FilterContext): Matcher[] {
  if (!Array.isArray(value)) throw new MongoError('BadValue', `${name} must be an array`);
  if (value.length === 0) throw new MongoError('BadValue', '$and/$or/$nor must be a nonempty array');
  return value.map((branch) => {
    if (!isDoc(branch)) throw new MongoError('BadValue', '$or/$and/$nor entries need to be full objects');
    return compileFilter(branch, context);
  });
}

function all(tests: readonly Matcher[]): Matcher {
  const [first] = tests;
  if (first !== undefined && tests.length === 1) return first;
  return (document, note) => tests.every((test) => test(document, note));
}

function field(name: string, value: Value, context: FilterContext): Matcher {
  const at: Target = { name, whole: false };
  if (isOperators(value)) return operators(at, value, context);
  if (value instanceof Regex) return leaf(at, regexTest(value, compileRegex(value)));
  return leaf(at, comparison('$eq', value));
}

/** Where operators look: at what a path finds, or (`whole`) at one value as it is, without looking through an array. */
interface Target {
  readonly name: string;
  readonly whole: boolean;
}

function operators(at: Target, spec: Doc, context: FilterContext): Matcher {
  const tests: Matcher[] = [];
  for (const [operator, value] of spec) {
    if (operator === '$options') {
      if (!spec.has('$regex')) throw new MongoError('BadValue', '$options needs a $regex');
      continue;
    }
    tests.push(operatorTest(at, operator, value, spec, context));
  }
  return all(tests);
}

function leaf(at: Target, test: LeafTest, throughLast = true): Matcher {
  if (at.whole) return (document) => test(document.get(at.name));
  const path = parsePath(at.name);
  const [only] = path;
  if (path.length === 1 && only !== undefined) {
    // The common case, without closures for each document.
    return (document, note) => {
      const value = document.get(only);
      if (!throughLast || !Array.isArray(value)) return test(value);
      for (let index = 0; index < value.length; index++) {
        if (!test(value[index])) continue;
        if (note !== undefined) note.position = index;
        return true;
      }
      return test(value);
    };
  }
  return (document, note) =>
    visitPath(document, path, throughLast, (value, index) => {
      if (!test(value)) return false;
      if (note !== undefined && index !== undefined) note.position = index;
      return true;
    });
}

function not(test: Matcher): Matcher {
  return (document) => !test(document);
}

function operatorTest(at: Target, operator: string, value: Value, spec: Doc, context: FilterContext): Matcher {
  switch (operator) {
    case '$eq':
      if (value instanceof Regex) return leaf(at, (found) => found instanceof Regex && compare(found, value) === 0);
      return leaf(at, comparison(operator, value));
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      if (value instanceof Regex)
        throw new MongoError('BadValue', `Can't have RegEx as arg to predicate over field '${at.name}'.`);
      return leaf(at, comparison(operator, value));
    case '$ne':
      if (value instanceof Regex) throw new MongoError('BadValue', "Can't have regex as arg to $ne.");
      return not(leaf(at, comparison('$eq', value)));
    case '$in':
      return leaf(at, inList(operator, value));
    case '$nin':
      return not(leaf(at, inList(operator, value)));
    case '$exists':
      return truthy(value)
        ? leaf(at, (found) => found !== undefined, false)
        : not(leaf(at, (found) => found !== undefined, false));
    case '$type':
      return leaf(at, typeTest(at.name, value));
    case '$regex':
      return leaf(at, regexOperator(value, spec.get('$options')));
    case '$mod':
      return leaf(at, modulo(value));
    case '$size':
      return leaf(at, sizeTest(at.name, value), false);
    case '$all':
      return allTest(at, value);
    case '$elemMatch':
      return elemMatch(at, value);
    case '$not':
      if (value instanceof Regex) return not(leaf(at, regexTest(value, compileRegex(value))));
      if (!isDoc(value)) throw new MongoError('BadValue', '$not needs a regex or a document');
      if (value.size === 0) throw new MongoError('BadValue', '$not cannot be empty');
      for (const inner of value.keys()) {
        if (!inner.startsWith('$')) throw unknownOperator(inner);
      }
      return not(operators(at, value, context));
    case '$comment':
      return () => true;
    default:
      throw unknownOperator(operator);
  }
}

function allTest(at: Target, value: Value): Matcher {
  if (!Array.isArray(value)) throw new MongoError('BadValue', '$all needs an array');
  if (value.length === 0) return () => false;
  const elements = value.filter((wanted) => isDoc(wanted) && wanted.has('$elemMatch'));
  if (elements.length > 0 && elements.length < value.length)
    throw new MongoError('BadValue', 'no $ expressions in $all');
  return all(
    value.map((wanted) => {
      if (isOperators(wanted)) {
        if (wanted.has('$elemMatch') && wanted.size === 1) return elemMatch(at, wanted.get('$elemMatch') ?? null);
        throw new MongoError('BadValue', 'no $ expressions in $all');
      }
      if (wanted instanceof Regex) return leaf(at, regexTest(wanted, compileRegex(wanted)));
      return leaf(at, comparison('$eq', wanted));
    }),
  );
}

function elemMatch(at: Target, value: Value): Matcher {
  if (!isDoc(value)) throw new MongoError('BadValue', '$elemMatch needs an Object');
  const test = compileElement(value);
  const path = parsePath(at.name);
  return (document, note) =>
    visitPath(document, path, false, (found, index) => {
      if (!Array.isArray(found)) return false;
      const position = found.findIndex((element) => test(element));
      if (position < 0) return false;
      if (note !== undefined) note.position = index ?? position;
      return true;
    });
}

/** Operators that hold filters of their own: what begins with one is a filter and not a test of one value. */
export const WHOLE = ['$and', '$or', '$nor', '$expr'];

/** A test of one array element: operators on the element itself, or a filter on its fields. */
export function compileElement(spec: Doc, context: FilterContext = { inElement: true }): (element: Value) => boolean {
  const [first] = spec.keys();
  if (isOperators(spec) && first !== undefined && !WHOLE.includes(first)) {
    const test = operators({ name: 'e', whole: true }, spec, context);
    return (element) => test(new Map([['e', element]]));
  }
  const test = compileFilter(spec, context);
  return (element) => {
    if (isDoc(element)) return test(element);
    return Array.isArray(element) && test(new Map(element.map((inner, index) => [String(index), inner])));
  };
}
