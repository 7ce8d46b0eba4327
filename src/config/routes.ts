/** Options of the API: routes, mappings, domains. */
import { z } from 'zod';
import { writtenMapping } from '../api/written-mapping.ts';
import { writtenQuery } from '../api/written-query.ts';
import { sampleBy, share } from './values.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], { error: 'a text, number, boolean or null' });

/** Which requests of a route are reads. */
const yamlReads = z
  .strictObject({
    graphql: z
      .boolean()
      .optional()
      .describe(
        '`true`: only GraphQL queries are reads; mutations and subscriptions never are. It is the default for a path that ends in /graphql.',
      ),
    persisted: z
      .array(z.string().min(1))
      .optional()
      .describe('Ids of the persisted GraphQL queries that are reads; no other is.'),
    body: z
      .record(
        z.string().startsWith('/', { error: 'a JSON pointer, such as /action' }),
        z.union([scalar, z.array(scalar).min(1)]),
      )
      .optional()
      .describe('JSON pointers into the body of the request, each with the value or values that make it a read.'),
  })
  .refine(({ graphql, persisted, body }) => graphql !== undefined || persisted !== undefined || body !== undefined, {
    error: 'one of graphql, persisted and body',
  })
  .refine(({ graphql, persisted }) => graphql !== false || persisted === undefined, {
    error: '`persisted` without `graphql: false`',
  });

/** A route of any API, written in YAML. `comparator` is a name from the table or `rules` are given inline. */
export const yamlRoute = z.strictObject({
  method: z.enum(['GET', 'POST']).default('GET').describe('Method. POST only where the request is a read.'),
  pattern: z
    .string()
    .startsWith('/', { error: 'a path that begins with /' })
    .describe('Path with parameters, such as `/orders/:id`.'),
  domain: z
    .string()
    .regex(/^[a-z][a-z0-9_-]*$/, { error: 'a lowercase name' })
    .describe('Domain of the route. A domain is gated and flipped as a whole.'),
  comparator: z
    .union([z.string(), z.record(z.string(), z.unknown())], {
      error: 'the name of a comparator, or { body, error, headers }',
    })
    .optional()
    .describe('Name of a comparator of the API module, or rules as `{ body, error, headers }`.'),
  module: z.string().optional().describe('Path of a TypeScript module whose default export is a comparator.'),
  rules: z.unknown().optional().describe('Rules written here; see docs/writing-a-comparator.md.'),
  headers: z
    .union([z.array(z.string()), z.record(z.string(), z.unknown())])
    .optional()
    .describe(
      'Header fields to compare besides the usual ones: a list of names, or a rule for each name; `off` leaves a field out.',
    ),
  twinPath: z
    .string()
    .startsWith('/', { error: 'a path that begins with /' })
    .optional()
    .describe('Its path on the twin where that is another, with the same :parameters; the query is passed on.'),
  reads: yamlReads.optional().describe('Which requests are reads, where method and path do not tell.'),
  query: writtenQuery
    .optional()
    .describe(
      'Query parameters and their kinds. The gate counts two reads that differ only in other parameters as one question.',
    ),
  hidden: z
    .array(z.string())
    .optional()
    .describe('Names of path and query parameters whose values are never shown, such as names, e-mails, searches.'),
  ids: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      'Path parameters that are ids, each with its collection. The cause of a mismatch is looked for there too.',
    ),
  perCaller: z.boolean().optional().describe('`true` where the answer depends on who asks.'),
  fewAnswers: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe(
      'Number of different answers that the route can give, where it is small: the gate then needs all of them, not `minimumPerRoute`.',
    ),
  redirects: z.boolean().default(false).describe('`true` where a redirect (3xx) is the good answer of the route.'),
});

export const routes = z
  .strictObject({
    table: z
      .string()
      .optional()
      .describe(
        'SHADOWREAD_ROUTES. The API module: the built-in `amanat`, a path, or an installed package. `auto` verifies every GET by the shape of its path, strictly; `none` verifies only `entries`.',
      ),
    entries: z
      .array(yamlRoute)
      .default([])
      .describe('Routes of your own API. They win over the same route of the table.'),
    overrides: z
      .record(
        z.string(),
        z.strictObject({
          paused: z.boolean().default(false).describe('`true`: reads of the route are not verified.'),
          sample: share(1).optional().describe('As shadow.sample.'),
          sampleBy: sampleBy.optional().describe('As shadow.sampleBy.'),
        }),
      )
      .default({})
      .describe('Pause and sampling of single routes, by route key such as `GET /api/payments/:id`.'),
  })
  .prefault({});

export const mappings = z
  .array(writtenMapping)
  .default([])
  .describe(
    'Which collection becomes which table, for an API whose module does not say it: what the cause of a mismatch is found by, and what backfill, verify, reconcile, drain and repair work on.',
  );

export const domains = z
  .record(
    z.string(),
    z.strictObject({
      stage: z
        .enum(['off', 'shadow'])
        .default('shadow')
        .describe('Stage until the journal has one: `off` verifies nothing. Only `shadowread flip` reaches `flipped`.'),
    }),
  )
  .default({})
  .describe('Settings of single domains.');
