import type { JsonValue } from '../../types.ts';
import { isObject, type JsonObject, list, member, text } from './json-value.ts';

export interface AuthFields {
  readonly fields: readonly (readonly [string, string])[];
  /** A key that goes into the query. */
  readonly query: string | null;
  /** What they are made of: a variable without a value is not seen in their encoding. */
  readonly values: readonly string[];
}

const NONE: AuthFields = Object.freeze({ fields: Object.freeze([]), query: null, values: Object.freeze([]) });

/** Credentials that are plain text, by values with their variables filled in; a scheme that computes them (OAuth 1, AWS, digest) needs `--header`. */
export function authFields(auth: JsonValue | undefined, filled: (value: string) => string): AuthFields {
  if (!isObject(auth)) return NONE;
  const type = text(auth.type);
  const value = (key: string): string => filled(rowOf(type === null ? undefined : auth[type], key));
  switch (type) {
    case 'bearer':
      return fieldOnly('Authorization', `Bearer ${value('token')}`);
    case 'oauth2':
      return value('accessToken') === '' ? NONE : fieldOnly('Authorization', `Bearer ${value('accessToken')}`);
    case 'basic': {
      const pair = `${value('username')}:${value('password')}`;
      return { ...fieldOnly('Authorization', `Basic ${Buffer.from(pair).toString('base64')}`), values: [pair] };
    }
    case 'apikey':
      return value('in') === 'query'
        ? { fields: [], query: `${encodeURIComponent(value('key'))}=${value('value')}`, values: [] }
        : fieldOnly(value('key'), value('value'));
    default:
      return NONE;
  }
}

const fieldOnly = (name: string, value: string): AuthFields => ({ fields: [[name, value]], query: null, values: [] });

/** v2.1 has rows of key and value, v2.0 an object. */
function rowOf(given: JsonValue | undefined, key: string): string {
  const rows: readonly JsonValue[] = list(given);
  const object: JsonObject = isObject(given) ? given : {};
  const found = rows.find((row) => text(member(row, 'key')) === key);
  const value = found === undefined ? object[key] : member(found, 'value');
  return value === undefined || value === null ? '' : String(value);
}
