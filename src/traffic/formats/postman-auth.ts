import type { JsonValue } from '../../types.ts';
import { isObject, type JsonObject, list, member, text } from './json-value.ts';

export interface AuthFields {
  readonly fields: readonly (readonly [string, string])[];
  /** A key that goes into the query. */
  readonly query: string | null;
}

const NONE: AuthFields = Object.freeze({ fields: Object.freeze([]), query: null });

/** Credentials that are plain text; a scheme that computes them (OAuth 1, AWS, digest) needs `--header`. */
export function authFields(auth: JsonValue | undefined): AuthFields {
  if (!isObject(auth)) return NONE;
  const type = text(auth.type);
  const value = (key: string): string => rowOf(type === null ? undefined : auth[type], key);
  switch (type) {
    case 'bearer':
      return { fields: [['Authorization', `Bearer ${value('token')}`]], query: null };
    case 'oauth2':
      return value('accessToken') === ''
        ? NONE
        : { fields: [['Authorization', `Bearer ${value('accessToken')}`]], query: null };
    case 'basic': {
      const pair = Buffer.from(`${value('username')}:${value('password')}`).toString('base64');
      return { fields: [['Authorization', `Basic ${pair}`]], query: null };
    }
    case 'apikey':
      return value('in') === 'query'
        ? { fields: [], query: `${encodeURIComponent(value('key'))}=${value('value')}` }
        : { fields: [[value('key'), value('value')]], query: null };
    default:
      return NONE;
  }
}

/** v2.1 has rows of key and value, v2.0 an object. */
function rowOf(given: JsonValue | undefined, key: string): string {
  const rows: readonly JsonValue[] = list(given);
  const object: JsonObject = isObject(given) ? given : {};
  const found = rows.find((row) => text(member(row, 'key')) === key);
  const value = found === undefined ? object[key] : member(found, 'value');
  return value === undefined || value === null ? '' : String(value);
}
