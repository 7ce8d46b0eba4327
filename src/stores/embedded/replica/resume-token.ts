import { type Doc, isDoc, type Value } from '../bson/values.ts';
import { MongoError } from '../mongo-error.ts';
import { typeName } from '../query/types.ts';

/** A place in the order of events. Of one time: before its event, the event, the invalidation that follows from it. */
export interface Place {
  readonly time: bigint;
  readonly kind: 'before' | 'event' | 'invalidate';
}

const KINDS = ['before', 'event', 'invalidate'] as const;
const FORM = /^82([0-9A-F]{16})0([012])$/;

export function comparePlaces(one: Place, two: Place): number {
  if (one.time !== two.time) return one.time < two.time ? -1 : 1;
  return KINDS.indexOf(one.kind) - KINDS.indexOf(two.kind);
}

/** `{_data}`, whose texts order as the events do. Clients may only compare it and hand it back. */
export function tokenOf({ time, kind }: Place): Doc {
  const digits = time.toString(16).toUpperCase().padStart(16, '0');
  return new Map([['_data', `82${digits}0${KINDS.indexOf(kind)}`]]);
}

/** Fails as MongoDB does where it is no token. */
export function placeOf(token: Value): Place {
  const data = isDoc(token) ? token.get('_data') : undefined;
  if (typeof data !== 'string')
    throw new MongoError(40647, `Bad resume token: _data of missing or of wrong type: ${typeName(data ?? null)}`);
  if (data === '') throw new MongoError(40649, 'Bad resume token: empty string');
  if (data.length % 2 !== 0 || !/^[0-9A-Fa-f]*$/.test(data))
    throw new MongoError('FailedToParse', 'resume token string was not a valid hex string');
  const parts = FORM.exec(data);
  const kind = KINDS[Number(parts?.[2])];
  if (parts === null || kind === undefined)
    throw new MongoError(50811, 'KeyString format error: a token that this server did not give');
  return { time: BigInt(`0x${parts[1]}`), kind };
}
