/** Query parameters as a config writes them: `status: { oneOf: [paid, open] }`, `page: page`, `q: text`. */
import { z } from 'zod';
import type { QueryDeclaration, QueryParam } from './route.ts';

const keyKind = z.enum(['instant', 'number', 'text']);

const written = z.union(
  [
    z.enum(['text', 'instant', 'decimal', 'bool', 'page']),
    z.strictObject({ oneOf: z.array(z.coerce.string()).min(1) }),
    z.strictObject({ id: z.string() }),
    z.strictObject({ limit: z.number().int().min(1), default: z.number().int().min(1).default(20) }),
    z.strictObject({ sort: z.array(z.string()).min(1), default: z.string().default('') }),
    z.strictObject({ cursor: z.string(), key: keyKind.default('text') }),
  ],
  {
    error:
      'text, instant, decimal, bool, page, { oneOf: [values] }, { id: collection }, { limit: most, default: 20 }, { sort: [fields], default: -field } or { cursor: collection }',
  },
);

/** What a config may say of a route's query parameters. */
export const writtenQuery = z.record(z.string(), written);

/** @throws ZodError for what `writtenQuery` does not take */
export function queryFrom(data: unknown): QueryDeclaration {
  return Object.fromEntries(Object.entries(writtenQuery.parse(data)).map(([name, param]) => [name, paramFrom(param)]));
}

function paramFrom(param: z.output<typeof written>): QueryParam {
  if (typeof param === 'string') return { param };
  if ('oneOf' in param) return { param: 'oneOf', values: param.oneOf };
  if ('id' in param) return { param: 'id', collection: param.id };
  if ('limit' in param) return { param: 'limit', max: param.limit, default: param.default };
  if ('sort' in param) return { param: 'sort', fields: param.sort, default: param.default };
  return { param: 'cursor', key: param.key, collection: param.cursor };
}
