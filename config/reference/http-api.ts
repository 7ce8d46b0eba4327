/** docs/reference/openapi.json: the admin port as OpenAPI 3.1, from the endpoints that serve it. */
import { z } from 'zod';
import type { AdminContext } from '../../src/admin/context.ts';
import type { Endpoint } from '../../src/admin/endpoint.ts';
import { endpointsOf } from '../../src/admin/endpoints.ts';
import { createEvents } from '../../src/admin/events.ts';
import type { DataPlane } from '../../src/admin/plane.ts';
import { createLog } from '../../src/base/log.ts';
import { loadConfig } from '../../src/config.ts';
import { ShadowError } from '../../src/errors.ts';
import { type AnswerSchemas, answerSchemas, type JsonSchema } from './answer-schemas.ts';
import { code, page, table } from './markdown.ts';

/** The endpoints are declared, and none is called. */
const notServing = (): never => {
  throw new ShadowError('SHADOW_INTERNAL', 'the reference serves nothing');
};

function declaredEndpoints(): readonly Endpoint[] {
  const events = createEvents();
  events.close();
  const plane: DataPlane = {
    snapshot: notServing,
    metrics: notServing,
    control: notServing,
    primaryReady: notServing,
    recheck: notServing,
  };
  const context: AdminContext = {
    config: loadConfig(null, {}).config,
    configDigest: '',
    tokens: { change: null, read: null, reveal: null },
    plane,
    stopping: notServing,
    declared: [],
    domains: [],
    version: '',
    log: createLog(),
    evaluate: notServing,
    decide: notServing,
    cutover: notServing,
    faultWork: { mayRepair: notServing, repair: notServing, recheck: notServing, close: notServing },
    markdown: notServing,
    answersOf: notServing,
    openedAnswers: notServing,
    journal: null,
    changed: notServing,
  };
  return endpointsOf(context, events);
}

const input = z.looseObject({
  properties: z.record(z.string(), z.looseObject({ description: z.string().optional() })).default({}),
  required: z.array(z.string()).default([]),
});

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

function parametersOf(where: 'path' | 'query', schema: object): readonly Parameter[] {
  const { properties, required } = input.parse(schema);
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

const json = (schema: JsonSchema): JsonSchema => ({ 'application/json': { schema } });
const refused = (description: string): JsonSchema => ({
  description,
  content: json({ $ref: '#/components/schemas/Error' }),
});

/** A change that takes nothing may also come without a content. */
function bodyOf({ input: { body } }: Endpoint): JsonSchema {
  if (body === null) return {};
  const schema = Object.keys(body).length === 0 ? { type: 'object' } : body;
  return { requestBody: { required: 'properties' in body || 'oneOf' in body, content: json({ ...schema }) } };
}

function operationOf(one: Endpoint, { answers }: AnswerSchemas): JsonSchema {
  const answer = answers.get(`${one.method} ${one.path}`);
  const parameters = [...parametersOf('path', one.input.params), ...parametersOf('query', one.input.query)];
  const change = one.method !== 'get';
  return {
    operationId: operationId(one),
    summary: one.what,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(one),
    responses: {
      200: {
        description: 'The answer.',
        content: answer === undefined ? { 'text/event-stream': { schema: { type: 'string' } } } : json(answer),
      },
      400: refused('The path, the query or the body is wrong; the message names the part.'),
      401: refused('The token is missing or wrong.'),
      ...(change ? { 403: refused('The token may look and not change, or the change comes from another site.') } : {}),
      ...(one.path.includes(':') ? { 404: refused('There is nothing of this name or id.') } : {}),
      429: refused('Too many wrong tokens from this address; `Retry-After` says how long to wait.'),
      503: refused('The journal cannot be reached, or none is configured.'),
    },
  };
}

/** `get /gates/:domain/shapes` is `getGatesDomainShapes`. */
const operationId = ({ method, path }: Endpoint): string =>
  method +
  path.replaceAll(/[^a-z]+([a-z])/gi, (_all, letter: string) => letter.toUpperCase()).replaceAll(/[^a-z]/gi, '');

const inOpenApi = (path: string): string => `/api${path === '/' ? '' : path}`.replaceAll(/:(\w+)/g, '{$1}');

/** What the port serves in addition to the API. */
const PLAIN: JsonSchema = {
  '/healthz': {
    get: {
      operationId: 'health',
      summary: 'Says that the process runs; for a liveness probe.',
      security: [],
      responses: {
        200: { description: 'It runs.', content: json({ type: 'object', properties: { ok: { const: true } } }) },
      },
    },
  },
  '/readyz': {
    get: {
      operationId: 'ready',
      summary: 'Says whether the primary accepts connections; it never asks the twin, the journal or the collector.',
      security: [],
      responses: {
        200: { description: 'It does.', content: json({ $ref: '#/components/schemas/Ready' }) },
        503: { description: 'It does not.', content: json({ $ref: '#/components/schemas/Ready' }) },
      },
    },
  },
  '/metrics': {
    get: {
      operationId: 'metrics',
      summary: 'Gives the metrics as Prometheus text.',
      security: [],
      responses: { 200: { description: 'The metrics.', content: { 'text/plain': { schema: { type: 'string' } } } } },
    },
  },
  '/api/session': {
    post: {
      operationId: 'signIn',
      summary: 'Signs a browser in: checks the token and sets it as a cookie.',
      security: [],
      requestBody: {
        required: true,
        content: json({
          type: 'object',
          properties: { token: { type: 'string' } },
          required: ['token'],
          additionalProperties: false,
        }),
      },
      responses: {
        200: {
          description: 'The token is right.',
          content: json({ type: 'object', properties: { ok: { const: true }, access: { enum: ['read', 'change'] } } }),
        },
        400: refused('The body has no token.'),
        401: refused('The token is wrong.'),
        429: refused('Too many wrong tokens from this address.'),
      },
    },
  },
};

export function openApi(): string {
  const schemas = answerSchemas();
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const one of declaredEndpoints()) {
    const path = inOpenApi(one.path);
    paths[path] = { ...paths[path], [one.method]: operationOf(one, schemas) };
  }
  const document = {
    openapi: '3.1.1',
    info: {
      title: 'shadowread admin port',
      version: '1',
      summary: 'What is verified, what differs, and what may flip.',
      description:
        'Generated from the code by `npm run reference`. The calls under /api need the token where one is set, as `Authorization: Bearer <token>` or as the cookie of the dashboard. Unknown parameters are refused with 400. `GET /api` lists the calls of a running proxy.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://127.0.0.1:9464', description: 'admin.host and admin.port, by default' }],
    security: [{ token: [] }, { cookie: [] }, {}],
    paths: { ...PLAIN, ...paths },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'shadowread_token' },
      },
      schemas: {
        Error: {
          type: 'object',
          properties: {
            error: {
              type: 'object',
              properties: { code: { type: 'string' }, message: { type: 'string' } },
              required: ['code', 'message'],
            },
          },
          required: ['error'],
        },
        Ready: {
          type: 'object',
          properties: { ok: { type: 'boolean' }, primary: { type: 'string' } },
          required: ['ok', 'primary'],
        },
        ...schemas.named,
      },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** docs/reference/http-api.md: the same as a list. */
export function httpApiPage(): string {
  const parameters = (schema: object): string => Object.keys(input.parse(schema).properties).map(code).join(', ');
  return page('HTTP API of the admin port', 'Find the call of the admin port that you need.', [
    [
      'The schemas of all inputs and answers are in [openapi.json](openapi.json) (OpenAPI 3.1); a running proxy lists its calls at',
      '`GET /api`. Calls that change something need a token that may change (`admin.tokenFile`), where one is set; the others are also',
      'open to the token of `admin.readTokenFile`.',
    ].join('\n'),
    table(
      ['call', 'does', 'query', 'body'],
      [
        ...declaredEndpoints().map((one) => [
          code(`${one.method.toUpperCase()} /api${one.path === '/' ? '' : one.path}`),
          one.what,
          parameters(one.input.query),
          one.input.body === null ? '' : bodyFields(one.input.body),
        ]),
        [code('GET /healthz'), 'Says that the process runs.', '', ''],
        [code('GET /readyz'), 'Says whether the primary accepts connections.', '', ''],
        [code('GET /metrics'), 'Gives the metrics as Prometheus text.', '', ''],
      ],
    ),
    'An error is `{ "error": { "code", "message" } }`. 400 names what is wrong with the input; 401, 403 and 429 are about the token; 404\nmeans that there is nothing of this id; 409 that it cannot be done now; 503 that the journal cannot be reached.',
  ]);
}

function bodyFields(body: object): string {
  const alternatives = z
    .looseObject({ oneOf: z.array(input).optional(), anyOf: z.array(input).optional() })
    .parse(body);
  const all = [input.parse(body), ...(alternatives.oneOf ?? []), ...(alternatives.anyOf ?? [])];
  return [...new Set(all.flatMap(({ properties }) => Object.keys(properties)))].map(code).join(', ');
}
