import { toNumber, truthy } from '../bson/convert.ts';
import { type Doc, type Encodable, isDoc, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { typeName } from '../query/types.ts';
import type { Catalog } from '../storage/catalog.ts';
import type { Cursors } from './cursors.ts';

export type Reply = ReadonlyMap<string, Encodable>;

/** One command as it is being run. */
export interface Context {
  readonly catalog: Catalog;
  readonly cursors: Cursors;
  readonly database: string;
  readonly name: string;
  readonly command: Doc;
  readonly sequences: ReadonlyMap<string, readonly Buffer[]>;
  readonly connection: number;
}

export interface Command {
  /** Fields beside those that every command may have. Another field is refused: it might change the answer. */
  readonly fields: readonly string[];
  run(context: Context): Reply;
}

/** Fields that change nothing here: sessions, read preference, comments, time limits and API versions. */
const COMMON = new Set([
  '$db',
  'lsid',
  '$readPreference',
  '$clusterTime',
  'comment',
  'maxTimeMS',
  'readConcern',
  'writeConcern',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]);

export function checkFields(context: Context, command: Command): void {
  const { command: given, name } = context;
  // A server that is no replica set says so, whatever the command.
  if (given.has('txnNumber') || given.has('startTransaction') || given.has('autocommit')) {
    throw new MongoError('IllegalOperation', 'Transaction numbers are only allowed on a replica set member or mongos');
  }
  const allowed = new Set(command.fields);
  for (const field of [...given.keys(), ...context.sequences.keys()]) {
    if (field !== name && !COMMON.has(field) && !allowed.has(field)) {
      throw new MongoError(40415, `BSON field '${name}.${field}' is an unknown field.`);
    }
  }
  checkConcerns(given);
}

function checkConcerns(given: Doc): void {
  const read = given.get('readConcern');
  const level = isDoc(read) ? read.get('level') : undefined;
  if (level !== undefined && level !== 'local' && level !== 'available' && level !== 'majority') {
    throw notSupported(`readConcern level ${String(level)}`);
  }
  const write = given.get('writeConcern');
  const w = isDoc(write) ? write.get('w') : undefined;
  const number = toNumber(w);
  if (w !== undefined && w !== 'majority' && (number === undefined || number > 1)) {
    throw new MongoError('BadValue', "cannot use 'w' > 1 when a host is not replicated");
  }
}

/** The name of the collection, which most commands have as their own value. */
export function collectionName(context: Context): string {
  const value = context.command.get(context.name);
  if (typeof value !== 'string') {
    throw new MongoError('InvalidNamespace', `collection name has invalid type ${typeName(value)}`);
  }
  if (value === '') throw new MongoError('InvalidNamespace', `Invalid namespace specified '${context.database}.'`);
  return value;
}

function wrongType(context: Context, name: string, value: Value, wanted: string): MongoError {
  return new MongoError(
    'TypeMismatch',
    `BSON field '${context.name}.${name}' is the wrong type '${typeName(value)}', expected type '${wanted}'`,
  );
}

export function documentOf(context: Context, name: string): Doc | undefined {
  const value = context.command.get(name);
  if (value === undefined || value === null) return undefined;
  if (!isDoc(value)) throw wrongType(context, name, value, 'object');
  return value;
}

export function listOf(context: Context, name: string): readonly Value[] | undefined {
  const value = context.command.get(name);
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw wrongType(context, name, value, 'array');
  return value;
}

/** A whole number that is not negative. */
export function countOf(context: Context, name: string): number | undefined {
  const value = context.command.get(name);
  if (value === undefined || value === null) return undefined;
  const number = toNumber(value);
  if (number === undefined) throw wrongType(context, name, value, 'long');
  if (number < 0) throw new MongoError(51024, `BSON field '${name}' value must be >= 0, actual value '${number}'`);
  return Math.trunc(number);
}

export function flagOf(context: Context, name: string): boolean {
  return truthy(context.command.get(name));
}

export function textOf(context: Context, name: string): string | undefined {
  const value = context.command.get(name);
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw wrongType(context, name, value, 'string');
  return value;
}

/** Strings are compared by their bytes here: another collation would order and match otherwise. */
export function checkCollation(collation: Value | undefined): void {
  if (collation === undefined || collation === null) return;
  if (isDoc(collation) && (collation.size === 0 || (collation.get('locale') === 'simple' && collation.size === 1)))
    return;
  throw notSupported('a collation other than {locale: "simple"}');
}

/** The documents of a write, whether they came in the command or beside it. */
export function itemsOf(context: Context, name: string): readonly Value[] {
  const list = listOf(context, name);
  if (list === undefined)
    throw new MongoError(40414, `BSON field '${context.name}.${name}' is missing but a required field`);
  return list;
}
