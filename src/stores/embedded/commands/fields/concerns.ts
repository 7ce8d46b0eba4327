import { toNumber, truthy } from '../../bson/convert.ts';
import { type Doc, isDoc, type Value } from '../../bson/values.ts';
import { MongoError, notSupported } from '../../mongo-error.ts';
import { any, bool, type Check, oneOf, safeBool, string, struct, typed } from './checks.ts';

const PROVENANCE = oneOf(
  'clientSupplied',
  'implicitDefault',
  'customDefault',
  'getLastErrorDefaults',
  'internalWriteDefault',
);
const MOST_MS = 0x7fffffff;

export const readConcern: Check = struct({
  level: oneOf('local', 'available', 'majority', 'snapshot', 'linearizable'),
  afterClusterTime: typed('timestamp'),
  atClusterTime: typed('timestamp'),
  afterOpTime: typed('object', 'timestamp'),
  provenance: PROVENANCE,
  allowTransactionTableSnapshot: bool,
  waitLastStableRecoveryTimestamp: bool,
});

/**
 * Levels that one server can tell apart from nothing are one here; the others are refused by name. What a session of a
 * replica set has seen is there, since one server has it all.
 */
export function checkReadConcern(concern: Doc, replicated: boolean): void {
  const level = concern.get('level');
  if (level === 'snapshot' || level === 'linearizable') throw notSupported(`readConcern level ${level}`);
  const times = replicated ? ['atClusterTime', 'afterOpTime'] : ['afterClusterTime', 'atClusterTime', 'afterOpTime'];
  for (const time of times) if (concern.has(time)) throw notSupported(`readConcern with ${time}`);
}

const writeConcernFields = struct({
  w: (value) => checkNodes(value),
  j: safeBool,
  fsync: safeBool,
  wtimeout: (value) => {
    const number = toNumber(value);
    if (number !== undefined && number > MOST_MS)
      throw new MongoError('FailedToParse', 'wtimeout must be less than or equal to 2147483647');
  },
  wElectionId: any,
  wOpTime: any,
  getLastError: any,
  provenance: PROVENANCE,
});

export const writeConcern: Check = (value, path) => {
  writeConcernFields(value, path);
  if (!isDoc(value)) return;
  if (truthy(value.get('j')) && truthy(value.get('fsync')))
    throw new MongoError('FailedToParse', 'fsync and j options cannot be used together');
};

/** `w`: a number of nodes, a name, or a document of tags. */
function checkNodes(value: Value): void {
  const number = toNumber(value);
  if (number !== undefined) {
    const whole = Math.trunc(number);
    if (!(whole >= 0 && whole <= 50))
      throw new MongoError('FailedToParse', 'w has to be a non-negative number and not greater than 50');
  } else if (isDoc(value)) {
    if (value.size === 0) throw new MongoError('FailedToParse', 'tagged write concern requires tags');
    for (const tag of value.values())
      if (toNumber(tag) === undefined) throw new MongoError('FailedToParse', 'tags of a write concern must be numbers');
  } else if (typeof value !== 'string' && value !== null) {
    throw new MongoError('FailedToParse', 'w has to be a number, string, or object');
  }
}

/** Whether so many members can have a write. */
export function checkWriteConcern(concern: Doc, replicated: boolean): void {
  if (!concern.has('w')) return;
  const w = concern.get('w') ?? null;
  const number = toNumber(w);
  const others = (number !== undefined && Math.trunc(number) > 1) || isDoc(w);
  if (replicated && (others || (typeof w === 'string' && w !== 'majority')))
    throw notSupported('a write concern that one member cannot keep');
  if (number !== undefined && Math.trunc(number) > 1)
    throw new MongoError('BadValue', "cannot use 'w' > 1 when a host is not replicated");
  if (w === null || (typeof w === 'string' && w !== 'majority'))
    throw new MongoError('BadValue', "cannot use non-majority 'w' mode when a host is not replicated");
}

/** A time limit; it is checked and not kept, since no command here takes long. */
export const maxTimeMS: Check = (value, path) => {
  typed('long', 'int', 'decimal', 'double')(value, path);
  const number = toNumber(value);
  if (number === undefined) return;
  if (!Number.isInteger(number) || Math.abs(number) > 2 ** 63)
    throw new MongoError('FailedToParse', `Expected an integer: maxTimeMS: ${number}`);
  if (number < 0 || number > MOST_MS)
    throw new MongoError('BadValue', `${number} value for maxTimeMS is out of range [0, ${MOST_MS}]`);
};

export const session: Check = struct({
  id: { check: typed('binData'), required: true, unstable: false },
  uid: typed('binData'),
});

/** One server answers every read, whatever the preference. */
export const readPreference: Check = struct({
  mode: oneOf('primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'),
  tags: typed('array'),
  maxStalenessSeconds: typed('long', 'int', 'decimal', 'double'),
  hedge: typed('object'),
});

export const apiVersion: Check = (value, path) => {
  string(value, path);
  if (typeof value === 'string' && value !== '1') throw new MongoError('APIVersionError', 'API version must be "1"');
};
