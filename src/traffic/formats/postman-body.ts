import type { JsonValue } from '../../types.ts';
import { isObject, list, member, text } from './json-value.ts';

export interface PostmanBody {
  readonly content: string | null;
  /** Fields that go with it, unless the request has its own. */
  readonly fields: readonly (readonly [string, string])[];
  /** Why the body cannot be sent; null where it can. */
  readonly why: string | null;
}

const NONE: PostmanBody = Object.freeze({ content: null, fields: Object.freeze([]), why: null });

/**
 * What the request sends: as it is, as a form, or a GraphQL question, with its variables filled in before it is encoded.
 * Files are not part of a collection.
 */
export function postmanBody(body: JsonValue | undefined, filled: (value: string) => string): PostmanBody {
  if (!isObject(body) || body.disabled === true) return NONE;
  switch (text(body.mode)) {
    case 'raw': {
      const raw = filled(text(body.raw) ?? '');
      const json = text(member(member(body.options, 'raw'), 'language')) === 'json';
      return raw === ''
        ? NONE
        : { content: raw, fields: json ? [['Content-Type', 'application/json']] : [], why: null };
    }
    case 'urlencoded': {
      const form = new URLSearchParams();
      for (const row of list(body.urlencoded)) {
        if (member(row, 'disabled') !== true)
          form.append(filled(text(member(row, 'key')) ?? ''), filled(String(member(row, 'value') ?? '')));
      }
      return { content: form.toString(), fields: [['Content-Type', 'application/x-www-form-urlencoded']], why: null };
    }
    case 'graphql': {
      const operation = text(member(body.graphql, 'operationName')) ?? '';
      return {
        content: JSON.stringify({
          ...(operation === '' ? {} : { operationName: filled(operation) }),
          query: filled(text(member(body.graphql, 'query')) ?? ''),
          variables: variablesOf(member(body.graphql, 'variables'), filled),
        }),
        fields: [['Content-Type', 'application/json']],
        why: null,
      };
    }
    case 'formdata':
    case 'file':
      return { ...NONE, why: 'its body is a file or a multipart form, which a collection does not hold' };
    default:
      return NONE;
  }
}

/** Text of JSON as Postman exports it, or the object itself as others do. */
function variablesOf(given: JsonValue | undefined, filled: (value: string) => string): JsonValue {
  const source = filled(text(given) ?? (isObject(given) ? JSON.stringify(given) : ''));
  try {
    return source.trim() === '' ? {} : JSON.parse(source);
  } catch {
    return {};
  }
}
