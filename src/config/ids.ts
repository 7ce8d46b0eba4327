/** Options of how ids are paired, and of currencies. */
import { z } from 'zod';
import { storeUrl } from './values.ts';

/** How the ids of one collection are paired. */
const idKind = z
  .strictObject({
    by: z
      .enum(['id_map', 'same', 'consistent', 'rule', 'query'])
      .default('id_map')
      .describe(
        'How an id of the primary finds its partner: `id_map` looks it up in that table; `same`: both sides print the same text; `rule` computes it; `query` asks a query of yours; `consistent` takes the partner in the first answers that agree, and allows no other from then on.',
      ),
    type: z
      .enum(['number', 'string'])
      .optional()
      .describe('JSON type in which the twin prints these ids. Without it, any type.'),
    per: z
      .enum(['host'])
      .optional()
      .describe(
        'Only with `by: consistent`: the same id is another entity at each Host, as where tenants have hosts of their own and count from 1.',
      ),
    rule: z
      .strictObject({
        strip: z.string().default('').describe("Text to take off the start of the primary's id."),
        prefix: z.string().default('').describe("Text to put before the twin's id."),
        form: z
          .union([z.enum(['same', 'lower', 'upper', 'hex']), z.number().int().min(2).max(36)])
          .default('same')
          .describe(
            'What becomes of the rest: `same`, `lower` or `upper` case, `hex` (its bytes as hex digits), or a base from 2 to 36 in which its hex digits are written.',
          ),
      })
      .optional()
      .describe('How to compute the partner; only with `by: rule`.'),
    query: z
      .string()
      .optional()
      .describe(
        "Only with `by: query`: a SELECT whose first two columns are the primary's id and the twin's id, of any type.",
      ),
    url: storeUrl(['postgres', 'postgresql'])
      .optional()
      .describe('Only with `by: query`: the database to ask. Without it, MIGRATION_PG_URL.'),
  })
  .refine(({ by, per }) => per === undefined || by === 'consistent', {
    error: '`per` with `by: consistent`, and with nothing else',
  })
  .refine(({ by, rule }) => (by === 'rule') === (rule !== undefined), {
    error: '`rule` with `by: rule`, and with nothing else',
  })
  .refine(({ by, query }) => (by === 'query') === (query !== undefined), {
    error: '`query` with `by: query`, and with nothing else',
  });

export const ids = z
  .record(z.string(), idKind)
  .default({})
  .describe('How ids are paired, for each collection that a `ref` names. Others are looked up in id_map.');

export const currencies = z
  .record(z.string().min(1).max(16), z.number().int().min(0).max(38))
  .default({})
  .describe('Number of decimals of currencies that ISO 4217 does not have, such as { POINTS: 0 }.');
