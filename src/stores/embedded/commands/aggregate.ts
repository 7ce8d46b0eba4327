import { compilePipeline, type PipelineContext } from '../aggregate/pipeline.ts';
import { splitMatch } from '../aggregate/stages/lookup.ts';
import { isNumeric } from '../bson/compare.ts';
import { toNumber } from '../bson/convert.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { type Needs, pipelineNeeds } from '../query/needs.ts';
import { parseSort, type SortPart } from '../query/sort.ts';
import { isStage, openChangeStream } from './change-stream.ts';
import { batchSizeOf, type Command, type Context, collectionName, documentOf, flagOf, listOf } from './context.ts';
import { checkHint, EMPTY, Run, variablesOf } from './query.ts';

export const aggregate: Command = (context) => {
  const { command, database } = context;
  const stages = listOf(context, 'pipeline');
  const streams = isStage(stages[0], '$changeStream');
  checkWholeDatabase(command.get('aggregate'), streams);
  if (command.has('explain')) throw notSupported('aggregate with explain');
  const whole = typeof command.get('aggregate') !== 'string';
  const name = whole ? '$cmd.aggregate' : collectionName(context);
  if (!command.has('cursor'))
    throw new MongoError(
      'FailedToParse',
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  if (streams) {
    const stream = openChangeStream(context, stages, whole ? '' : name);
    return context.cursors.openStream(`${database}.${name}`, stream, batchSizeOf(context));
  }
  const { rows } = openPipeline(context, name);
  return context.cursors.open(`${database}.${name}`, rows, batchSizeOf(context));
};

/** `aggregate: 1` asks the database and not a collection; no other number says anything. */
function checkWholeDatabase(value: Value | undefined, streams: boolean): void {
  const number = toNumber(value);
  if (number === 1 && streams) return;
  if (number === 1) throw notSupported('aggregate on a whole database');
  if (number !== undefined)
    throw new MongoError(
      'BadValue',
      "Invalid command format: the 'aggregate' field must specify a collection name or 1",
    );
}

/** The rows of a pipeline; its first filters and the sort after them choose the way into the collection. */
function openPipeline(context: Context, name: string): { rows: Iterable<Doc>; run: Run | undefined } {
  const variables = variablesOf(documentOf(context, 'let'));
  const pipeline: PipelineContext = {
    catalog: context.catalog,
    database: context.database,
    variables,
    replicated: context.replica !== undefined,
    pipeline: compilePipeline,
  };
  const stages = listOf(context, 'pipeline');
  if (flagOf(context, 'apiStrict')) checkStableStages(stages);
  // Checks the whole before any part of it runs.
  compilePipeline([...stages], pipeline);
  const collection = context.catalog.find(context.database, name);
  checkHint(collection, context.command.get('hint'));
  const { filter, rest } = splitMatch(stages);
  const sort = sortOf(rest[0]);
  const stage = compilePipeline(sort.length > 0 ? rest.slice(1) : rest, pipeline);
  if (collection === undefined) return { rows: stage([]), run: undefined };
  const run = new Run(collection, {
    filter: filter.every((one) => one.size === 0) ? EMPTY : new Map([['$and', filter]]),
    sort,
    skip: 0,
    limit: 0,
    projection: undefined,
    variables,
  });
  return { rows: stage(onlyCounts(rest) ? places(run) : documents(run, pipelineNeeds(rest))), run };
}

/** Stages that the Stable API leaves out. https://www.mongodb.com/docs/manual/reference/stable-api/#aggregation-stages */
const UNSTABLE_STAGES = [
  '$collStats',
  '$currentOp',
  '$indexStats',
  '$listLocalSessions',
  '$listSessions',
  '$planCacheStats',
  '$search',
  '$searchMeta',
  '$vectorSearch',
];

function checkStableStages(stages: readonly Value[]): void {
  for (const stage of stages) {
    const [name = ''] = isDoc(stage) ? stage.keys() : [];
    const spec = isDoc(stage) ? stage.get(name) : undefined;
    const onlyCounts = name === '$collStats' && isDoc(spec) && spec.size === 1 && spec.has('count');
    if (UNSTABLE_STAGES.includes(name) && !onlyCounts)
      throw new MongoError('APIStrictError', `stage ${name} is not allowed with 'apiStrict: true' in API Version 1`);
  }
}

function* documents(run: Run, needs: Needs): Generator<Doc> {
  for (const { record } of run.records()) yield record.look(needs);
}

/** The same without looking into the documents. */
function* places(run: Run): Generator<Doc> {
  for (const _ of run.records()) yield EMPTY;
}

/** Whether the stages only count what comes, as `countDocuments` does: then no document need be decoded. */
function onlyCounts(stages: readonly Value[]): boolean {
  for (const stage of stages) {
    if (!isDoc(stage)) return false;
    if (stage.has('$skip') || stage.has('$limit')) continue;
    if (stage.has('$count')) return true;
    const group = stage.get('$group') ?? null;
    if (!isDoc(group)) return false;
    return [...group].every(([name, value]) =>
      isConstant(name === '_id' ? value : isDoc(value) && value.size === 1 ? (value.get('$sum') ?? '$') : '$'),
    );
  }
  return false;
}

function isConstant(value: Value): boolean {
  return value === null || isNumeric(value);
}

function sortOf(stage: Value | undefined): SortPart[] {
  const spec = isDoc(stage ?? null) && stage instanceof Map ? stage.get('$sort') : undefined;
  return spec instanceof Map ? parseSort(spec) : [];
}
