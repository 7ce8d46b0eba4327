import { compilePipeline } from '../aggregate/pipeline.ts';
import { isDoc, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { ChangeStream } from '../replica/change-stream.ts';
import { changeStreamSpec } from '../replica/spec.ts';
import { type Context, documentOf } from './context.ts';
import { variablesOf } from './query.ts';

/** The stages that look at one event and nothing else. */
const ALLOWED = ['$addFields', '$match', '$project', '$replaceRoot', '$replaceWith', '$set', '$unset'];
/** Allowed by MongoDB too. */
const NOT_HERE = ['$redact', '$changeStreamSplitLargeEvent'];

export function isStage(stage: Value | undefined, name: string): boolean {
  return isDoc(stage) && stage.keys().next().value === name;
}

/** The stream that a pipeline whose first stage is `$changeStream` asks for. `collection` is empty for a whole database. */
export function openChangeStream(context: Context, stages: readonly Value[], collection: string): ChangeStream {
  const { catalog, database, replica } = context;
  if (replica === undefined) throw new MongoError(40573, 'The $changeStream stage is only supported on replica sets');
  const [first, ...rest] = stages;
  if (isDoc(first) && first.size !== 1)
    throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
  const spec = changeStreamSpec(isDoc(first) ? (first.get('$changeStream') ?? null) : null, database, collection);
  const variables = variablesOf(documentOf(context, 'let'));
  const stage = compilePipeline([...rest], {
    catalog,
    database,
    variables,
    replicated: true,
    pipeline: compilePipeline,
  });
  for (const one of rest) {
    const [name = ''] = isDoc(one) ? one.keys() : [];
    if (NOT_HERE.includes(name)) throw notSupported(`the stage ${name}`);
    if (!ALLOWED.includes(name))
      throw new MongoError('IllegalOperation', `${name} is not permitted in a $changeStream pipeline`);
  }
  return new ChangeStream(replica.log, catalog, spec, stage);
}
