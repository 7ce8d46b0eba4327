import { toNumber, truthy } from '../bson/convert.ts';
import { type Doc, type Encodable, int32, isDoc, reply, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import type { Change } from '../replica/change-log.ts';
import { operatorUpdate, type Touched } from '../replica/operator-update.ts';
import { pipelineUpdate } from '../replica/pipeline-update.ts';
import { checkWritable } from '../storage/catalog.ts';
import type { Collection } from '../storage/collection.ts';
import type { Record } from '../storage/record.ts';
import type { Update } from '../update/update.ts';
import { upsertDocument } from '../update/upsert.ts';
import { type Command, type Context, collectionName, listOf, type Reply } from './context.ts';
import { DELETE_STATEMENT, UPDATE_STATEMENT } from './fields/table.ts';
import { checkHint, checkQuery, type Found, type Query, Run } from './query.ts';
import { filterOf, queryFor, statementsOf, updateOf } from './statements.ts';

const MOST_WRITES = 100_000;

function checkCount(items: readonly unknown[]): void {
  if (items.length > 0 && items.length <= MOST_WRITES) return;
  throw new MongoError(
    'InvalidLength',
    `Write batch sizes must be between 1 and ${MOST_WRITES}. Got ${items.length} operations.`,
  );
}

/** Runs each write on its own; an error is reported with its position, and ends an ordered batch. */
function each<T>(context: Context, items: readonly T[], run: (item: T, index: number) => void): Encodable[] {
  const ordered = context.command.get('ordered') !== false;
  const errors: Encodable[] = [];
  for (const [index, item] of items.entries()) {
    try {
      run(item, index);
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      const fields = reply({ index: int32(index), code: int32(error.code) });
      for (const [name, value] of error.extra) fields.set(name, value);
      fields.set('errmsg', error.message);
      errors.push(fields);
      if (ordered) break;
    }
  }
  return errors;
}

function written(counts: Readonly<{ [name: string]: Encodable | undefined }>, errors: readonly Encodable[]): Reply {
  return reply({ ...counts, writeErrors: errors.length === 0 ? undefined : errors, ok: 1 });
}

export const insert: Command = (context) => {
  const name = collectionName(context);
  checkWritable(context.database, name);
  const items: readonly (Buffer | Value)[] = context.sequences.get('documents') ?? listOf(context, 'documents');
  checkCount(items);
  const collection = context.catalog.ensure(context.database, name);
  let n = 0;
  const errors = each(context, items, (item) => {
    if (Buffer.isBuffer(item)) collection.insert(item);
    else if (item instanceof Map) collection.insertDocument(item);
    n += 1;
  });
  return written({ n: int32(n) }, errors);
};

export const update: Command = (context) => {
  const name = collectionName(context);
  checkWritable(context.database, name);
  let [n, modified] = [0, 0];
  const upserted: Encodable[] = [];
  const statements = statementsOf(context, 'updates', UPDATE_STATEMENT);
  checkCount(statements);
  const errors = each(context, statements, (statement, index) => {
    const filters = statement.get('arrayFilters');
    checkConstants(statement);
    const change = updateOf(statement.get('u'), Array.isArray(filters) ? filters : [], context);
    const multi = truthy(statement.get('multi'));
    if (multi && change.form === 'replacement')
      throw new MongoError('FailedToParse', 'multi update is not supported for replacement-style update');
    const collection = context.catalog.find(context.database, name);
    checkHint(collection, statement.get('hint'));
    const filter = filterOf(statement);
    const query = queryFor(context, filter, multi ? 0 : 1);
    checkQuery(query);
    const found = matching(collection, query);
    // A statement that fails on the way counts for nothing, whatever it changed before.
    const changed = found.filter((one) => applyTo(collection, one, change)).length;
    if (found.length === 0 && truthy(statement.get('upsert'))) {
      const record = upsert(context.catalog.ensure(context.database, name), filter, change);
      n += 1;
      upserted.push(reply({ index: int32(index), _id: record.document.get('_id') }));
    }
    n += found.length;
    modified += changed;
  });
  return written(
    { n: int32(n), nModified: int32(modified), upserted: upserted.length === 0 ? undefined : upserted },
    errors,
  );
};

/** `c` gives constants to an update that is a pipeline. */
function checkConstants(statement: Doc): void {
  if (!isDoc(statement.get('c'))) return;
  if (!Array.isArray(statement.get('u')))
    throw new MongoError(51198, 'Constant values may only be specified for pipeline updates');
  throw notSupported('constants (c) of an update');
}

/** All that match, found before any is changed: a changed document is not met again. */
export function matching(collection: Collection | undefined, query: Query): Found[] {
  return collection === undefined ? [] : [...new Run(collection, query).records()];
}

export function applyTo(collection: Collection | undefined, { record, position }: Found, change: Update): boolean {
  if (collection === undefined || record.gone) return false;
  const touched: Touched[] = [];
  const after = change.apply(record.document, { position, inserting: false, touched });
  return collection.replace(record, after, changeOf(change.form, after, touched));
}

/** What the log of a replica set has of an update; a replacement is there as a whole. */
function changeOf(
  form: Update['form'],
  after: Doc,
  touched: readonly Touched[],
): ((before: Doc) => Change) | undefined {
  switch (form) {
    case 'replacement':
      return undefined;
    case 'operators':
      return (before) => operatorUpdate(before, after, touched);
    case 'pipeline':
      return (before) => pipelineUpdate(before, after);
  }
}

export function upsert(collection: Collection, filter: Doc, change: Update): Record {
  const start = change.form === 'replacement' ? upsertId(filter) : upsertDocument(filter);
  return collection.insertDocument(change.apply(start, { position: undefined, inserting: true }));
}

/** A replacement that is upserted takes only the id from the filter. */
function upsertId(filter: Doc): Doc {
  const start = upsertDocument(filter);
  const id = start.get('_id');
  return id === undefined ? new Map() : new Map([['_id', id]]);
}

export const remove: Command = (context) => {
  const name = collectionName(context);
  checkWritable(context.database, name);
  const collection = context.catalog.find(context.database, name);
  let n = 0;
  const statements = statementsOf(context, 'deletes', DELETE_STATEMENT);
  for (const statement of statements) limitOf(statement);
  checkCount(statements);
  const errors = each(context, statements, (statement) => {
    checkHint(collection, statement.get('hint'));
    const query = queryFor(context, filterOf(statement), limitOf(statement));
    checkQuery(query);
    const found = matching(collection, query);
    for (const { record } of found) collection?.remove(record);
    n += found.length;
  });
  return written({ n: int32(n) }, errors);
};

/** 0 for all that match, 1 for one. What is no number is 0, as MongoDB reads it. */
function limitOf(statement: Doc): 0 | 1 {
  const whole = Math.trunc(toNumber(statement.get('limit')) ?? 0) || 0;
  if (whole !== 0 && whole !== 1)
    throw new MongoError('FailedToParse', `The limit field in delete objects must be 0 or 1. Got ${whole}`);
  return whole;
}
