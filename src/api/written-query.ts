/** Query parameters as a config writes them: `status: { oneOf: [paid, open] }`, `page: page`, `q: text`. */
import { z } from 'zod';
import type { QueryDeclaration, QueryParam } from './route.ts';

const keyKind = z.enum(['instant', 'number', 'text']);

const written = z.union(
  [
    z.enum(['text', 'instant', 'decimal', 'bool', 'page', 'id', 'cursor', 'ignored']),
    z.strictObject({ oneOf: z.array(z.coerce.string()).min(1) }),
    z.strictObject({ id: z.string() }),
    z.strictObject({ limit: z.number().int().min(1), default: z.number().int().min(1).default(20) }),
    z.strictObject({ sort: z.array(z.string()).min(1), default: z.string().default('') }),
    z.strictObject({ cursor: z.string(), key: keyKind.default('text') }),
  ],
  {
    error:
      'text, instant, decimal, bool, page, id, cursor, ignored, { oneOf: [values] }, { id: collection }, { limit: most, default: 20 }, { sort: [fields], default: -field } or { cursor: collection }',
  },
);

/** What a config may say of a route's query parameters. */
export const writtenQuery = z.record(z.string(), written).superRefine((query, context) => {
  if (Object.hasOwn(query, '*') && query['*'] !== 'ignored')
    context.addIssue({
      code: 'custom',
      path: ['*'],
      message: '"*" stands for all that are not named, and takes only ignored',
    });
});

export interface WrittenQuery {
  readonly query: QueryDeclaration;
  /** Parameters that do not matter; `*`: all that are not named. */
  readonly ignored: readonly string[];
}

/** @throws ZodError for what `writtenQuery` does not take */
export function queryFrom(data: unknown): WrittenQuery {
  const ignored: string[] = [];
  const query = Object.entries(writtenQuery.parse(data ?? {})).flatMap(([name, param]): [string, QueryParam][] => {
    if (param !== 'ignored') return [[name, paramFrom(param)]];
    ignored.push(name);
    return [];
  });
  return { query: Object.fromEntries(query), ignored };
}

function paramFrom(param: Exclude<z.output<typeof written>, 'ignored'>): QueryParam {
  // Ids and cursors of any API may be integers or slugs: only whether one was given makes another shape.
  if (param === 'id' || param === 'cursor') return { param: 'text' };
  if (typeof param === 'string') return { param };
  if ('oneOf' in param) return { param: 'oneOf', values: param.oneOf };
  if ('id' in param) return { param: 'id', collection: param.id };
  if ('limit' in param) return { param: 'limit', max: param.limit, default: param.default };
  if ('sort' in param) return { param: 'sort', fields: param.sort, default: param.default };
  return { param: 'cursor', key: param.key, collection: param.cursor };
}
