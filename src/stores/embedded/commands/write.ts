import { toSafeInteger, truthy } from '../bson/convert.ts';
import { decode } from '../bson/decode.ts';
import { type Doc, type Encodable, int32, isDoc, reply, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import type { Collection } from '../storage/collection.ts';
import type { Record } from '../storage/record.ts';
import { compilePipelineUpdate } from '../update/pipeline.ts';
import { compileUpdate, type Update } from '../update/update.ts';
import { upsertDocument } from '../update/upsert.ts';
import {
  type Command,
  type Context,
  checkCollation,
  collectionName,
  documentOf,
  itemsOf,
  type Reply,
} from './context.ts';
import { checkHint, type Found, type Query, Run, variablesOf } from './query.ts';

const WRITE_FIELDS = ['ordered', 'bypassDocumentValidation', 'maxTimeMS'];
const MOST_WRITES = 100_000;

/** Runs each write on its own; an error is reported with its position, and ends an ordered batch. */
function each<T>(context: Context, items: readonly T[], run: (item: T, index: number) => void): Encodable[] {
  if (items.length === 0 || items.length > MOST_WRITES) {
    throw new MongoError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${MOST_WRITES}. Got ${items.length} operations.`,
    );
  }
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

export const insert: Command = {
  fields: ['documents', ...WRITE_FIELDS],
  run(context) {
    const sequence = context.sequences.get('documents');
    const items: readonly (Buffer | Value)[] = sequence ?? itemsOf(context, 'documents');
    const collection = context.catalog.ensure(context.database, collectionName(context));
    let n = 0;
    const errors = each(context, items, (item) => {
      if (Buffer.isBuffer(item)) collection.insert(item);
      else if (item instanceof Map) collection.insertDocument(item);
      else throw new MongoError('TypeMismatch', "BSON field 'insert.documents' must be documents");
      n += 1;
    });
    return written({ n: int32(n) }, errors);
  },
};

/** The statements of an update or a delete, with only the fields that are known. */
function statementsOf(context: Context, name: string, fields: readonly string[]): Doc[] {
  const items = context.sequences.get(name)?.map((bytes) => decode(bytes)) ?? itemsOf(context, name);
  return items.map((item) => {
    if (!isDoc(item)) throw new MongoError('TypeMismatch', `BSON field '${context.name}.${name}' must be documents`);
    for (const field of item.keys()) {
      if (!fields.includes(field))
        throw new MongoError(40415, `BSON field '${context.name}.${name}.${field}' is an unknown field.`);
    }
    return item;
  });
}

function filterOf(statement: Doc): Doc {
  const filter = statement.get('q');
  if (!(filter instanceof Map)) throw new MongoError('TypeMismatch', "BSON field 'q' must be an object");
  return filter;
}

export function queryFor(context: Context, filter: Doc, limit: number, sort: Query['sort'] = []): Query {
  return { filter, sort, skip: 0, limit, projection: undefined, variables: variablesOf(documentOf(context, 'let')) };
}

export function updateOf(value: Value | undefined, arrayFilters: readonly Value[], context: Context): Update {
  if (Array.isArray(value)) {
    if (arrayFilters.length > 0)
      throw new MongoError('FailedToParse', 'arrayFilters may not be specified for pipeline-style updates');
    return compilePipelineUpdate(value, variablesOf(documentOf(context, 'let')));
  }
  if (!(value instanceof Map))
    throw new MongoError('FailedToParse', 'Update argument must be either an object or an array');
  return compileUpdate(value, arrayFilters);
}

export const update: Command = {
  fields: ['updates', 'let', ...WRITE_FIELDS],
  run(context) {
    const name = collectionName(context);
    let [n, modified] = [0, 0];
    const upserted: Encodable[] = [];
    const statements = statementsOf(context, 'updates', [
      'q',
      'u',
      'multi',
      'upsert',
      'arrayFilters',
      'collation',
      'hint',
    ]);
    const errors = each(context, statements, (statement, index) => {
      const filters = statement.get('arrayFilters');
      const change = updateOf(statement.get('u'), Array.isArray(filters) ? filters : [], context);
      const multi = truthy(statement.get('multi'));
      if (multi && change.replaces)
        throw new MongoError('FailedToParse', 'multi update is not supported for replacement-style update');
      checkCollation(statement.get('collation'));
      const collection = context.catalog.find(context.database, name);
      checkHint(collection, statement.get('hint'));
      const filter = filterOf(statement);
      const found = matching(collection, queryFor(context, filter, multi ? 0 : 1));
      for (const one of found) {
        n += 1;
        if (applyTo(collection, one, change)) modified += 1;
      }
      if (found.length === 0 && truthy(statement.get('upsert'))) {
        const record = upsert(context.catalog.ensure(context.database, name), filter, change);
        n += 1;
        upserted.push(reply({ index: int32(index), _id: record.document.get('_id') }));
      }
    });
    return written(
      { n: int32(n), nModified: int32(modified), upserted: upserted.length === 0 ? undefined : upserted },
      errors,
    );
  },
};

/** All that match, found before any is changed: a changed document is not met again. */
export function matching(collection: Collection | undefined, query: Query): Found[] {
  return collection === undefined ? [] : [...new Run(collection, query).records()];
}

export function applyTo(collection: Collection | undefined, { record, position }: Found, change: Update): boolean {
  if (collection === undefined || record.gone) return false;
  return collection.replace(record, change.apply(record.document, { position, inserting: false }));
}

export function upsert(collection: Collection, filter: Doc, change: Update): Record {
  const start = change.replaces ? upsertId(filter) : upsertDocument(filter);
  return collection.insertDocument(change.apply(start, { position: undefined, inserting: true }));
}

/** A replacement that is upserted takes only the id from the filter. */
function upsertId(filter: Doc): Doc {
  const start = upsertDocument(filter);
  const id = start.get('_id');
  return id === undefined ? new Map() : new Map([['_id', id]]);
}

export const remove: Command = {
  fields: ['deletes', 'let', ...WRITE_FIELDS],
  run(context) {
    const collection = context.catalog.find(context.database, collectionName(context));
    let n = 0;
    const statements = statementsOf(context, 'deletes', ['q', 'limit', 'collation', 'hint']);
    const errors = each(context, statements, (statement) => {
      const limit = toSafeInteger(statement.get('limit'));
      if (limit !== 0 && limit !== 1)
        throw new MongoError('FailedToParse', `The limit field in delete objects must be 0 or 1. Got ${limit}`);
      checkCollation(statement.get('collation'));
      checkHint(collection, statement.get('hint'));
      const filter = filterOf(statement);
      for (const { record } of matching(collection, queryFor(context, filter, limit))) {
        collection?.remove(record);
        n += 1;
      }
    });
    return written({ n: int32(n) }, errors);
  },
};
