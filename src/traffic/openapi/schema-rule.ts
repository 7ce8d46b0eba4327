/** From the schema of an answer to a drafted rule: what the document promises, and nothing that it does not. */
import { singular } from '../../api/path-shapes.ts';
import type { Drafted } from '../learn/drafted.ts';
import { isIdName } from '../learn/forms.ts';

export interface SchemaReading {
  /** Collection of the entities that the route is about. */
  readonly collection: string;
  /** Collections that a `ref` names. */
  readonly collections: Set<string>;
  /** What the document leaves open, in words. */
  readonly open: string[];
}

type Schema = Readonly<Record<string, unknown>>;

/** `within`: the schemas around this one, which may refer to themselves. */
export function schemaRule(
  given: unknown,
  name: string,
  reading: SchemaReading,
  path = '',
  within: readonly unknown[] = [],
): Drafted {
  if (within.includes(given)) return strict('the schema within itself');
  const schema = flattened(given);
  if (schema === null) return strict('the document does not say what this is');
  const nullable = isNullable(schema);
  const drafted = plainRule(schema, name, reading, path, [...within, given]);
  return nullable ? { ...drafted, nullable: true, note: joined(drafted.note, 'nullable') } : drafted;
}

function plainRule(
  schema: Schema,
  name: string,
  reading: SchemaReading,
  path: string,
  within: readonly unknown[],
): Drafted {
  const type = typeOf(schema);
  switch (type) {
    case 'string':
      return stringRule(schema, name, reading);
    case 'integer':
    case 'number':
      return isIdName(name) ? refRule(name, reading) : word('number', formatOf(schema) ?? type);
    case 'boolean':
      return word('bool', 'boolean');
    case 'array': {
      reading.open.push(
        `${path === '' ? '(whole body)' : path}: an array; \`set\` or \`ordered\` where its order is free`,
      );
      const items = schemaRule(schema.items, singular(name), reading, `${path}/*`, within);
      const identity =
        items.draft === 'object' ? [...items.fields.keys()].find((key) => /^_?id$/.test(key)) : undefined;
      return {
        draft: 'of',
        form: 'list',
        of: items,
        options: identity === undefined ? {} : { identity },
        nullable: false,
        note: 'array, in order',
      };
    }
    case 'object':
      return objectRule(schema, reading, path, within);
    default:
      return strict('of several types');
  }
}

function stringRule(schema: Schema, name: string, reading: SchemaReading): Drafted {
  const format = formatOf(schema);
  if (Array.isArray(schema.enum)) return word('text', `one of ${schema.enum.filter((one) => one !== null).join(', ')}`);
  if (format === 'date-time') return word('instant', 'date-time');
  if (format === 'duration') return word('duration', 'duration');
  if (format === 'uri' || format === 'uri-reference' || format === 'url') return word('url', format);
  const isId = format === 'uuid' || format === 'objectid' || schema.pattern === '^[0-9a-f]{24}$';
  if (isId || isIdName(name)) return refRule(name, reading, format ?? 'an id by its name');
  return word('text', format ?? 'string');
}

/** An id names its collection by the field: `buyerId` is of `buyers`, `id` of the route's own. */
function refRule(name: string, reading: SchemaReading, note = 'an id by its name'): Drafted {
  const bare = name.replace(/_?(id|uuid|guid)s?$/i, '').replace(/^_/, '');
  const collection = bare === '' ? reading.collection : `${bare.toLowerCase()}s`;
  reading.collections.add(collection);
  return { draft: 'form', data: { ref: collection }, nullable: false, note };
}

function objectRule(schema: Schema, reading: SchemaReading, path: string, within: readonly unknown[]): Drafted {
  const properties = isSchema(schema.properties) ? Object.entries(schema.properties) : [];
  const { additionalProperties } = schema;
  if (properties.length === 0) {
    if (!isSchema(additionalProperties)) return strict('an object of which the document says nothing');
    const of = schemaRule(additionalProperties, '', reading, `${path}/*`, within);
    return { draft: 'of', form: 'record', of, options: {}, nullable: false, note: 'free keys' };
  }
  const fields = new Map(
    properties.map(([key, of]) => [key, schemaRule(of, key, reading, `${path}/${key}`, within)] as const),
  );
  return { draft: 'object', fields, nullable: false, note: '' };
}

/** `allOf` as one schema; `oneOf` and `anyOf` of a schema and null as that schema. Null for what cannot be told. */
function flattened(given: unknown): Schema | null {
  if (!isSchema(given)) return null;
  if (Array.isArray(given.allOf)) {
    const parts = [given, ...given.allOf.map(flattened).filter((part) => part !== null)];
    const { allOf: _, ...own } = given;
    const properties = Object.assign({}, ...parts.map((part) => (isSchema(part.properties) ? part.properties : {})));
    return Object.assign({}, ...parts.slice(1), own, Object.keys(properties).length > 0 ? { properties } : {});
  }
  const choices = [given.oneOf, given.anyOf].find(Array.isArray);
  if (choices === undefined) return given;
  const schemas = choices.filter((one) => !(isSchema(one) && one.type === 'null'));
  const [only] = schemas;
  const inner = schemas.length === 1 ? flattened(only) : null;
  return inner === null || schemas.length === choices.length ? inner : { ...inner, nullable: true };
}

function isNullable({ nullable, type, enum: values }: Schema): boolean {
  if (nullable === true) return true;
  return (Array.isArray(type) && type.includes('null')) || (Array.isArray(values) && values.includes(null));
}

function typeOf({ type, properties, items, enum: values }: Schema): unknown {
  if (Array.isArray(type)) {
    const types = type.filter((one) => one !== 'null');
    return types.length === 1 ? types[0] : null;
  }
  if (type !== undefined) return type;
  if (properties !== undefined) return 'object';
  if (items !== undefined) return 'array';
  return Array.isArray(values) && values.every((one) => typeof one === 'string') ? 'string' : null;
}

const formatOf = ({ format }: Schema): string | null => (typeof format === 'string' ? format.toLowerCase() : null);
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const word = (text: string, note: string): Drafted => ({ draft: 'word', word: text, nullable: false, note });
const strict = (note: string): Drafted => word('strict', note);
const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ');
