import { truthy } from '../../bson/convert.ts';
import { type Doc, isDoc } from '../../bson/values.ts';
import { MongoError, notSupported } from '../../mongo-error.ts';
import { checkStruct, type Fields, missingField, unknownField } from './checks.ts';
import { checkReadConcern, checkWriteConcern } from './concerns.ts';
import { GENERIC_FIELDS } from './generic.ts';
import type { CommandFields } from './table.ts';

/** A command as it came; its document sequences beside it are the fields that they are called by. */
export interface Given {
  readonly name: string;
  readonly command: Doc;
  readonly sequences: ReadonlySet<string>;
  /** Whether the server is a replica set. */
  readonly replicated: boolean;
}

/** Checks the fields of a command against those that it accepts. Fails as MongoDB does, before anything is done. */
export function checkCommand(given: Given, spec: CommandFields): void {
  const { name, command } = given;
  checkNoTransaction(command, given.replicated);
  checkStableApi(name, command, spec.stable);
  const strict = isStrict(command);
  for (const [field, value] of command) {
    if (field === name) {
      spec.value(value, `${name}.${name}`);
      continue;
    }
    const known = spec.fields.get(field) ?? GENERIC_FIELDS.get(field);
    if (known === undefined && !spec.strict) continue;
    if (known === undefined) throw unknownField(`${name}.${field}`);
    if (strict && known.unstable) throw notStable(`${name}.${field}`);
    known.check(value, `${name}.${field}`);
  }
  for (const field of given.sequences) {
    if (!spec.fields.has(field)) throw unknownField(`${name}.${field}`);
    if (command.has(field)) throw new MongoError(40413, `BSON field '${name}.${field}' is a duplicate field`);
  }
  checkRequired(given, spec.fields);
  checkConcerns(command, spec, given.replicated);
}

/** The same for one of the documents that a command holds. */
export function checkDocument(document: Doc, spec: Fields, path: string, command: Doc): void {
  if (isStrict(command)) {
    for (const field of document.keys()) if (spec.get(field)?.unstable === true) throw notStable(`${path}.${field}`);
  }
  checkStruct(document, spec, path);
}

function isStrict(command: Doc): boolean {
  return truthy(command.get('apiStrict'));
}

function notStable(path: string): MongoError {
  return new MongoError('APIStrictError', `BSON field '${path}' is not allowed with apiStrict:true.`);
}

function checkNoTransaction(command: Doc, replicated: boolean): void {
  if (replicated) {
    if (command.has('startTransaction') || command.has('autocommit')) throw notSupported('transactions');
    return;
  }
  // A server that is no replica set says so, whatever the command.
  if (command.has('txnNumber') || command.has('startTransaction') || command.has('autocommit'))
    throw new MongoError('IllegalOperation', 'Transaction numbers are only allowed on a replica set member or mongos');
}

function checkStableApi(name: string, command: Doc, stable: boolean): void {
  for (const field of ['apiVersion', 'apiStrict', 'apiDeprecationErrors']) {
    const value = command.get(field);
    if (value !== undefined) GENERIC_FIELDS.get(field)?.check(value, `APIParametersFromClient.${field}`);
  }
  const hasVersion = (command.get('apiVersion') ?? null) !== null;
  if (!hasVersion && (truthy(command.get('apiStrict')) || truthy(command.get('apiDeprecationErrors'))))
    throw new MongoError(4886600, 'Provided apiStrict and/or apiDeprecationErrors without passing apiVersion');
  if (isStrict(command) && !stable)
    throw new MongoError(
      'APIStrictError',
      `Provided apiStrict:true, but the command ${name} is not in API Version 1. Information on supported commands and migrations in API Version 1 can be found at https://dochub.mongodb.org/core/manual-versioned-api`,
    );
}

function checkRequired({ name, command, sequences }: Given, spec: Fields): void {
  for (const [field, { required }] of spec) {
    if (required && !sequences.has(field) && (command.get(field) ?? null) === null)
      throw missingField(`${name}.${field}`);
  }
}

function checkConcerns(command: Doc, spec: CommandFields, replicated: boolean): void {
  const read = command.get('readConcern');
  const level = isDoc(read) ? (read.get('level') ?? null) : null;
  if (isDoc(read)) checkReadConcern(read, replicated);
  if (spec.reads === 'local' && level !== null && level !== 'local')
    throw new MongoError('InvalidOptions', 'read concern not supported');
  const write = command.get('writeConcern');
  if (isDoc(write)) checkWriteConcern(write, replicated);
  if (!spec.writes && isDoc(write)) throw new MongoError('InvalidOptions', 'Command does not support writeConcern');
}
