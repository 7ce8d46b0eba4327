/** How the reference API reads a request and refuses one. */
import type { Request } from 'express';
import { Types } from 'mongoose';
import type { ReferenceContext } from './context.ts';
import type { Stored } from './models/index.ts';

export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const invalidId = (): HttpError => new HttpError(400, 'invalid_id', 'The id is neither an ObjectId nor a uuid.');
export const invalidQuery = (name: string): HttpError =>
  new HttpError(400, 'invalid_query', `The query parameter '${name}' has a value that it cannot have.`);
export const unauthenticated = (): HttpError =>
  new HttpError(401, 'unauthenticated', 'This needs a caller: Authorization: Bearer <userId>.');
export const forbidden = (): HttpError => new HttpError(403, 'forbidden', 'This is for admins.');
export const notFound = (): HttpError => new HttpError(404, 'not_found', 'There is nothing here.');
/** A write whose body cannot be accepted. */
export const invalidBody = (message: string): HttpError => new HttpError(400, 'invalid_body', message);

const OBJECT_ID = /^[0-9a-f]{24}$/i;

/** The path parameter as an ObjectId; 400 `invalid_id` where it is none. */
export function pathId(request: Request, name = 'id'): Types.ObjectId {
  return idOf(pathText(request, name)) ?? fail(invalidId());
}

/** A path parameter that is not an id: a slug, an e-mail address. */
export function pathText(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
}

export function idOf(text: unknown): Types.ObjectId | undefined {
  return typeof text === 'string' && OBJECT_ID.test(text) ? new Types.ObjectId(text.toLowerCase()) : undefined;
}

/** The document, or 404. */
export function found<T>(doc: T | null | undefined): T {
  return doc ?? fail(notFound());
}

export function fail(error: HttpError): never {
  throw error;
}

export interface Paging {
  readonly page: number;
  readonly limit: number;
  readonly skip: number;
}

export interface CursorPosition {
  readonly key: Date;
  readonly id: Types.ObjectId;
}

/** The query string, read parameter by parameter in the order in which the route names them; the first bad one is 400. */
export class Query {
  readonly #params: URLSearchParams;

  constructor(request: Request) {
    const mark = request.originalUrl.indexOf('?');
    this.#params = new URLSearchParams(mark < 0 ? '' : request.originalUrl.slice(mark + 1));
  }

  /** Any text but the empty one and one with a NUL, which no stored text can match. */
  text(name: string): string | undefined {
    const values = this.#params.getAll(name);
    const [value] = values;
    if (value === undefined) return undefined;
    if (values.length > 1 || value === '' || value.includes('\0')) throw invalidQuery(name);
    return value;
  }

  oneOf(name: string, allowed: readonly string[]): string | undefined {
    return this.#read(name, (text) => (allowed.includes(text) ? text : undefined));
  }

  id(name: string): Types.ObjectId | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : (idOf(text) ?? fail(invalidId()));
  }

  /** `2026-06-01`, `2026-06-01T10:00Z`, `2026-06-01T10:00:00.123+02:00`: always with a zone where there is a time. */
  instant(name: string): Date | undefined {
    return this.#read(name, instantOf);
  }

  /** At most 20 digits before the point and 18 after it, as a double. */
  decimal(name: string): number | undefined {
    return this.#read(name, (text) => (/^-?\d{1,20}(\.\d{1,18})?$/.test(text) ? Number(text) : undefined));
  }

  bool(name: string): boolean | undefined {
    return this.#read(name, (text) => (text === 'true' ? true : text === 'false' ? false : undefined));
  }

  /** `page` from 1, then `limit`. */
  paging(byDefault = 20, max = 100): Paging {
    const page = this.#read('page', (text) => wholeNumber(text, 999_999_999)) ?? 1;
    const limit = this.limit(byDefault, max);
    return { page, limit, skip: (page - 1) * limit };
  }

  limit(byDefault = 50, max = 100): number {
    return this.#read('limit', (text) => wholeNumber(text, max)) ?? byDefault;
  }

  /** A Mongo sort whose last key is the id, in the direction of the first. */
  sort(fields: readonly string[], byDefault: string): Record<string, 1 | -1> {
    const text = this.text('sort') ?? byDefault;
    const field = text.replace(/^-/, '');
    if (!fields.includes(field)) throw invalidQuery('sort');
    const direction = text.startsWith('-') ? -1 : 1;
    return { [field]: direction, _id: direction };
  }

  cursor(name = 'after'): CursorPosition | undefined {
    return this.#read(name, readCursor);
  }

  #read<T>(name: string, parse: (text: string) => T | undefined): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) throw invalidQuery(name);
    return value;
  }
}

function wholeNumber(text: string, max: number): number | undefined {
  if (!/^\d{1,9}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= 1 && value <= max ? value : undefined;
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

function instantOf(text: string): Date | undefined {
  const day = INSTANT.exec(text)?.[1];
  if (day === undefined) return undefined;
  const at = new Date(text);
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(at.getTime()) || Number.isNaN(midnight.getTime())) return undefined;
  // JavaScript takes the 30th of February for the 2nd of March.
  return midnight.toISOString().startsWith(day) ? at : undefined;
}

function readCursor(text: string): CursorPosition | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('k' in value) || !('id' in value)) return undefined;
  const id = idOf(value.id);
  if (typeof value.k !== 'string' || id === undefined) return undefined;
  const key = new Date(value.k);
  return Number.isNaN(key.getTime()) || key.toISOString() !== value.k ? undefined : { key, id };
}

/** The cursor of a position: the sort key and the id. */
function cursorAt(key: unknown, id: unknown): string {
  const instant = key instanceof Date ? key.toISOString() : String(key);
  return Buffer.from(JSON.stringify({ k: instant, id: String(id) }), 'utf8').toString('base64url');
}

/** Mongo filter of what comes after a position in the order (field, _id). */
export function beyond(position: CursorPosition | undefined, field: string, direction: 1 | -1): Stored {
  if (position === undefined) return {};
  const than = direction === 1 ? '$gt' : '$lt';
  return {
    $or: [{ [field]: { [than]: position.key } }, { [field]: position.key, _id: { [than]: position.id } }],
  };
}

/** The answer of a cursor list, from one document more than the limit. */
export function cursorPage(docs: readonly Stored[], limit: number, field: string): Stored {
  const data = docs.slice(0, limit);
  const last = data.at(-1);
  const more = docs.length > limit && last !== undefined;
  return { data, nextCursor: more ? cursorAt(last[field], last._id) : null };
}

/** The answer of a page list. */
export function pageOf(data: readonly unknown[], total: number, { page, limit }: Paging): Stored {
  return { data, pagination: { page, limit, total, pages: Math.ceil(total / limit) } };
}

/** Half-open range of instants, `from` included and `to` not; nothing where neither is given. */
export function between(field: string, from: Date | undefined, to: Date | undefined): Stored {
  if (from === undefined && to === undefined) return {};
  return { [field]: { ...(from === undefined ? {} : { $gte: from }), ...(to === undefined ? {} : { $lt: to }) } };
}

/** Leaves out undefined members, so that a filter has only what the request names. */
export function filterOf(fields: Record<string, unknown>): Stored {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

export interface Caller {
  readonly _id: Types.ObjectId;
  readonly role: string;
}

/** The caller of `Authorization: Bearer <userId>`, or 401. */
export async function callerOf(context: ReferenceContext, request: Request): Promise<Caller> {
  const token = /^Bearer ([0-9a-f]{24})$/i.exec(request.get('authorization') ?? '')?.[1];
  const id = idOf(token);
  if (id === undefined) throw unauthenticated();
  const user = await context.models.User.findById(id).select('role').lean();
  if (user === null) throw unauthenticated();
  return { _id: id, role: String(user.role) };
}

/** The caller, who must be an admin: 401, else 403. */
export async function adminOf(context: ReferenceContext, request: Request): Promise<Caller> {
  const caller = await callerOf(context, request);
  if (caller.role !== 'admin') throw forbidden();
  return caller;
}
