/** What a twin handler is given and what it answers. Handlers are only SQL; render.ts gives values their forms. */
import type { Sql } from 'postgres';
import type { TwinValue } from './values.ts';

/** A query parameter after parsing by the route's declaration. Ids are uuids of rows; unknown ids are `null` (match nothing). */
export interface ParsedQuery {
  text(name: string): string | undefined;
  /** uuid, `null` where the id is well-formed but unknown, `undefined` where the parameter is absent. */
  id(name: string): string | null | undefined;
  instant(name: string): Date | undefined;
  /** Decimal as text, fit for a numeric parameter. */
  decimal(name: string): string | undefined;
  bool(name: string): boolean | undefined;
  readonly page: number;
  readonly limit: number;
  readonly offset: number;
  /** Field and direction of `sort`. */
  readonly sort: { readonly field: string; readonly descending: boolean };
  /** The sort key and the ObjectId of the position, whichever store's cursor it was. */
  cursor(name: string): { readonly key: string; readonly mongoId: string } | undefined;
}

export interface Caller {
  /** uuid of the users row. */
  readonly id: string;
  readonly mongoId: string;
  readonly role: string;
}

export interface TwinContext {
  readonly sql: Sql;
  /** Path parameters: ids already resolved to uuids, others decoded text. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: ParsedQuery;
  /** Present on routes whose access is `caller` or `admin`. */
  readonly caller: Caller;
  /** The clock of time-dependent answers (ages, time to live): the twin's own, as the primary has its own. */
  now(): Date;
}

export type TwinAnswer =
  | { readonly kind: 'json'; readonly status: number; readonly body: TwinValue }
  | { readonly kind: 'csv'; readonly header: readonly string[]; readonly rows: AsyncIterable<readonly TwinValue[]> };

export type TwinHandler = (context: TwinContext) => Promise<TwinAnswer>;

/** Thrown by a handler, answered as the API's error form. */
export class ApiError extends Error {
  readonly status: 400 | 401 | 403 | 404;
  readonly code: 'invalid_id' | 'invalid_query' | 'unauthenticated' | 'forbidden' | 'not_found';
  constructor(code: ApiError['code'], message: string) {
    super(message);
    this.code = code;
    this.status = STATUS_OF[code];
  }
}

const STATUS_OF = {
  invalid_id: 400,
  invalid_query: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
} as const;

export const ok = (body: TwinValue): TwinAnswer => ({ kind: 'json', status: 200, body });

/** The message texts both APIs give, so that an error body compares strictly. */
export const MESSAGES = {
  invalid_id: 'The id is neither an ObjectId nor a uuid.',
  unauthenticated: 'This needs a caller: Authorization: Bearer <userId>.',
  forbidden: 'This is for admins.',
  not_found: 'There is nothing here.',
} as const;

export const notFound = (): ApiError => new ApiError('not_found', MESSAGES.not_found);
/** `invalid_query` always names the parameter, in the same words on both sides. */
export const invalidQuery = (parameter: string): ApiError =>
  new ApiError('invalid_query', `The query parameter '${parameter}' has a value that it cannot have.`);
