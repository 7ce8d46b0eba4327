import { type Doc, isDoc, Timestamp, type Value } from '../bson/values.ts';
import {
  bool,
  type Check,
  checkStruct,
  type Fields,
  fields,
  object,
  oneOf,
  refused,
  typed,
} from '../commands/fields/checks.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import type { Entry } from './change-log.ts';
import { type Place, placeOf } from './resume-token.ts';

const FULL = ['default', 'updateLookup', 'whenAvailable', 'required'] as const;
const BEFORE = ['off', 'whenAvailable', 'required'] as const;

/** What `$changeStream` was asked for. */
export interface ChangeStreamSpec {
  /** An empty collection is the whole database, an empty database the whole server. */
  readonly database: string;
  readonly collection: string;
  readonly full: (typeof FULL)[number];
  readonly before: (typeof BEFORE)[number];
  /** Events after this place; undefined for those from now on. */
  readonly after: Place | undefined;
  /** The event of `after` must be met. */
  readonly mustMeet: boolean;
}

/** A flag that may be there as long as it says no. */
const onlyFalse: Check = (value, path) => {
  bool(value, path);
  if (value === true) throw notSupported(`the field ${path}`);
};

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/changeStream/ */
const FIELDS: Fields = fields({
  resumeAfter: object,
  startAfter: object,
  startAtOperationTime: typed('timestamp'),
  fullDocument: oneOf(...FULL),
  fullDocumentBeforeChange: oneOf(...BEFORE),
  allChangesForCluster: bool,
  showExpandedEvents: onlyFalse,
  showMigrationEvents: onlyFalse,
  showSystemEvents: onlyFalse,
  showRawUpdateDescription: onlyFalse,
  allowToRunOnConfigDB: refused,
  allowToRunOnSystemNS: refused,
});

/** `collection` is empty where the whole database is asked. Fails as MongoDB does. */
export function changeStreamSpec(value: Value, database: string, collection: string): ChangeStreamSpec {
  if (!isDoc(value)) throw new MongoError(50808, '$changeStream stage expects a document as argument');
  checkStruct(value, FIELDS, '$changeStream');
  checkNamespace(database, collection, value.get('allChangesForCluster') === true);
  const { after, mustMeet } = beginning(value);
  return {
    database: database === 'admin' ? '' : database,
    collection,
    full: FULL.find((one) => one === value.get('fullDocument')) ?? 'default',
    before: BEFORE.find((one) => one === value.get('fullDocumentBeforeChange')) ?? 'off',
    after,
    mustMeet,
  };
}

function checkNamespace(database: string, collection: string, cluster: boolean): void {
  const namespace = `${database}.${collection === '' ? '$cmd.aggregate' : collection}`;
  if (cluster && (database !== 'admin' || collection !== ''))
    throw new MongoError(
      'InvalidOptions',
      `A $changeStream with 'allChangesForCluster:true' may only be opened on the 'admin' database, and with no collection name; found ${namespace}`,
    );
  if (database === 'local' || database === 'config' || (database === 'admin' && !cluster))
    throw new MongoError('InvalidNamespace', `$changeStream may not be opened on the internal ${database} database`);
  if (collection.startsWith('system.'))
    throw new MongoError('InvalidNamespace', `$changeStream may not be opened on the internal ${namespace} collection`);
}

function beginning(spec: Doc): Pick<ChangeStreamSpec, 'after' | 'mustMeet'> {
  const resumeAfter = spec.get('resumeAfter') ?? null;
  const startAfter = spec.get('startAfter') ?? null;
  const at = spec.get('startAtOperationTime') ?? null;
  if (resumeAfter !== null && startAfter !== null)
    throw new MongoError(50865, "Do not specify both 'resumeAfter' and 'startAfter' in a $changeStream stage");
  const token = resumeAfter ?? startAfter;
  const place = token === null ? undefined : placeOf(token);
  if (at !== null && place !== undefined)
    throw new MongoError(40674, 'Only one type of resume option is allowed, but multiple were found');
  if (resumeAfter !== null && place?.kind === 'invalidate')
    throw new MongoError(
      'InvalidResumeToken',
      "Attempting to resume a change stream using 'resumeAfter' is not allowed from an invalidate notification",
    );
  if (at instanceof Timestamp) return { after: { time: at.value, kind: 'before' }, mustMeet: false };
  return { after: place, mustMeet: place !== undefined && place.kind !== 'before' };
}

/** Databases that no stream of the whole server shows. */
const INTERNAL = ['admin', 'config', 'local'];

export function concerns({ database, collection }: ChangeStreamSpec, entry: Entry): boolean {
  if (database === '') return !INTERNAL.includes(entry.database);
  if (database !== entry.database) return false;
  return collection === '' || collection === entry.collection;
}

/** Whether the stream has nothing left to show after this entry. */
export function endsWith({ database, collection }: ChangeStreamSpec, { change }: Entry): boolean {
  if (collection !== '') return change.kind === 'drop';
  return database !== '' && change.kind === 'dropDatabase';
}
