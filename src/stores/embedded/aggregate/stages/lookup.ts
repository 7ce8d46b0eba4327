import { toNumber } from '../../bson/convert.ts';
import { hashKey } from '../../bson/hash-key.ts';
import { type Doc, isDoc, Regex, type Value } from '../../bson/values.ts';
import { MongoError, notSupported } from '../../mongo-error.ts';
import { fieldPath } from '../../query/field-path.ts';
import { pathValues } from '../../query/keys.ts';
import { compileFilter } from '../../query/matcher.ts';
import { filterNeeds } from '../../query/needs.ts';
import { arrayIndex } from '../../query/path.ts';
import { planQuery } from '../../storage/planner.ts';
import { compileExpression, type Expression, expressionPredicate, type Variables, valueAt } from '../expression.ts';
import { checkVariable } from '../operators/conditional.ts';
import { namedArguments } from '../operators/types.ts';
import type { PipelineContext, Stage } from '../pipeline.ts';
import { withField } from './rows.ts';

/** The code of an argument that is no text. */
const NO_TEXT: ReadonlyMap<string, 'TypeMismatch' | number> = new Map<string, 'TypeMismatch' | number>([
  ['$lookup', 'TypeMismatch'],
  ['$graphLookup', 40103],
  ['$unionWith', 'TypeMismatch'],
]);

function text(given: Doc, field: string, name: string): string {
  const value = given.get(field);
  if (typeof value !== 'string')
    throw new MongoError(
      field === 'from' ? 'FailedToParse' : (NO_TEXT.get(name) ?? 'FailedToParse'),
      `${name} argument '${field}' must be a string`,
    );
  return value;
}

/** The documents of a collection that match, by an index where there is one. */
function* search(context: PipelineContext, collection: string, filter: Doc, variables: Variables): Generator<Doc> {
  const found = context.catalog.find(context.database, collection);
  if (found === undefined) return;
  const matches = compileFilter(filter, { expression: (value) => expressionPredicate(value, variables) });
  const plan = planQuery(found, filter, [], variables);
  const needs = filterNeeds(filter);
  for (const record of plan.candidates({ keys: 0, documents: 0 })) {
    if (!record.gone && matches(record.look(needs))) yield record.document;
  }
}

/** What the values of the local field find. No value at all finds what has none either, as null does. */
function equality(field: string, wanted: readonly Value[]): Doc {
  if (wanted.some((one) => one instanceof Regex)) throw notSupported('$lookup by a regular expression');
  return new Map([[field, new Map([['$in', [...wanted]]])]]);
}

/** An array that is empty finds what a missing field finds. */
function joined(foreign: string, values: readonly Value[]): Doc {
  const wanted = values.length === 0 ? [null] : values;
  const equal = equality(foreign, wanted);
  const [, ...inner] = foreign.split('.');
  // A position that an array does not have is nothing, and not null.
  if (!wanted.includes(null) || inner.length === 0 || inner.some((one) => arrayIndex(one) !== undefined)) return equal;
  const missing: Doc = new Map([[foreign, new Map([['$exists', false]])]]);
  return new Map([['$or', [equal, missing]]]);
}

export function lookupStage(spec: Value, context: PipelineContext, name: string): Stage {
  const given = namedArguments(spec, name, ['from', 'as'], ['localField', 'foreignField', 'let', 'pipeline']);
  const from = text(given, 'from', name);
  const as = fieldPath(text(given, 'as', name));
  const byField = given.has('localField') || given.has('foreignField');
  if (byField && !(given.has('localField') && given.has('foreignField'))) {
    throw new MongoError(
      'FailedToParse',
      "$lookup requires both or neither of 'localField' and 'foreignField' to be specified",
    );
  }
  if (!byField && !given.has('pipeline'))
    throw new MongoError(
      'FailedToParse',
      "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
    );
  const local = byField ? fieldPath(text(given, 'localField', name)) : undefined;
  const foreign = byField ? fieldPath(text(given, 'foreignField', name)).join('.') : undefined;
  const pipeline = given.get('pipeline');
  const stages = pipeline === undefined ? [] : pipeline;
  if (!Array.isArray(stages)) throw new MongoError('TypeMismatch', "'pipeline' must be an array");
  const declared = letsOf(given.get('let'), context);
  // Checks the stages once, with the variables they may name.
  const unbound = new Map<string, Value | undefined>([
    ...context.variables,
    ...declared.map(([variable]) => [variable, null] as const),
  ]);
  context.pipeline(stages, { ...context, variables: unbound });
  return function* lookup(rows) {
    for (const row of rows) {
      const variables = new Map(context.variables);
      for (const [variable, value] of declared)
        variables.set(variable, value({ root: row, variables: context.variables }));
      const { filter, rest } = splitMatch(stages);
      const conditions = foreign === undefined ? [] : [joined(foreign, pathValues(row, local ?? []))];
      const every = [...conditions, ...filter];
      const found = search(context, from, allOf(every), variables);
      const inner = rest.length === 0 ? found : context.pipeline(rest, { ...context, variables })(found);
      yield withField(row, as, [...inner]);
    }
  };
}

function letsOf(spec: Value | undefined, context: PipelineContext): [string, Expression][] {
  if (spec === undefined) return [];
  if (!isDoc(spec)) throw new MongoError('TypeMismatch', "$lookup argument 'let' must be an object");
  const names = new Set(context.variables.keys());
  return [...spec].map(([variable, value]) => [checkVariable(variable), compileExpression(value, names)]);
}

/** The filters of the stages that begin a pipeline, which an index can serve, and the stages after them. */
export function splitMatch(stages: readonly Value[]): { filter: Doc[]; rest: Value[] } {
  const filter: Doc[] = [];
  let at = 0;
  for (; at < stages.length; at++) {
    const stage = stages[at] ?? null;
    const match = isDoc(stage) ? stage.get('$match') : undefined;
    if (!(match instanceof Map)) break;
    filter.push(match);
  }
  return { filter, rest: stages.slice(at) };
}

function allOf(filters: readonly Doc[]): Doc {
  return filters.length === 0 ? new Map() : new Map([['$and', [...filters]]]);
}

export function graphLookupStage(spec: Value, context: PipelineContext, name: string): Stage {
  const given = namedArguments(
    spec,
    name,
    ['from', 'startWith', 'connectFromField', 'connectToField', 'as'],
    ['maxDepth', 'depthField', 'restrictSearchWithMatch'],
  );
  const from = text(given, 'from', name);
  const as = fieldPath(text(given, 'as', name));
  const connectFrom = fieldPath(text(given, 'connectFromField', name));
  const connectTo = fieldPath(text(given, 'connectToField', name)).join('.');
  const depthField = given.has('depthField') ? fieldPath(text(given, 'depthField', name)) : undefined;
  const start = compileExpression(given.get('startWith') ?? null, new Set(context.variables.keys()));
  const most = given.has('maxDepth') ? depthOf(given.get('maxDepth')) : Number.POSITIVE_INFINITY;
  const restrict = given.get('restrictSearchWithMatch');
  if (restrict !== undefined && !isDoc(restrict))
    throw new MongoError(40185, '$graphLookup restrictSearchWithMatch must be an object');
  return function* graphLookup(rows) {
    for (const row of rows) {
      const found = new Map<string, Doc>();
      let frontier = valuesOf(start({ root: row, variables: context.variables }));
      const looked = new Set<string>();
      for (let depth = 0; frontier.length > 0 && depth <= most; depth++) {
        const wanted = frontier.filter((value) => !looked.has(hashKey(value)));
        for (const value of wanted) looked.add(hashKey(value));
        frontier = [];
        if (wanted.length === 0) break;
        const conditions = [equality(connectTo, wanted), ...(restrict === undefined ? [] : [restrict])];
        for (const document of search(context, from, new Map([['$and', conditions]]), context.variables)) {
          const key = hashKey(document.get('_id'));
          if (found.has(key)) continue;
          found.set(key, depthField === undefined ? document : withField(document, depthField, BigInt(depth)));
          frontier.push(...valuesOf(valueAt(document, connectFrom, 0)));
        }
      }
      yield withField(row, as, [...found.values()]);
    }
  };
}

function depthOf(value: Value | undefined): number {
  const number = toNumber(value);
  if (number === undefined) throw new MongoError(40100, 'maxDepth must be numeric');
  if (number < 0) throw new MongoError(40101, 'maxDepth requires a nonnegative argument');
  if (!Number.isSafeInteger(number)) throw new MongoError(40102, 'maxDepth could not be represented as a long long');
  return number;
}

/** A missing value leads nowhere; an array leads to each of its elements. */
function valuesOf(value: Value | undefined): Value[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

export function unionWithStage(spec: Value, context: PipelineContext, name: string): Stage {
  const given: Doc =
    typeof spec === 'string' ? new Map([['coll', spec]]) : namedArguments(spec, name, ['coll'], ['pipeline']);
  const stages = given.get('pipeline') ?? [];
  if (!Array.isArray(stages)) throw new MongoError('TypeMismatch', "$unionWith argument 'pipeline' must be an array");
  const collection = text(given, 'coll', name);
  // Checks the whole before any part of it runs.
  context.pipeline(stages, context);
  const { filter, rest } = splitMatch(stages);
  const stage = context.pipeline(rest, context);
  return function* unionWith(rows) {
    yield* rows;
    yield* stage(search(context, collection, allOf(filter), context.variables));
  };
}
