import { compilePipeline, type PipelineContext } from '../aggregate/pipeline.ts';
import { splitMatch } from '../aggregate/stages/lookup.ts';
import { isNumeric } from '../bson/compare.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { type Needs, pipelineNeeds } from '../query/needs.ts';
import { parseSort, type SortPart } from '../query/sort.ts';
import { type Command, type Context, checkCollation, collectionName, countOf, documentOf, itemsOf } from './context.ts';
import { checkHint, EMPTY, Run, variablesOf } from './query.ts';

export const aggregate: Command = {
  fields: ['pipeline', 'cursor', 'allowDiskUse', 'collation', 'hint', 'let', 'explain', 'bypassDocumentValidation'],
  run(context) {
    const { command, database } = context;
    if (typeof command.get('aggregate') !== 'string') throw notSupported('aggregate on a whole database');
    if (command.has('explain')) throw notSupported('aggregate with explain');
    const name = collectionName(context);
    checkCollation(command.get('collation'));
    const cursor = documentOf(context, 'cursor');
    if (cursor === undefined)
      throw new MongoError(
        'FailedToParse',
        "The 'cursor' option is required, except for aggregate with the explain argument",
      );
    const size = countOf({ ...context, command: cursor }, 'batchSize');
    const { rows } = openPipeline(context, name);
    return context.cursors.open(`${database}.${name}`, rows, size);
  },
};

/** The rows of a pipeline; its first filters and the sort after them choose the way into the collection. */
export function openPipeline(context: Context, name: string): { rows: Iterable<Doc>; run: Run | undefined } {
  const variables = variablesOf(documentOf(context, 'let'));
  const pipeline: PipelineContext = {
    catalog: context.catalog,
    database: context.database,
    variables,
    pipeline: compilePipeline,
  };
  const stages = itemsOf(context, 'pipeline');
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
