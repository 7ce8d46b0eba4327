/** A decoded body by what its Content-Type says that it is. Every body can be read as something; bytes if nothing else. */
import { createHash } from 'node:crypto';
import { bytesText } from '../rules/engine/leaves.ts';
import type { ParseLimits } from '../rules/parse.ts';
import { decodeText, parseJson, parseRows } from '../rules/parse.ts';
import type { BodyForm } from '../rules/rule.ts';
import type { JsonValue } from '../types.ts';

export type Content =
  | { readonly media: 'json'; readonly value: JsonValue }
  /** Text as it stands: plain text, HTML, XML; CSV, which its rule takes apart. */
  | { readonly media: 'text' | 'csv'; readonly text: string }
  /** NDJSON: the list of its rows. Other bytes: their length and hash. */
  | { readonly media: 'ndjson' | 'bytes'; readonly value: JsonValue }
  /** No content at all: HEAD, 204, an empty body. */
  | { readonly media: 'none' }
  | ({ readonly media: 'unreadable'; readonly as: BodyForm } & Unreadable);

export interface Unreadable {
  readonly why: 'oversized' | 'bad_encoding' | 'unknown_coding' | 'bad_json' | 'bad_utf8' | 'too_deep';
  readonly detail: string;
}

const ROWS =
  /^(application|text)\/(x-)?(ndjson|jsonl|jsonlines|json-lines|json-stream|json-seq)$|\+(ndjson|jsonl|json-seq)$/;
const JSON_TYPES = /^(application|text)\/(x-)?json$|\+json$/;
const CSV_TYPES = /^(text|application)\/(x-)?(csv|tab-separated-values)$/;
const TEXT_TYPES =
  /^text\/|^(application|image)\/(.*\+)?(xml|yaml|x-yaml|toml|sql|graphql|javascript|x-javascript|ecmascript|xhtml\+xml)$|^application\/x-www-form-urlencoded$/;

/** Which form the media type names; null where there is no Content-Type. */
export function formOf(contentType: string | undefined): BodyForm | null {
  if (contentType === undefined || contentType.trim() === '') return null;
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (ROWS.test(type)) return 'ndjson';
  if (JSON_TYPES.test(type)) return 'json';
  if (CSV_TYPES.test(type)) return 'csv';
  return TEXT_TYPES.test(type) ? 'text' : 'bytes';
}

/** The bytes in one form. What is no text compares as bytes; a table or JSON that cannot be read says why. */
export function contentIn(
  form: BodyForm,
  bytes: Uint8Array,
  contentType: string | undefined,
  limits: ParseLimits,
): Content {
  switch (form) {
    case 'json': {
      const parsed = parsedIn(parseJson, bytes, contentType, limits);
      return parsed.ok
        ? { media: 'json', value: parsed.value }
        : { media: 'unreadable', as: form, why: parsed.failure, detail: parsed.detail };
    }
    case 'ndjson': {
      const rows = parsedIn(parseRows, bytes, contentType, limits);
      return rows.ok
        ? { media: 'ndjson', value: rows.value }
        : { media: 'unreadable', as: form, why: rows.failure, detail: rows.detail };
    }
    case 'csv': {
      const text = textIn(bytes, contentType);
      return text === null
        ? { media: 'unreadable', as: form, why: 'bad_utf8', detail: `the body is not valid ${charsetOf(contentType)}` }
        : { media: 'csv', text };
    }
    case 'text': {
      const text = textIn(bytes, contentType);
      return text === null ? bytesOf(bytes) : { media: 'text', text };
    }
    case 'bytes':
      return bytesOf(bytes);
  }
}

/** JSON is UTF-8 (RFC 8259), and most of its readers take it for that whatever is named; what is none may be in the charset named. */
function parsedIn(
  parse: typeof parseJson,
  bytes: Uint8Array,
  contentType: string | undefined,
  limits: ParseLimits,
): ReturnType<typeof parseJson> {
  const parsed = parse(bytes, limits);
  if (parsed.ok || parsed.failure === 'too_deep' || isUtf8Name(charsetOf(contentType))) return parsed;
  const text = textIn(bytes, contentType);
  const recoded = text === null ? parsed : parse(Buffer.from(text), limits);
  return recoded.ok ? recoded : parsed;
}

/** Without a Content-Type: JSON where it is JSON, else text, else bytes. */
export function contentUnnamed(bytes: Uint8Array, limits: ParseLimits): Content {
  const json = contentIn('json', bytes, undefined, limits);
  return json.media === 'unreadable' && json.why !== 'too_deep' ? contentIn('text', bytes, undefined, limits) : json;
}

/** A value that rules can compare: the hash of a body stands for its content. */
function bytesOf(bytes: Uint8Array): Content {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { media: 'bytes', value: bytesText(bytes.length, sha256) };
}

function textIn(bytes: Uint8Array, contentType: string | undefined): string | null {
  const charset = charsetOf(contentType);
  if (isUtf8Name(charset)) return decodeText(bytes);
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // An unknown charset, or bytes that are not valid in it.
    return decodeText(bytes);
  }
}

const isUtf8Name = (charset: string): boolean => charset === 'utf-8' || charset === 'us-ascii';

function charsetOf(contentType: string | undefined): string {
  const named = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  return named === 'utf8' ? 'utf-8' : named;
}
