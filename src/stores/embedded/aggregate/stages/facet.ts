import { type Doc, isDoc, type Value } from '../../bson/values.ts';
import { MongoError } from '../../mongo-error.ts';
import { fieldPath } from '../../query/field-path.ts';
import type { PipelineContext, Stage } from '../pipeline.ts';

export function facetStage(spec: Value, context: PipelineContext): Stage {
  if (!isDoc(spec) || spec.size === 0) {
    throw new MongoError(40169, 'the $facet specification must be a non-empty object');
  }
  const facets = [...spec].map(([name, pipeline]): [string, Stage] => {
    if (!Array.isArray(pipeline)) throw new MongoError(40170, `arguments to $facet must be arrays, ${name} is not`);
    if (fieldPath(name).length > 1)
      throw new MongoError(16412, `FieldPath field names may not contain '.'. Consider using $getField or $setField.`);
    for (const stage of pipeline) {
      for (const inner of ['$facet', ...(context.replicated ? ['$changeStream'] : [])])
        if (isDoc(stage) && stage.has(inner))
          throw new MongoError(40600, `${inner} is not allowed to be used within a $facet stage`);
    }
    return [name, context.pipeline(pipeline, context)];
  });
  return function* facet(rows) {
    const all = [...rows];
    const made: Doc = new Map();
    for (const [name, stage] of facets) made.set(name, [...stage(all)]);
    yield made;
  };
}
