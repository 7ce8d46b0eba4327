import { toNumber, truthy } from '../../bson/convert.ts';
import { show } from '../../bson/show.ts';
import { type Doc, isDoc, type Value } from '../../bson/values.ts';
import { MongoError } from '../../mongo-error.ts';
import { fieldPath } from '../../query/field-path.ts';
import { compileFilter } from '../../query/matcher.ts';
import { parseSort, sortBy } from '../../query/sort.ts';
import { expressionPredicate } from '../expression.ts';
import { namedArguments } from '../operators/types.ts';
import type { PipelineContext, Stage } from '../pipeline.ts';

export function matchStage(spec: Value, context: PipelineContext): Stage {
  if (!isDoc(spec)) throw new MongoError(15959, 'the match filter must be an expression in an object');
  const matches = compileFilter(spec, { expression: (value) => expressionPredicate(value, context.variables) });
  return function* match(rows) {
    for (const row of rows) if (matches(row)) yield row;
  };
}

export function sortStage(spec: Value): Stage {
  if (!isDoc(spec)) throw new MongoError(15973, 'the $sort key specification must be an object');
  if (spec.size === 0) throw new MongoError(15976, '$sort stage must have at least one sort key');
  const parts = parseSort(spec);
  return function* sort(rows) {
    yield* sortBy([...rows], parts, (row) => row);
  };
}

function countOf(value: Value, name: string, code: number): number {
  const number = toNumber(value);
  if (number === undefined)
    throw new MongoError(code, `invalid argument to ${name} stage: Expected a number in: ${name}: ${show(value)}`);
  if (!Number.isInteger(number) || number < 0)
    throw new MongoError(
      code,
      `invalid argument to ${name} stage: Expected a non-negative number in: ${name}: ${number}`,
    );
  return number;
}

export function limitStage(spec: Value): Stage {
  const most = countOf(spec, '$limit', 5107201);
  if (most === 0) throw new MongoError(15958, 'the limit must be positive');
  return function* limit(rows) {
    let count = 0;
    for (const row of rows) {
      yield row;
      count += 1;
      if (count >= most) return;
    }
  };
}

export function skipStage(spec: Value): Stage {
  const number = countOf(spec, '$skip', 5107200);
  return function* skip(rows) {
    let count = 0;
    for (const row of rows) {
      count += 1;
      if (count > number) yield row;
    }
  };
}

export function sampleStage(spec: Value): Stage {
  const given = namedArguments(spec, '$sample', ['size']);
  const size = toNumber(given.get('size'));
  if (size === undefined) throw new MongoError(28746, 'size argument to $sample must be a number');
  if (!(size > 0)) throw new MongoError(28747, 'size argument to $sample must be a positive integer');
  return function* sample(rows) {
    const all = [...rows];
    for (let taken = 0; taken < size && taken < all.length; taken++) {
      const at = taken + Math.floor(Math.random() * (all.length - taken));
      const [one, two] = [all[taken], all[at]];
      if (one === undefined || two === undefined) return;
      all[taken] = two;
      all[at] = one;
      yield two;
    }
  };
}

export function unwindStage(spec: Value): Stage {
  const given: Doc =
    typeof spec === 'string'
      ? new Map([['path', spec]])
      : namedArguments(spec, '$unwind', ['path'], ['includeArrayIndex', 'preserveNullAndEmptyArrays']);
  checkUnwind(given);
  const text = given.get('path');
  if (typeof text !== 'string') throw new MongoError(28808, 'expected a string as the path for $unwind stage');
  if (!text.startsWith('$'))
    throw new MongoError(28818, `path option to $unwind stage should be prefixed with a '$': ${text}`);
  const path = fieldPath(text.slice(1));
  const index = given.get('includeArrayIndex');
  const indexPath = typeof index === 'string' ? fieldPath(index) : undefined;
  const keepsEmpty = truthy(given.get('preserveNullAndEmptyArrays'));
  return function* unwind(rows) {
    for (const row of rows) {
      const value = fieldAt(row, path);
      if (Array.isArray(value) && value.length > 0) {
        for (const [position, element] of value.entries()) {
          const made = withField(row, path, element);
          yield indexPath === undefined ? made : withField(made, indexPath, BigInt(position));
        }
      } else if (value === undefined || value === null || Array.isArray(value)) {
        if (!keepsEmpty) continue;
        const made = Array.isArray(value) ? withField(row, path, undefined) : row;
        yield indexPath === undefined ? made : withField(made, indexPath, null);
      } else {
        yield indexPath === undefined ? row : withField(row, indexPath, null);
      }
    }
  };
}

/** The types of the options, in the order in which they are given. */
function checkUnwind(given: Doc): void {
  for (const [name, value] of given) {
    if (name === 'path' && typeof value !== 'string')
      throw new MongoError(28808, 'expected a string as the path for $unwind stage');
    if (name === 'includeArrayIndex' && (typeof value !== 'string' || value === ''))
      throw new MongoError(28810, 'expected a non-empty string for the includeArrayIndex option to $unwind stage');
    if (name === 'includeArrayIndex' && typeof value === 'string' && value.startsWith('$'))
      throw new MongoError(28822, "includeArrayIndex option to $unwind stage should not be prefixed with a '$'");
    if (name === 'preserveNullAndEmptyArrays' && typeof value !== 'boolean')
      throw new MongoError(28809, 'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage');
  }
}

/** The value at a path of documents alone: `$unwind` does not look through arrays on the way. */
function fieldAt(document: Doc, path: readonly string[]): Value | undefined {
  let current: Value | undefined = document;
  for (const name of path) {
    if (!(current instanceof Map)) return undefined;
    current = current.get(name);
  }
  return current;
}

/** A copy with a field set, or left out where there is no value. */
export function withField(document: Doc, path: readonly string[], value: Value | undefined): Doc {
  const [name = '', ...rest] = path;
  const copy: Doc = new Map(document);
  if (rest.length === 0) {
    if (value === undefined) copy.delete(name);
    else copy.set(name, value);
    return copy;
  }
  const inner = document.get(name);
  copy.set(name, withField(inner instanceof Map ? inner : new Map(), rest, value));
  return copy;
}
