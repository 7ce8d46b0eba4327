import { any, bool, type Fields, fields, long, object, string } from './checks.ts';
import { apiVersion, maxTimeMS, readConcern, readPreference, session, writeConcern } from './concerns.ts';

/** What every command may have. None of it changes an answer here; the types are checked all the same. */
export const GENERIC_FIELDS: Fields = fields({
  $db: string,
  lsid: session,
  txnNumber: long,
  $readPreference: readPreference,
  $clusterTime: object,
  comment: any,
  maxTimeMS,
  readConcern,
  writeConcern,
  apiVersion,
  apiStrict: bool,
  apiDeprecationErrors: bool,
});
