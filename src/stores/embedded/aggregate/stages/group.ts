import { compare, isNumeric, rankOf } from '../../bson/compare.ts';
import { hashKey } from '../../bson/hash-key.ts';
import { type Doc, int32, isDoc, type Value } from '../../bson/values.ts';
import { MongoError } from '../../mongo-error.ts';
import { sortBy } from '../../query/sort.ts';
import { type Accumulator, compileAccumulator, type MakeAccumulator } from '../accumulators.ts';
import { looksAtDocument } from '../constant.ts';
import { compileExpression, type Expression } from '../expression.ts';
import { namedArguments } from '../operators/types.ts';
import type { PipelineContext, Stage } from '../pipeline.ts';

type Fields = readonly (readonly [string, MakeAccumulator])[];

function accumulatorsOf(spec: Doc, context: PipelineContext): Fields {
  const names = new Set(context.variables.keys());
  return [...spec]
    .filter(([name]) => name !== '_id')
    .map(([name, value]) => {
      if (name.includes('.')) throw new MongoError(40235, `The field name '${name}' cannot contain '.'`);
      if (name.startsWith('$')) throw new MongoError(40236, `The field name '${name}' cannot be an operator name`);
      if (isDoc(value) && value.keys().next().value?.startsWith('$') !== true)
        throw new MongoError(40234, `The field '${name}' must be an accumulator object`);
      const [operand] = isDoc(value) && value.size === 1 ? value.values() : [];
      if (Array.isArray(operand)) throw new MongoError(40237, `The accumulator of '${name}' is a unary operator`);
      return [name, compileAccumulator(name, value, names)] as const;
    });
}

interface Group {
  readonly id: Value;
  readonly fields: readonly (readonly [string, Accumulator])[];
}

/** Groups rows by what `idOf` gives for each, in the order in which the groups are first met. */
function grouped(rows: Iterable<Doc>, context: PipelineContext, idOf: (row: Doc) => Value, fields: Fields): Doc[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const id = idOf(row);
    const key = hashKey(id);
    let group = groups.get(key);
    if (group === undefined) {
      group = { id, fields: fields.map(([name, make]) => [name, make()] as const) };
      groups.set(key, group);
    }
    for (const [, accumulator] of group.fields) accumulator.add({ root: row, variables: context.variables });
  }
  return [...groups.values()].map((group) => {
    const made: Doc = new Map([['_id', group.id]]);
    for (const [name, accumulator] of group.fields) made.set(name, accumulator.result() ?? null);
    return made;
  });
}

export function groupStage(spec: Value, context: PipelineContext): Stage {
  if (!isDoc(spec)) throw new MongoError(15947, "a group's fields must be specified in an object");
  const given = spec.get('_id');
  if (given === undefined) throw new MongoError(15955, 'a group specification must include an _id');
  checkId(given);
  const id: Expression = compileExpression(given, new Set(context.variables.keys()));
  const fields = accumulatorsOf(spec, context);
  return function* group(rows) {
    yield* grouped(rows, context, (row) => id({ root: row, variables: context.variables }) ?? null, fields);
  };
}

/** Of `{_id: {a: 1}}` one could think that it groups by the field `a`: MongoDB takes no number or boolean there. */
function checkId(id: Value): void {
  if (!isDoc(id) || id.keys().next().value?.startsWith('$') === true) return;
  for (const value of id.values()) {
    if (isNumeric(value) || typeof value === 'boolean')
      throw new MongoError(17390, '$group does not support inclusion-style expressions');
  }
}

export function sortByCountStage(spec: Value, context: PipelineContext): Stage {
  const first = typeof spec === 'string' ? spec : isDoc(spec) ? spec.keys().next().value : '$';
  const isOther = typeof spec !== 'string' && !isDoc(spec);
  if (isOther || first?.startsWith('$') !== true)
    throw new MongoError(
      isOther ? 40149 : isDoc(spec) ? 40147 : 40148,
      'the sortByCount field must be specified as a $-prefixed path or an expression in an object',
    );
  const group = groupStage(
    new Map([
      ['_id', spec],
      ['count', new Map([['$sum', int32(1)]])],
    ]),
    context,
  );
  return function* sortByCount(rows) {
    yield* sortBy([...group(rows)], [{ name: 'count', path: ['count'], direction: -1 }], (row) => row);
  };
}

export function countStage(spec: Value): Stage {
  if (typeof spec !== 'string') throw new MongoError(40156, 'the count field must be a non-empty string');
  if (spec === '') throw new MongoError(40157, 'the count field must be a non-empty string');
  if (spec.startsWith('$')) throw new MongoError(40158, 'the count field cannot be a $-prefixed path');
  if (spec.includes('\0')) throw new MongoError(40159, 'the count field cannot contain a null byte');
  if (spec.includes('.')) throw new MongoError(40160, "the count field cannot contain '.'");
  return function* count(rows) {
    let number = 0;
    for (const _ of rows) number += 1;
    if (number > 0) yield new Map([[spec, int32(number)]]);
  };
}

export function bucketStage(spec: Value, context: PipelineContext): Stage {
  const given = namedArguments(spec, '$bucket', ['groupBy', 'boundaries'], ['default', 'output']);
  const names = new Set(context.variables.keys());
  const constant = (value: Value, code: number): Value => {
    if (looksAtDocument(value))
      throw new MongoError(code, "The $bucket 'boundaries' and 'default' must be constant values");
    return compileExpression(value)({ root: new Map(), variables: new Map() }) ?? null;
  };
  const groupBy = given.get('groupBy') ?? null;
  const isExpression = typeof groupBy === 'string' ? groupBy.startsWith('$') : isDoc(groupBy);
  if (!isExpression)
    throw new MongoError(
      40202,
      "The $bucket 'groupBy' field must be defined as a $-prefixed path or an expression object",
    );
  const boundaries = given.get('boundaries');
  if (!Array.isArray(boundaries)) throw new MongoError(40200, "The $bucket 'boundaries' field must be an array");
  if (boundaries.length < 2) {
    throw new MongoError(40192, "The $bucket 'boundaries' field must have at least 2 values");
  }
  const bounds = boundaries.map((boundary) => constant(boundary, 40191));
  for (const [at, bound] of bounds.entries()) {
    const next = bounds[at + 1];
    if (next === undefined) continue;
    if (rankOf(bound) !== rankOf(next))
      throw new MongoError(40193, 'All values in the $bucket boundaries must have the same type');
    if (compare(bound, next) >= 0)
      throw new MongoError(
        40194,
        "The 'boundaries' option to $bucket must be sorted, but elements are not in ascending order",
      );
  }
  const fallback = given.has('default') ? constant(given.get('default') ?? null, 40195) : undefined;
  const [lowest, highest] = [bounds[0], bounds[bounds.length - 1]];
  if (
    fallback !== undefined &&
    rankOf(fallback) === rankOf(lowest) &&
    compare(fallback, lowest) >= 0 &&
    compare(fallback, highest) < 0
  ) {
    throw new MongoError(
      40199,
      "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.",
    );
  }
  const by = compileExpression(groupBy, names);
  const output = given.get('output') ?? new Map([['count', new Map([['$sum', int32(1)]])]]);
  if (!isDoc(output)) throw new MongoError(40196, "The $bucket 'output' field must be an object");
  if (output.has('_id')) throw new MongoError(15948, "a group's _id may only be specified once");
  const fields = accumulatorsOf(output, context);
  const bucketOf = (row: Doc): Value => {
    const value = by({ root: row, variables: context.variables });
    const above = bounds.findIndex((bound) => compare(value, bound) < 0);
    const found = above > 0 ? bounds[above - 1] : undefined;
    if (found !== undefined) return found;
    if (fallback !== undefined) return fallback;
    throw new MongoError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
  };
  return function* bucket(rows) {
    yield* sortBy(
      grouped(rows, context, bucketOf, fields),
      [{ name: '_id', path: ['_id'], direction: 1 }],
      (row) => row,
    );
  };
}
