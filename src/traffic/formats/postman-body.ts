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

/** What the request sends: as it is, as a form, or a GraphQL question. Files are not part of a collection. */
export function postmanBody(body: JsonValue | undefined): PostmanBody {
  if (!isObject(body) || body.disabled === true) return NONE;
  switch (text(body.mode)) {
    case 'raw': {
      const raw = text(body.raw) ?? '';
      const json = text(member(member(body.options, 'raw'), 'language')) === 'json';
      return raw === ''
        ? NONE
        : { content: raw, fields: json ? [['Content-Type', 'application/json']] : [], why: null };
    }
    case 'urlencoded': {
      const form = new URLSearchParams();
      for (const row of list(body.urlencoded)) {
        if (member(row, 'disabled') !== true)
          form.append(text(member(row, 'key')) ?? '', String(member(row, 'value') ?? ''));
      }
      // Variables stay as they are written until they are filled in.
      const content = form.toString().replaceAll('%7B%7B', '{{').replaceAll('%7D%7D', '}}');
      return { content, fields: [['Content-Type', 'application/x-www-form-urlencoded']], why: null };
    }
    case 'graphql': {
      const variables = text(member(body.graphql, 'variables')) ?? '';
      return {
        content: JSON.stringify({
          query: text(member(body.graphql, 'query')) ?? '',
          variables: variablesOf(variables),
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

function variablesOf(source: string): JsonValue {
  try {
    return source.trim() === '' ? {} : JSON.parse(source);
  } catch {
    return {};
  }
}
