/** Header fields by their meaning: which differences in spelling change it, and which do not. */
import type { RawHeaders } from '../types.ts';

/** The fields compared on every answer; never Date, ETag, Content-Length and their like. */
export const COMPARED_HEADERS: readonly string[] = Object.freeze([
  'content-type',
  'location',
  'cache-control',
  'content-disposition',
  'www-authenticate',
]);

/** All values of a field, joined as RFC 9110 (5.3) allows; null where it is absent. */
export function headerOf(headers: RawHeaders, name: string): string | null {
  let joined: string | null = null;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const field = headers[i] ?? '';
    if (field.length !== name.length || field.toLowerCase() !== name) continue;
    const value = (headers[i + 1] ?? '').trim();
    joined = joined === null ? value : `${joined}, ${value}`;
  }
  return joined;
}

/**
 * One text per meaning of a field's value. Content-Type: media type and charset in any case, parameters in any order,
 * and the charset that a type has by itself means nothing.
 * Content-Disposition: likewise, file names as they are. Cache-Control, Vary, Allow and the like: a set. Others: the text.
 */
export function headerMeaning(name: string, value: string): string {
  switch (name) {
    case 'content-type':
      return contentTypeMeaning(value);
    case 'content-disposition':
      return parameterised(value, () => false);
    case 'cache-control':
    case 'pragma':
      return meaningOfList(value, directiveMeaning);
    default:
      if (ANY_CASE_LISTS.has(name)) return meaningOfList(value, (item) => item.toLowerCase());
      return LISTS.has(name) ? meaningOfList(value, (item) => item) : value;
  }
}

/** Fields that are a set of names in any case (RFC 9110, 5.6.1; Fetch, 3.2). */
const ANY_CASE_LISTS: ReadonlySet<string> = new Set([
  'vary',
  'accept-ranges',
  'content-language',
  'content-encoding',
  'accept-ch',
  'accept-patch',
  'accept-post',
  'access-control-allow-headers',
  'access-control-expose-headers',
  'clear-site-data',
  'connection',
  'trailer',
]);
/** Fields that are a set of words whose case counts: methods are `GET` and never `get` (RFC 9110, 9.1). */
const LISTS: ReadonlySet<string> = new Set(['allow', 'access-control-allow-methods', 'public']);

/** A set: order, repeats, empty members and the white space between them mean nothing. */
function meaningOfList(value: string, meaning: (item: string) => string): string {
  return [...new Set(splitOutsideQuotes(value, ',').map(meaning))].sort().join(',');
}

/** `max-age="60"` is `max-age=60` (RFC 9111, 5.2). */
function directiveMeaning(directive: string): string {
  const at = directive.indexOf('=');
  if (at === -1) return directive.toLowerCase();
  return `${directive.slice(0, at).trim().toLowerCase()}=${unquoted(directive.slice(at + 1).trim())}`;
}

/** The links of a Link field (RFC 8288), sorted by their parameters; the order in the field means nothing. */
export function linksOf(value: string): { readonly url: string; readonly rest: string }[] {
  const links = splitOutsideQuotes(value, ',').map((link) => {
    const match = /^<([^>]*)>\s*;?(.*)$/.exec(link);
    return match === null
      ? { url: link, rest: '' }
      : { url: (match[1] ?? '').trim(), rest: parameterised(`link;${match[2] ?? ''}`, (name) => name === 'rel') };
  });
  return links.sort((a, b) => (a.rest === b.rest ? 0 : a.rest < b.rest ? -1 : 1));
}

/** Types whose encoding is UTF-8 where no charset is named (RFC 8259, 8.1; RFC 7111, 5.1). */
const UTF8_TYPES = /^[^;]*[/+](x-)?(json|ndjson|jsonl|json-seq|csv)$/;

function contentTypeMeaning(value: string): string {
  const meaning = parameterised(value, (parameter) => parameter === 'charset');
  const type = meaning.split(';', 1)[0] ?? '';
  return UTF8_TYPES.test(type) ? meaning.replace(/;\["charset","utf-?8"\]/, '') : meaning;
}

/** `type; name=value; …`: the type and names in lower case, parameters sorted, values unquoted. */
function parameterised(value: string, anyCase: (parameter: string) => boolean): string {
  const [type = '', ...parameters] = splitOutsideQuotes(value, ';');
  const written = parameters.map((parameter) => {
    const at = parameter.indexOf('=');
    const name = (at === -1 ? parameter : parameter.slice(0, at)).trim().toLowerCase();
    const text = at === -1 ? '' : unquoted(parameter.slice(at + 1).trim());
    return JSON.stringify([name, anyCase(name) ? text.toLowerCase() : text]);
  });
  return [type.toLowerCase(), ...written.sort()].join(';');
}

function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1')
    : text;
}

function splitOutsideQuotes(value: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  let bracketed = false;
  for (let i = 0; i < value.length; i++) {
    const char = value.charAt(i);
    if (quoted && char === '\\') {
      part += char + value.charAt(++i);
      continue;
    }
    if (char === '"') quoted = !quoted;
    // A comma may stand in the URL of a Link.
    if (char === '<' && !quoted && part.trim() === '') bracketed = true;
    if (char === '>') bracketed = false;
    if (char === separator && !quoted && !bracketed) {
      parts.push(part.trim());
      part = '';
    } else part += char;
  }
  return [...parts, part.trim()].filter((each) => each !== '');
}
