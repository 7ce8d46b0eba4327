import type { Value } from './bson/values.ts';

/** The codes of MongoDB that this server answers with, by MongoDB's own names (error_codes.yml). */
const CODES = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  InvalidLength: 16,
  IllegalOperation: 20,
  EmptyFieldName: 56,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NoMatchingDocument: 47,
  CursorInUse: 12051,
  NamespaceExists: 48,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  TransactionTooOld: 225,
  CursorKilled: 237,
  NoSuchTransaction: 251,
  InvalidResumeToken: 260,
  ChangeStreamFatalError: 280,
  ChangeStreamHistoryLost: 286,
  CommandNotSupported: 115,
  DocumentValidationFailure: 121,
  QueryFeatureNotAllowed: 224,
  APIVersionError: 322,
  APIStrictError: 323,
  InvalidIndexSpecificationOption: 197,
  CannotIndexParallelArrays: 171,
  NotExactValueField: 300,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
} as const;

export type CodeName = keyof typeof CODES;

/** An error that goes to the client as MongoDB would send it: `{ok: 0, errmsg, code, codeName}`. */
export class MongoError extends Error {
  readonly code: number;
  readonly codeName: string;
  /** Further fields of the error, such as `keyPattern` and `keyValue` of a duplicate key. */
  readonly extra: ReadonlyMap<string, Value>;

  /** A code that has no name of its own is called `Location<code>`, as MongoDB does. */
  constructor(code: CodeName | number, message: string, extra: ReadonlyMap<string, Value> = new Map()) {
    super(message);
    this.name = 'MongoError';
    this.code = typeof code === 'number' ? code : CODES[code];
    this.codeName = typeof code === 'number' ? `Location${code}` : code;
    this.extra = extra;
  }
}

/** What this server cannot answer as MongoDB would, by name. */
export function notSupported(what: string): MongoError {
  return new MongoError('CommandNotSupported', `${what} is not supported by the embedded server`);
}
