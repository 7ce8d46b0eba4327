import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import type { Catalog } from '../storage/catalog.ts';
import type { Variables } from './expression.ts';
import { facetStage } from './stages/facet.ts';
import { bucketStage, countStage, groupStage, sortByCountStage } from './stages/group.ts';
import { graphLookupStage, lookupStage, unionWithStage } from './stages/lookup.ts';
import { addFieldsStage, projectStage, replaceStage, unsetStage } from './stages/reshape.ts';
import { limitStage, matchStage, sampleStage, skipStage, sortStage, unwindStage } from './stages/rows.ts';
import { windowStage } from './stages/window.ts';

/** What a stage may use in addition to its input documents. */
export interface PipelineContext {
  readonly catalog: Catalog;
  readonly database: string;
  readonly variables: Variables;
  /** Whether the server is a replica set. */
  readonly replicated: boolean;
  /** Compiles a pipeline inside of this one. */
  pipeline(stages: Value, context: PipelineContext): Stage;
}

export type Stage = (rows: Iterable<Doc>) => Iterable<Doc>;

type StageCompiler = (spec: Value, context: PipelineContext, name: string) => Stage;

const STAGES: ReadonlyMap<string, StageCompiler> = new Map<string, StageCompiler>([
  ['$match', matchStage],
  ['$sort', sortStage],
  ['$limit', limitStage],
  ['$skip', skipStage],
  ['$unwind', unwindStage],
  ['$sample', sampleStage],
  ['$project', projectStage],
  ['$addFields', addFieldsStage],
  ['$set', addFieldsStage],
  ['$unset', unsetStage],
  ['$replaceRoot', replaceStage],
  ['$replaceWith', replaceStage],
  ['$group', groupStage],
  ['$bucket', bucketStage],
  ['$count', countStage],
  ['$sortByCount', sortByCountStage],
  ['$facet', facetStage],
  ['$lookup', lookupStage],
  ['$graphLookup', graphLookupStage],
  ['$unionWith', unionWithStage],
  ['$setWindowFields', windowStage],
]);

/** Stages that MongoDB has and this server does not: they are refused by name, and not taken for a mistake. */
const KNOWN = new Set([
  '$bucketAuto',
  '$collStats',
  '$currentOp',
  '$densify',
  '$documents',
  '$fill',
  '$geoNear',
  '$indexStats',
  '$listLocalSessions',
  '$listSessions',
  '$merge',
  '$out',
  '$planCacheStats',
  '$redact',
  '$search',
  '$searchMeta',
  '$vectorSearch',
]);

/** Compiles the stages in their order. Fails by name on a stage that is not known or not supported. */
export function compilePipeline(stages: Value, context: PipelineContext): Stage {
  if (!Array.isArray(stages)) throw new MongoError('TypeMismatch', "'pipeline' must be an array");
  const compiled = stages.map((stage) => {
    if (!isDoc(stage)) throw new MongoError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
    const [name] = stage.keys();
    if (name === undefined || stage.size !== 1) {
      throw new MongoError(40323, 'A pipeline stage specification object must contain exactly one field.');
    }
    const compiler = STAGES.get(name);
    if (compiler !== undefined) return compiler(stage.get(name) ?? null, context, name);
    if (name === '$changeStream')
      throw context.replicated
        ? new MongoError(40602, '$changeStream is only valid as the first stage in a pipeline.')
        : new MongoError(40573, 'The $changeStream stage is only supported on replica sets');
    if (KNOWN.has(name)) throw notSupported(`the stage ${name}`);
    throw new MongoError(40324, `Unrecognized pipeline stage name: '${name}'`);
  });
  return (rows) => compiled.reduce((input, stage) => stage(input), rows);
}
