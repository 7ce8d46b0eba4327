import type { Variables } from '../aggregate/expression.ts';
import { compilePipeline, type PipelineContext } from '../aggregate/pipeline.ts';
import { addFieldsStage, projectStage, replaceStage, unsetStage } from '../aggregate/stages/reshape.ts';
import { equal } from '../bson/compare.ts';
import { DateTime, type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { Catalog } from '../storage/catalog.ts';
import type { Update } from './update.ts';

const STAGES: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['$set', addFieldsStage],
  ['$addFields', addFieldsStage],
  ['$unset', unsetStage],
  ['$project', projectStage],
  ['$replaceRoot', replaceStage],
  ['$replaceWith', replaceStage],
]);

/** An update that is a pipeline of stages which look at nothing but the document. */
export function compilePipelineUpdate(stages: readonly Value[], variables: Variables): Update {
  for (const stage of stages) {
    if (!isDoc(stage)) throw new MongoError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
    const [name = ''] = stage.keys();
    if (!STAGES.has(name)) throw new MongoError('InvalidOptions', `${name} is not allowed to be used within an update`);
  }
  const context: PipelineContext = {
    catalog: new Catalog(),
    database: '',
    replicated: false,
    variables: new Map<string, Value | undefined>([['NOW', new DateTime(Date.now())], ...variables]),
    pipeline: compilePipeline,
  };
  const run = compilePipeline([...stages], context);
  return {
    form: 'pipeline',
    positional: false,
    apply(document, { inserting }) {
      const [made] = run([document]);
      const updated: Doc = made ?? new Map();
      const before = document.get('_id');
      if (before === undefined && inserting) return updated;
      const after = updated.get('_id');
      if (after === undefined && before !== undefined) return new Map([['_id', before], ...updated]);
      if (!equal(before, after)) {
        throw new MongoError(
          'ImmutableField',
          "Performing an update on the path '_id' would modify the immutable field '_id'",
        );
      }
      return updated;
    },
  };
}
