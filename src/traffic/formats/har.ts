/**
 * HAR 1.2, as browsers, Playwright, Charles and proxies write it. What they write beside the standard is taken as meant:
 * HTTP/2's pseudo-fields, bodies in base64, absent content, entries of other schemes.
 */
import { fieldOf } from '../../base/fields.ts';
import type { JsonValue } from '../../types.ts';
import { type Bytes, type RecordedAnswer, type Told, told, unusable } from '../recorded.ts';
import { itemsOf } from './json-items.ts';
import { instantOf, isObject, type JsonObject, list, member, parsed, text, wireText } from './json-value.ts';
import { isField, methodOf, targetOf, withHost, withType } from './target.ts';

export async function* readHar(bytes: Bytes): AsyncGenerator<Told> {
  const items = itemsOf(bytes, ['log', 'entries']);
  for (let item = await items.next(); ; item = await items.next()) {
    if (item.done === true) {
      if (!item.value.whole) yield unusable(item.value.line, 'the HAR ends in the middle of a value');
      else if (!item.value.found) yield unusable(1, 'it is no HAR: there is no log.entries in it');
      return;
    }
    const { line, bytes: entry } = item.value;
    yield entry === null ? unusable(line, 'the entry is larger than 64 MB') : toldBy(entry, line);
  }
}

function toldBy(bytes: Uint8Array, line: number): Told {
  const entry = parsed(bytes);
  if (typeof entry === 'string') return unusable(line, `an entry of the HAR cannot be read: ${entry}`);
  const request = member(entry.value, 'request');
  if (!isObject(request)) return unusable(line, 'an entry of the HAR has no request');
  const method = methodOf(text(request.method) ?? '');
  if (method === null) return unusable(line, 'an entry of the HAR has no method');
  const target = targetOf(text(request.url) ?? '', 'text');
  if (typeof target === 'string') return unusable(line, target);
  const response = member(entry.value, 'response');
  if (member(response, 'status') === 101) return unusable(line, 'an upgrade to another protocol is no read');
  const fields = fieldsOf(request.headers);
  const body = bodyOf(request);
  const type = body === null ? null : text(member(request.postData, 'mimeType'));
  return told({
    method,
    target: target.target,
    rawHeaders: withHost(withType(withCookies(fields.rawHeaders, request), type), fields.authority ?? target.host),
    body,
    bodyLost: body === null && hadBody(request),
    at: instantOf(member(entry.value, 'startedDateTime')),
    answer: answerOf(response, method),
    line,
  });
}

/** `{name, value}` pairs as raw fields; `:authority` apart, since it says what Host would. */
export function fieldsOf(headers: JsonValue | undefined): { rawHeaders: readonly string[]; authority: string | null } {
  const rawHeaders: string[] = [];
  let authority: string | null = null;
  for (const header of list(headers)) {
    const name = text(member(header, 'name')) ?? '';
    const value = wireText(text(member(header, 'value')) ?? '');
    if (name === ':authority') authority = value;
    // Some tools join repeated values with line breaks.
    else for (const one of value.split(/\r?\n/)) if (isField(name, one)) rawHeaders.push(name, one);
  }
  return { rawHeaders, authority };
}

/** Some tools keep cookies apart and leave the field out. */
function withCookies(rawHeaders: readonly string[], request: JsonObject): readonly string[] {
  if (rawHeaders.some((part, i) => i % 2 === 0 && part.toLowerCase() === 'cookie')) return rawHeaders;
  const cookies = list(request.cookies).flatMap((cookie) => {
    const name = text(member(cookie, 'name'));
    return name === null ? [] : [`${name}=${text(member(cookie, 'value')) ?? ''}`];
  });
  const value = wireText(cookies.join('; '));
  return cookies.length === 0 || !isField('Cookie', value) ? rawHeaders : [...rawHeaders, 'Cookie', value];
}

function bodyOf(request: JsonObject): Uint8Array | null {
  const data = request.postData;
  if (!isObject(data)) return null;
  const content = text(data.text);
  if (content !== null && content !== '') return contentOf(content, data.encoding);
  const params = list(data.params);
  // The boundary between the parts of a multipart form is not kept.
  if (params.length === 0 || /^multipart\//i.test(text(data.mimeType) ?? '')) return null;
  const form = new URLSearchParams();
  for (const param of params) form.append(text(member(param, 'name')) ?? '', text(member(param, 'value')) ?? '');
  return Buffer.from(form.toString());
}

/** Playwright can keep bodies in files beside the HAR (`_file`); others leave them out. */
function hadBody(request: JsonObject): boolean {
  const data = request.postData;
  return (
    isAboveZero(request.bodySize) || text(member(data, '_file')) !== null || list(member(data, 'params')).length > 0
  );
}

const isAboveZero = (value: JsonValue | undefined): boolean => typeof value === 'number' && value > 0;

function contentOf(content: string, encoding: JsonValue | undefined): Uint8Array {
  return Buffer.from(content, text(encoding)?.toLowerCase() === 'base64' ? 'base64' : 'utf8');
}

/** The content is kept decoded while the fields speak of what was on the wire. */
const OF_THE_WIRE = new Set(['content-encoding', 'content-length', 'transfer-encoding']);

/**
 * Null where none came (status 0), and where its content was not kept: unless the answer can have none, only a size of 0 on
 * all accounts says that it was empty. A size of -1 is unknown.
 */
function answerOf(response: JsonValue | undefined, method: string): RecordedAnswer | null {
  const status = member(response, 'status');
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) return null;
  const content = member(response, 'content');
  const kept = text(member(content, 'text'));
  const { rawHeaders } = fieldsOf(member(response, 'headers'));
  const bare = method === 'HEAD' || status === 204 || status === 304;
  const empty = member(content, 'size') === 0 && !isAboveZero(member(response, 'bodySize')) && !saysLength(rawHeaders);
  if (kept === null && !bare && !empty) return null;
  return {
    status,
    rawHeaders: rawHeaders.filter((_, i) => !OF_THE_WIRE.has(rawHeaders[i - (i % 2)]?.toLowerCase() ?? '')),
    body: kept === null ? new Uint8Array(0) : contentOf(kept, member(content, 'encoding')),
  };
}

function saysLength(rawHeaders: readonly string[]): boolean {
  return Number(fieldOf(rawHeaders, 'content-length') ?? 0) > 0;
}
