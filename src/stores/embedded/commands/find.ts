import { compareStrings } from '../bson/compare.ts';
import { hashKey } from '../bson/hash-key.ts';
import { type Encodable, int32, reply, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { pathValues } from '../query/keys.ts';
import { parsePath } from '../query/path.ts';
import {
  type Command,
  type Context,
  collectionName,
  countOf,
  documentOf,
  flagOf,
  type Reply,
  textOf,
} from './context.ts';
import { checkCommand } from './fields/check.ts';
import { COMMAND_FIELDS } from './fields/table.ts';
import { checkHint, checkQuery, EMPTY, type Query, Run, sortOf, variablesOf } from './query.ts';

/** Fields that other versions of the question have and that would change the answer. */
function refuse(context: Context, names: readonly string[]): void {
  for (const name of names) {
    if (flagOf(context, name)) throw notSupported(`${context.name} with ${name}`);
  }
}

export const find: Command = (context) => {
  refuse(context, ['max', 'min', 'returnKey', 'showRecordId', 'tailable', 'awaitData', 'oplogReplay']);
  const name = collectionName(context);
  const query = queryOf(context, documentOf(context, 'filter'));
  const collection = context.catalog.find(context.database, name);
  checkHint(collection, context.command.get('hint'));
  checkQuery(query);
  const items = collection === undefined ? [] : new Run(collection, query).items();
  const namespace = `${context.database}.${name}`;
  return context.cursors.open(namespace, items, countOf(context, 'batchSize'), flagOf(context, 'singleBatch'));
};

export function queryOf(context: Context, filter: Query['filter'] | undefined): Query {
  return {
    filter: filter ?? EMPTY,
    sort: sortOf(context.command.get('sort')),
    skip: countOf(context, 'skip') ?? 0,
    limit: Math.abs(countOf(context, 'limit') ?? 0),
    projection: documentOf(context, 'projection'),
    variables: variablesOf(documentOf(context, 'let')),
  };
}

/** The only command that may wait: a change stream that has nothing to show is answered when it has, or after `maxTimeMS`. */
export function getMore(context: Context): Reply | Promise<Reply> {
  const id = context.command.get('getMore');
  return context.cursors.more({
    id: typeof id === 'bigint' ? id : 0n,
    namespace: `${context.database}.${textOf(context, 'collection') ?? ''}`,
    batchSize: countOf(context, 'batchSize') || undefined,
    maxTimeMS: countOf(context, 'maxTimeMS'),
    connection: context.connection,
  });
}

export const killCursors: Command = (context) => {
  collectionName(context);
  const killed: bigint[] = [];
  const missing: bigint[] = [];
  const ids = context.command.get('cursors');
  for (const id of Array.isArray(ids) ? ids : []) {
    if (typeof id === 'bigint') (context.cursors.kill(id) ? killed : missing).push(id);
  }
  return reply({ cursorsKilled: killed, cursorsNotFound: missing, cursorsAlive: [], cursorsUnknown: [], ok: 1 });
};

export const count: Command = (context) => {
  const collection = context.catalog.find(context.database, collectionName(context));
  const query = queryOf(context, documentOf(context, 'query'));
  checkHint(collection, context.command.get('hint'));
  checkQuery(query);
  if (collection === undefined) return reply({ n: int32(0), ok: 1 });
  if (query.filter.size === 0) {
    const after = Math.max(0, collection.records.size - query.skip);
    return reply({ n: int32(query.limit > 0 ? Math.min(after, query.limit) : after), ok: 1 });
  }
  let n = 0;
  for (const _ of new Run(collection, query).records()) n += 1;
  return reply({ n: int32(n), ok: 1 });
};

export const distinct: Command = (context) => {
  const collection = context.catalog.find(context.database, collectionName(context));
  const key = textOf(context, 'key') ?? '';
  if (key.includes('\0')) throw new MongoError(31032, 'Key field cannot contain an embedded null byte');
  const query = queryOf(context, documentOf(context, 'query'));
  checkHint(collection, context.command.get('hint'));
  checkQuery(query);
  const path = parsePath(key);
  const values = new Map<string, Value>();
  for (const { record } of collection === undefined ? [] : new Run(collection, query).records()) {
    for (const value of pathValues(record.document, path)) {
      const hash = hashKey(value);
      if (!values.has(hash)) values.set(hash, value);
    }
  }
  return reply({ values: [...values.values()], ok: 1 });
};

/** Proves how a question would be answered: by which index, and how much it looks at. */
export const explain: Command = (context) => {
  const inner = documentOf(context, 'explain');
  const [name = 'nothing'] = inner?.keys() ?? [];
  const spec = COMMAND_FIELDS.get(name);
  if (inner === undefined || spec === undefined || !['find', 'count'].includes(name))
    throw notSupported(`explain of ${name}`);
  checkCommand({ name, command: inner, sequences: new Set(), replicated: context.replica !== undefined }, spec);
  const question: Context = { ...context, name, command: inner };
  const collection = context.catalog.find(context.database, collectionName(question));
  const query = queryOf(question, documentOf(question, name === 'find' ? 'filter' : 'query'));
  checkQuery(query);
  if (collection === undefined) return explained('EOF', [], 0, 0, 0);
  const run = new Run(collection, query);
  let returned = 0;
  for (const _ of run.records()) returned += 1;
  const names = run.plan.indexes.map((index) => index.spec.name);
  return explained(run.plan.stage, names, returned, run.examined.keys, run.examined.documents);
};

function explained(
  stage: string,
  indexes: readonly string[],
  returned: number,
  keys: number,
  documents: number,
): Map<string, Encodable> {
  const scan = reply({ stage, indexName: indexes.toSorted(compareStrings).join(',') });
  const plan = stage === 'IXSCAN' ? reply({ stage: 'FETCH', inputStage: scan }) : scan;
  return reply({
    explainVersion: '1',
    queryPlanner: reply({ winningPlan: plan, rejectedPlans: [] }),
    executionStats: reply({
      executionSuccess: true,
      nReturned: int32(returned),
      executionTimeMillis: int32(0),
      totalKeysExamined: int32(keys),
      totalDocsExamined: int32(documents),
    }),
    ok: 1,
  });
}
