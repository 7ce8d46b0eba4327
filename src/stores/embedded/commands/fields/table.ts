import {
  any,
  atLeast,
  bool,
  type Check,
  countLimit,
  cursorOptions,
  type Field,
  type Fields,
  fields,
  hint,
  listOf,
  long,
  modification,
  notNull,
  object,
  oneOf,
  optionalBool,
  pipeline,
  refused,
  required,
  safeBool,
  safeNumber,
  string,
  struct,
  typed,
  unstable,
} from './checks.ts';
import { collation } from './collation.ts';

/**
 * What each command takes, as MongoDB's own description of it lists it (the .idl files of its sources): a field's type,
 * whether it must be there, and whether the Stable API has it. Everything is checked against this table before it runs.
 */
export interface CommandFields {
  /** The value of the command's own name; a collection's name is checked by who needs one. */
  readonly value: Check;
  readonly fields: Fields;
  /** Whether Stable API version 1 has the command. https://www.mongodb.com/docs/manual/reference/stable-api/ */
  readonly stable: boolean;
  /** Whether it refuses fields that it does not know; the oldest commands pass them over. */
  readonly strict: boolean;
  /** Which read concerns it takes. */
  readonly reads: 'any' | 'local';
  readonly writes: boolean;
}

type Spec = Readonly<Record<string, Check | Field>>;

function command(
  kind: 'read' | 'write' | 'change' | 'other',
  spec: Spec,
  more: { readonly value?: Check; readonly stable?: boolean; readonly strict?: boolean } = {},
): CommandFields {
  return {
    value: more.value ?? any,
    fields: fields(spec),
    stable: more.stable ?? true,
    strict: more.strict ?? true,
    reads: kind === 'read' || kind === 'write' ? 'any' : 'local',
    writes: kind === 'write' || kind === 'change',
  };
}

/** `find` takes null for none of these. */
const document = notNull(object, 'object');
const findCollation: Check = (value, path) => {
  document(value, path);
  collation(value, path);
};

const find = command('read', {
  filter: document,
  projection: document,
  sort: document,
  hint,
  collation: findCollation,
  skip: atLeast(0),
  limit: atLeast(0),
  batchSize: atLeast(0),
  ntoreturn: unstable(refused),
  singleBatch: optionalBool,
  allowDiskUse: optionalBool,
  min: unstable(document),
  max: unstable(document),
  returnKey: unstable(optionalBool),
  showRecordId: unstable(optionalBool),
  tailable: unstable(optionalBool),
  oplogReplay: unstable(safeBool),
  noCursorTimeout: unstable(optionalBool),
  awaitData: unstable(optionalBool),
  allowPartialResults: optionalBool,
  let: object,
  readOnce: unstable(refused),
  term: unstable(refused),
  collectionUUID: unstable(refused),
});

const aggregate: CommandFields = {
  ...command('read', {
    pipeline: required(pipeline),
    explain: unstable(typed('bool')),
    allowDiskUse: optionalBool,
    cursor: notNull(cursorOptions, 'object'),
    bypassDocumentValidation: safeBool,
    collation,
    hint,
    let: object,
    collectionUUID: unstable(refused),
  }),
  // A pipeline may end in a write.
  writes: true,
};

const count = command('read', {
  query: object,
  limit: countLimit,
  skip: atLeast(0),
  hint,
  collation,
  fields: any,
});

const distinct = command(
  'read',
  { key: required(string), query: object, collation, hint, collectionUUID: refused },
  { stable: false },
);

const writeFields: Spec = { ordered: bool, bypassDocumentValidation: safeBool, stmtId: refused, stmtIds: refused };

const insert = command('write', { documents: required(listOf('object')), ...writeFields });
const update = command('write', { updates: required(listOf('object')), let: object, ...writeFields });
const remove = command('write', { deletes: required(listOf('object')), let: object, ...writeFields });

/** One statement of an update. */
export const UPDATE_STATEMENT: Fields = fields({
  q: required(object),
  u: required(modification),
  c: object,
  multi: bool,
  upsert: bool,
  arrayFilters: listOf('object'),
  collation,
  hint,
  upsertSupplied: refused,
});

/** One statement of a delete. MongoDB itself does not look at the type of `limit`. */
export const DELETE_STATEMENT: Fields = fields({
  q: required(object),
  limit: { check: any, required: true, unstable: false },
  collation,
  hint,
});

const findAndModify = command('write', {
  query: object,
  fields: object,
  sort: object,
  hint,
  collation,
  arrayFilters: listOf('object'),
  remove: safeBool,
  update: modification,
  upsert: safeBool,
  new: safeBool,
  bypassDocumentValidation: safeBool,
  let: object,
  stmtId: refused,
});

const create = command('change', {
  capped: unstable(safeBool),
  autoIndexId: unstable(safeBool),
  idIndex: object,
  size: unstable(safeNumber),
  max: unstable(safeNumber),
  storageEngine: unstable(object),
  validator: object,
  validationLevel: oneOf('off', 'strict', 'moderate'),
  validationAction: oneOf('error', 'warn'),
  indexOptionDefaults: unstable(struct({ storageEngine: object })),
  viewOn: string,
  pipeline: listOf('object'),
  collation,
  recordPreImages: unstable(bool),
  changeStreamPreAndPostImages: struct({ enabled: required(bool) }),
  timeseries: object,
  clusteredIndex: typed('bool', 'object'),
  expireAfterSeconds: typed('string', 'long', 'int', 'decimal', 'double'),
  encryptedFields: object,
  temp: unstable(refused),
});

const createIndexes = command('change', {
  indexes: required(listOf('object')),
  v: safeNumber,
  ignoreUnknownIndexOptions: unstable(safeBool),
  commitQuorum: typed('string', 'int', 'long', 'double', 'decimal'),
  collectionUUID: unstable(refused),
  returnOnStart: unstable(refused),
});

/** One index of createIndexes. */
export const INDEX_SPEC: Fields = fields({
  v: safeNumber,
  key: object,
  name: string,
  ns: any,
  background: unstable(safeBool),
  unique: safeBool,
  hidden: safeBool,
  partialFilterExpression: object,
  sparse: unstable(safeBool),
  expireAfterSeconds: safeNumber,
  dropDups: any,
  storageEngine: unstable(refused),
  weights: refused,
  default_language: refused,
  language_override: refused,
  textIndexVersion: refused,
  '2dsphereIndexVersion': refused,
  bits: refused,
  min: refused,
  max: refused,
  bucketSize: unstable(refused),
  collation,
  wildcardProjection: refused,
  columnstoreProjection: unstable(refused),
  prepareUnique: unstable(refused),
  clustered: refused,
});

const hello = command('other', { maxAwaitTimeMS: atLeast(0) }, { strict: false });

const sessions = command('other', {}, { value: listOf('object') });
const buildInfo = command('other', {}, { stable: false, strict: false });
const endTransaction = command('change', { recoveryToken: any });
const stats: Spec = { scale: atLeast(1) };

/** Every command that this server answers. */
export const COMMAND_FIELDS: ReadonlyMap<string, CommandFields> = new Map([
  ['find', find],
  ['aggregate', aggregate],
  ['count', count],
  ['distinct', distinct],
  ['insert', insert],
  ['update', update],
  ['delete', remove],
  ['findAndModify', findAndModify],
  ['findandmodify', findAndModify],
  [
    'getMore',
    command(
      'other',
      { collection: required(string), batchSize: atLeast(0), term: refused },
      { value: notNull(long, 'long') },
    ),
  ],
  ['killCursors', command('other', { cursors: required(listOf('long')) })],
  [
    'explain',
    command(
      'other',
      { verbosity: oneOf('queryPlanner', 'executionStats', 'allPlansExecution') },
      { value: notNull(object, 'object') },
    ),
  ],
  ['create', create],
  ['drop', command('change', { collectionUUID: refused })],
  ['dropDatabase', command('change', {})],
  ['createIndexes', createIndexes],
  [
    'listIndexes',
    command('other', { cursor: cursorOptions, includeBuildUUIDs: refused, includeIndexBuildInfo: refused }),
  ],
  ['dropIndexes', command('change', { index: required(typed('string', 'array', 'object')), collectionUUID: refused })],
  [
    'listCollections',
    command('other', { filter: object, cursor: cursorOptions, nameOnly: safeBool, authorizedCollections: safeBool }),
  ],
  ['listDatabases', command('other', { filter: object, nameOnly: safeBool, authorizedDatabases: bool })],
  ['collStats', command('other', stats, { stable: false })],
  ['dbStats', command('other', { ...stats, freeStorage: safeNumber }, { stable: false })],
  ['hello', hello],
  ['isMaster', hello],
  ['ismaster', hello],
  ['ping', command('other', {}, { strict: false })],
  ['endSessions', sessions],
  ['refreshSessions', sessions],
  ['startSession', command('other', {}, { stable: false })],
  ['buildInfo', buildInfo],
  ['buildinfo', buildInfo],
  ['connectionStatus', command('other', { showPrivileges: safeBool }, { stable: false })],
  ['getParameter', command('other', {}, { stable: false, strict: false })],
  ['commitTransaction', endTransaction],
  ['abortTransaction', endTransaction],
]);
