/** Which collection becomes which table, as a config writes it: `{ collection: books, table: books, key: old_id, fields }`. */
import { z } from 'zod';
import { ShadowError } from '../errors.ts';
import type { FieldKind, FieldMapping, ModelMapping } from './mapping.ts';
import { declaredSums } from './sums.ts';

const KINDS = ['text', 'bool', 'int', 'double', 'baseUnits', 'instant', 'textSet', 'textList', 'jsonb'] as const;

type PlainKind = (typeof KINDS)[number];
const isPlain = (name: string): name is PlainKind => KINDS.some((kind) => kind === name);

const FIELD = `one of ${KINDS.join(', ')}, with ? where it may be absent or null; or { column, optional } with one of type, ref: collection, refs: collection, money: currency, moneyBy: path of the currency`;

const written = z.union(
  [
    z.string().refine((name) => isPlain(name.replace(/\?$/, ''))),
    z
      .strictObject({
        column: z.string().min(1).optional().describe('The column. Default: the column of the same name.'),
        optional: z.boolean().default(false).describe('Absent or null in the document is NULL in the row.'),
        type: z.enum(KINDS).optional().describe('What it is.'),
        ref: z
          .string()
          .optional()
          .describe("The id of a document of this collection; the row holds that row's own id."),
        refs: z.string().optional().describe('A set of such ids.'),
        money: z.string().optional().describe('An amount in this currency.'),
        moneyBy: z.string().optional().describe('An amount; the path at which the document has its currency.'),
      })
      .refine(({ type, ref, refs, money, moneyBy }) => {
        return [type, ref, refs, money, moneyBy].filter((one) => one !== undefined).length === 1;
      }),
  ],
  { error: FIELD },
);

export const writtenMapping = z.strictObject({
  collection: z.string().min(1).describe('The collection in MongoDB.'),
  table: z.string().min(1).describe('The table in Postgres, as `books` or with its schema as `app.books`.'),
  key: z.string().min(1).describe("The column that keeps the document's id, as text; it is unique."),
  own: z.string().min(1).default('id').describe("The column of the row's own id, which references to it hold."),
  domain: z.string().optional().describe("The domain that the rows belong to; the collection's name otherwise."),
  expiresAt: z.string().optional().describe('The path of the instant at which documents vanish (a TTL index).'),
  appendOnly: z.boolean().default(false).describe('Rows are only ever added.'),
  fields: z.record(z.string(), written).describe('By dotted path in the document.'),
  sums: z
    .array(
      z.strictObject({
        amount: z.string().min(1).describe('The path of the field that is added up: money, baseUnits or int.'),
        by: z
          .array(z.string().min(1))
          .min(1)
          .describe('The paths of the fields that are grouped by: text, or a reference that is not optional.'),
      }),
    )
    .default([])
    .describe('Sums that must agree in both stores; `reconcile` compares them.'),
});

export type WrittenMapping = z.output<typeof writtenMapping>;

/**
 * @throws ShadowError SHADOW_CONFIG for a reference to a collection without a mapping, a collection that has two, or sums
 *   that cannot be compared.
 */
export function mappingsFrom(given: readonly WrittenMapping[]): readonly ModelMapping[] {
  const known = given.map(({ collection }) => collection);
  const mappings = given.map(({ collection, table, key, own, domain, expiresAt, appendOnly, fields, sums }, i) => {
    if (known.indexOf(collection) !== i) {
      throw new ShadowError('SHADOW_CONFIG', 'a collection has two mappings', { actual: collection });
    }
    const made = Object.entries(fields).map(([path, field]) => fieldFrom(path, field));
    for (const column of [key, own, ...made.map((field) => field.column)]) {
      if (!column.includes('.')) continue;
      throw new ShadowError('SHADOW_CONFIG', `a column of ${collection} has a dot in its name`, {
        expected: 'a column of its own: a dot parts a schema from its table',
        actual: column,
        example: 'address.city: { column: city, type: text }',
      });
    }
    for (const { path, type } of made) {
      if ((type.kind !== 'ref' && type.kind !== 'refSet') || known.includes(type.collection)) continue;
      throw new ShadowError('SHADOW_CONFIG', `${collection}.${path} refers to a collection without a mapping`, {
        expected: `one of ${known.join(', ')}`,
        actual: type.collection,
      });
    }
    return Object.freeze<ModelMapping>({
      model: collection,
      domain: domain ?? collection,
      collection,
      table,
      identity: 'column',
      key,
      own,
      fields: Object.freeze(made),
      children: [],
      appendOnly,
      expiresAt: expiresAt ?? null,
      sums: Object.freeze(sums),
    });
  });
  declaredSums(mappings);
  return mappings;
}

function fieldFrom(path: string, field: z.output<typeof written>): FieldMapping {
  if (typeof field === 'string') {
    const name = field.replace(/\?$/, '');
    return { path, column: path, type: kindOf({ type: isPlain(name) ? name : 'text' }), nullable: name !== field };
  }
  return { path, column: field.column ?? path, type: kindOf(field), nullable: field.optional };
}

function kindOf(field: Exclude<z.input<typeof written>, string>): FieldKind {
  const { type = 'text', ref, refs, money, moneyBy } = field;
  if (ref !== undefined) return { kind: 'ref', collection: ref };
  if (refs !== undefined) return { kind: 'refSet', collection: refs };
  if (money !== undefined) return { kind: 'money', currency: { fixed: money } };
  if (moneyBy !== undefined) return { kind: 'money', currency: moneyBy };
  return { kind: type };
}
