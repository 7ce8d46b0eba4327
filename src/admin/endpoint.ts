/** One call of the admin API as a value: what may be given is declared beside the work and checked before it. */
import type { Request, RequestHandler, Response, Router } from 'express';
import { z } from 'zod';
import { ShadowError } from '../errors.ts';
import { type Access, refuse, whoOf } from './access.ts';

const nothing = z.strictObject({});
/** An endpoint that takes nothing; a change may come without content or with an empty object. */
export const NO_INPUT = {
  params: nothing,
  query: nothing,
  body: z.union([z.undefined(), nothing], { error: 'expected no content, or {}' }),
} as const;

type Schema = z.ZodType;

interface Given<Parameters extends Schema, Query extends Schema, Body extends Schema> {
  readonly params: z.output<Parameters>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  /** Who asked, for the audit trail. */
  readonly who: string;
  /** What the caller's token may do. */
  readonly access: Access;
}

interface Declaration<Parameters extends Schema, Query extends Schema, Body extends Schema> {
  readonly method: 'get' | 'post' | 'patch';
  readonly path: string;
  /** For people: what it gives or does. */
  readonly what: string;
  readonly params: Parameters;
  readonly query: Query;
  readonly body: Body;
  /** A body that would be right. */
  readonly example?: string;
  /** The answer as JSON; undefined where the work answers by itself. */
  readonly answer: (
    given: Given<Parameters, Query, Body>,
    http: { readonly request: Request; readonly response: Response },
  ) => Promise<object | undefined> | object | undefined;
}

export interface Endpoint {
  readonly method: 'get' | 'post' | 'patch';
  readonly path: string;
  readonly what: string;
  /** What may be given, as JSON schemas. */
  readonly input: { readonly params: object; readonly query: object; readonly body: object | null };
  handle(request: Request, response: Response): Promise<void>;
}

export function endpoint<Parameters extends Schema, Query extends Schema, Body extends Schema>(
  declared: Declaration<Parameters, Query, Body>,
): Endpoint {
  const { method, path, what, params, query, body, example } = declared;
  return {
    method,
    path,
    what,
    // Only the catalogue and the reference ask for it.
    get input() {
      return {
        params: schemaOf(params),
        query: schemaOf(query),
        body: method === 'get' ? null : schemaOf(body),
      };
    },
    async handle(request, response) {
      const answer = await declared.answer(
        {
          params: checked(params, request.params, 'the path'),
          query: checked(query, withoutEmpty(request.query), 'the query'),
          body: checked(body, contentOf(request), 'the body', example),
          who: whoOf(request),
          access: response.locals.access === 'change' ? 'change' : 'read',
        },
        { request, response },
      );
      if (answer !== undefined) response.json(answer);
    },
  };
}

export function mount(router: Router, endpoints: readonly Endpoint[]): void {
  for (const one of endpoints) router[one.method](one.path, (request, response) => one.handle(request, response));
  // Behind all of them, so that each finds its own method first.
  for (const path of new Set(endpoints.map((one) => one.path))) {
    router.all(path, otherMethods(endpoints.filter((one) => one.path === path).map(({ method }) => method)));
  }
}

/** 405, with the methods that there are: 404 would say that the address is wrong. */
export function otherMethods(methods: readonly Endpoint['method'][]): RequestHandler {
  const allow = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])).join(', ');
  return (_request, response) => {
    response.set('Allow', allow);
    refuse(response, 405, 'SHADOW_USAGE', `This address takes ${allow}.`);
  };
}

/** Issues that one message names; a hostile body can have thousands. */
const NAMED = 5;

/** @throws ShadowError SHADOW_USAGE that names each part that is wrong and what it should be. */
export function checked<S extends Schema>(schema: S, value: unknown, what: string, example?: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ShadowError('SHADOW_USAGE', `${what} cannot be read`, {
    actual: parsed.error.issues
      .slice(0, NAMED)
      .map((issue) => `${issue.path.map(String).join('.') || what.replace('the ', '')}: ${issue.message}`.slice(0, 200))
      .join('; '),
    ...(example === undefined ? {} : { example }),
  });
}

/** `?domain=` is as if it were not there: a form sends all its fields. */
function withoutEmpty(query: Request['query']): unknown {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}

/** A content that is not read as JSON is not the same as none. */
function contentOf(request: Request): unknown {
  const sent = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (request.body === undefined && sent && request.method !== 'GET' && request.method !== 'HEAD') {
    throw new ShadowError('SHADOW_USAGE', 'the body is not JSON', { expected: 'Content-Type: application/json' });
  }
  return request.body;
}

function schemaOf(schema: Schema): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}
