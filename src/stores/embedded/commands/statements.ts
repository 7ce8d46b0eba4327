import { decode } from '../bson/decode.ts';
import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { compilePipelineUpdate } from '../update/pipeline.ts';
import { compileUpdate, type Update } from '../update/update.ts';
import { type Context, documentOf, listOf } from './context.ts';
import { checkDocument } from './fields/check.ts';
import type { Fields } from './fields/checks.ts';
import { EMPTY, type Query, variablesOf } from './query.ts';

/** The statements of an update or a delete, each with what such a statement takes. */
export function statementsOf(context: Context, name: string, fields: Fields): Doc[] {
  const items = context.sequences.get(name)?.map((bytes) => decode(bytes)) ?? listOf(context, name);
  const statements = items.filter(isDoc);
  for (const statement of statements) checkDocument(statement, fields, `${context.name}.${name}`, context.command);
  return statements;
}

export function filterOf(statement: Doc): Doc {
  const filter = statement.get('q');
  return isDoc(filter) ? filter : EMPTY;
}

export function queryFor(context: Context, filter: Doc, limit: number, sort: Query['sort'] = []): Query {
  return { filter, sort, skip: 0, limit, projection: undefined, variables: variablesOf(documentOf(context, 'let')) };
}

export function updateOf(value: Value | undefined, arrayFilters: readonly Value[], context: Context): Update {
  if (!Array.isArray(value)) return compileUpdate(isDoc(value) ? value : EMPTY, arrayFilters);
  if (arrayFilters.length > 0)
    throw new MongoError('FailedToParse', 'arrayFilters may not be specified for pipeline-style updates');
  return compilePipelineUpdate(value, variablesOf(documentOf(context, 'let')));
}
