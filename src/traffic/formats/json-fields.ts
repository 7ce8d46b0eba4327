/**
 * One JSON object as one request, by the names of its fields: our own `{method, target, headers, body}`, and the access
 * logs in JSON of Envoy and Istio, Traefik, ALB, nginx, Caddy, Google's load balancers and common loggers. Names are
 * compared without case, dots, dashes and underscores; the object itself is looked at before those nested in it.
 */
import { fieldOf } from '../../base/fields.ts';
import type { JsonValue } from '../../types.ts';
import { type RecordedAnswer, type Told, told, unusable } from '../recorded.ts';
import { fieldsOf } from './har.ts';
import { Names, objectsAt } from './json-names.ts';
import { instantOf, isObject, type JsonObject, text, wireText } from './json-value.ts';
import { logTime } from './log-time.ts';
import { requestLineOf } from './request-line.ts';
import { isField, methodOf, targetOf, withHost, withType } from './target.ts';

const METHOD = ['method', 'requestmethod', 'requestverb', 'httpmethod', 'httprequestmethod', 'verb', 'csmethod'];
const TARGET = [
  'target',
  'url',
  'requesturi',
  'requesturl',
  'requestpath',
  'xenvoyoriginalpath',
  'originalpath',
  'originaluri',
  'httptarget',
  'urloriginal',
  'requesttarget',
  'urlfull',
  'httpurl',
];
/** Often rewritten or decoded by the server: only where neither one of the above nor the request line is there. */
const PATH = ['uri', 'path', 'urlpath', 'csuristem'];
const QUERY = ['query', 'querystring', 'args', 'requestquery', 'urlquery', 'csuriquery'];
/** CloudFront's `x-host-header` is what the client asked for, its `cs(Host)` the distribution's own name. */
const HOST = [
  'xhostheader',
  'host',
  'authority',
  'requesthost',
  'httphost',
  'requestauthority',
  'domainname',
  'vhost',
  'urldomain',
  'cshost',
];
const TIME = [
  'at',
  'starttime',
  'startutc',
  'requestcreationtime',
  'startlocal',
  'time',
  'timestamp',
  'timeiso8601',
  'msec',
  'ts',
  'timelocal',
  'timestampms',
  'requesttimeepoch',
  'requesttime',
  'date',
  'datetime',
];
/** nginx has a duration under this name, API gateways an instant. */
const MAYBE_DURATION = 'requesttime';
const USER_AGENT = ['useragent', 'httpuseragent', 'requestuseragent', 'useragentoriginal', 'csuseragent'];
const LINE = ['request', 'requestline', 'requestfirstline'];
/** Where loggers put what belongs to the request. */
const NESTED = ['request', 'req', 'httprequest', 'http', 'attributes', 'properties', 'jsonpayload', 'fields'];
const ANSWER = ['response', 'answer', 'res'];
const HEADERS = ['headers', 'header', 'requestheaders'];
const BODY = ['body', 'requestbody', 'postdata', 'payload'];
/** Where loggers put the status of the answer. */
const STATUS = [
  'status',
  'statuscode',
  'responsecode',
  'responsestatus',
  'responsestatuscode',
  'resstatus',
  'resstatuscode',
  'httpstatus',
  'httpstatuscode',
  'httpresponsestatus',
  'httpresponsestatuscode',
  'downstreamstatus',
  'elbstatuscode',
  'scstatus',
];
/** Envoy, Traefik, Caddy: how much content the request had. */
const BODY_SIZE = ['bytesreceived', 'requestcontentsize', 'bytesread', 'requestsize', 'httprequestbodybytes'];

export function requestOf(value: JsonValue, line: number): Told {
  if (typeof value === 'string') return ofTarget(value, line);
  if (!isObject(value)) return unusable(line, 'it is neither an object nor a target');
  const names = new Names([value, ...NESTED.flatMap((name) => objectsAt(value, name))]);
  const wanted = askedFor(names);
  if (typeof wanted === 'string') return unusable(line, wanted);
  const target = targetOf(wanted.target, 'text');
  if (typeof target === 'string') return unusable(line, target);
  const body = bodyOf(names);
  if (typeof body === 'string') return unusable(line, body);
  const given = headersOf(names);
  const held = names.value(BODY);
  const asJson = typeof held === 'object' && held !== null && text(isObject(held) ? held.base64 : undefined) === null;
  const typed = withType(given, asJson ? 'application/json' : null);
  const rawHeaders = body === null ? given : withoutCoding(typed, body);
  const answer = answerOf(value);
  return told({
    method: wanted.method,
    target: target.target,
    rawHeaders: withHost(rawHeaders, names.text(HOST) ?? target.host),
    body,
    bodyLost:
      wanted.method === 'POST' &&
      body === null &&
      (hadBody(names, rawHeaders) || (answer === null && keepsNoBodies(names))),
    at: timeOf(names),
    answer,
    line,
  });
}

/** A bare string: a target, or a method and a target. */
function ofTarget(value: string, line: number): Told {
  const requestLine = requestLineOf(value);
  const target = targetOf(requestLine?.target ?? value, 'text');
  if (typeof target === 'string') return unusable(line, target);
  const rawHeaders = withHost([], target.host);
  const method = requestLine?.method ?? 'GET';
  return told({ method, target: target.target, rawHeaders, body: null, at: null, answer: null, line });
}

function askedFor(names: Names): { method: string; target: string } | string {
  const line = names.text(LINE);
  const fromLine = line === null ? null : requestLineOf(line);
  const alone = line !== null && /^(?:\/|https?:\/\/)/i.test(line) ? line : null;
  const target = names.text(TARGET) ?? (fromLine === null ? (names.text(PATH) ?? alone) : null);
  if (target === null) return fromLine ?? 'it names no target (target, url, path, request_uri, RequestPath, …)';
  const given = names.text(METHOD);
  const method = given === null ? (fromLine?.method ?? 'GET') : methodOf(given);
  if (method === null) return 'its method is none';
  const query = target.includes('?') ? null : names.text(QUERY);
  if (query === null || query === '' || query === '-') return { method, target };
  return { method, target: `${target}?${query.startsWith('?') ? query.slice(1) : query}` };
}

function hadBody(names: Names, rawHeaders: readonly string[]): boolean {
  const sizes = [fieldOf(rawHeaders, 'content-length'), ...BODY_SIZE.map((name) => names.value([name]))];
  return sizes.some((size) => Number(size ?? 0) > 0);
}

/** An access log tells the status of an answer and neither fields nor bodies: what a POST asked is not in it. */
function keepsNoBodies(names: Names): boolean {
  return names.has(STATUS) && !names.has([...HEADERS, ...BODY, 'bodybase64', ...BODY_SIZE]);
}

function timeOf(names: Names): number | null {
  const [day, clock] = [names.text(['date']), names.text(['time'])];
  if (day !== null && clock !== null && /^\d\d:\d\d:\d\d(?:\.\d{1,9})?$/.test(clock))
    return instantOf(`${day}T${clock}Z`);
  for (const name of TIME) {
    const value = names.value([name]);
    const at = (name === MAYBE_DURATION ? null : instantOf(value)) ?? logTime(names.text([name]));
    if (at !== null) return at;
  }
  return null;
}

/** An object of fields, a list of pairs, a list of `{name, value}`; else fields that are named one by one. */
function headersOf(names: Names): readonly string[] {
  const given = names.value(HEADERS);
  if (Array.isArray(given)) {
    return given.every((one) => typeof one === 'string') ? flat(given) : fieldsOf(given.map(named)).rawHeaders;
  }
  if (typeof given === 'string') return fieldsOf(given.split(/\r?\n/).map(pairOfLine)).rawHeaders;
  const rawHeaders: string[] = [];
  const add = (name: string, value: string): void => {
    // Loggers hide credentials behind a word, which is no credential to ask with.
    if (isField(name, wireText(value)) && !/^\W*redacted\W*$/i.test(value)) rawHeaders.push(name, wireText(value));
  };
  if (isObject(given)) {
    for (const [name, value] of Object.entries(given)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (typeof one === 'string' || typeof one === 'number') add(name, String(one));
      }
    }
    return rawHeaders;
  }
  // Traefik: `request_Authorization`; nginx: `http_authorization`.
  for (const [name, value] of names.entries()) {
    const field = /^(?:request_|http_)([A-Za-z][\w-]*)$/.exec(name)?.[1]?.replaceAll('_', '-');
    if (field !== undefined && NAMED_ONE_BY_ONE.test(field) && typeof value === 'string' && value !== '-') {
      add(field, value);
    }
  }
  const agent = names.text(USER_AGENT);
  if (agent !== null && agent !== '-' && !rawHeaders.some((part) => /^user-agent$/i.test(part)))
    add('User-Agent', agent);
  return rawHeaders;
}

/** Fields that an answer may depend on; `request_time` and the like are no fields. */
const NAMED_ONE_BY_ONE = /^(?:authorization|cookie|accept(?:-[a-z]+)?|user-agent|referer|origin|x-[a-z0-9-]+)$/i;

function flat(parts: readonly JsonValue[]): readonly string[] {
  const rawHeaders: string[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [name, value] = [String(parts[i]), wireText(String(parts[i + 1]))];
    if (isField(name, value)) rawHeaders.push(name, value);
  }
  return rawHeaders;
}

/** `[name, value]` and `{key, value}` as `{name, value}`. */
function named(one: JsonValue): JsonValue {
  if (Array.isArray(one)) return { name: one[0] ?? '', value: one[1] ?? '' };
  return isObject(one) && one.name === undefined ? { name: one.key ?? '', value: one.value ?? '' } : one;
}

function pairOfLine(line: string): JsonValue {
  const colon = line.indexOf(':');
  return { name: line.slice(0, Math.max(0, colon)), value: line.slice(colon + 1).trim() };
}

function bodyOf(names: Names): Uint8Array | null | string {
  const base64 = names.text(['bodybase64']);
  if (base64 !== null) return Buffer.from(base64, 'base64');
  const body = names.value(BODY);
  if (body === undefined || body === null || body === '' || body === '-') return null;
  const encoding = names.text(['encoding', 'bodyencoding'])?.toLowerCase() ?? 'utf8';
  if (typeof body === 'string') {
    if (encoding === 'base64') return Buffer.from(body, 'base64');
    return encoding === 'utf8' || encoding === 'utf-8'
      ? Buffer.from(body)
      : 'its body has an encoding other than utf8 and base64';
  }
  const inner = isObject(body) ? text(body.base64) : null;
  return inner === null ? Buffer.from(JSON.stringify(body)) : Buffer.from(inner, 'base64');
}

/** `{status, headers, body}` next to the request; without a recorded body there is no answer. */
function answerOf(value: JsonObject): RecordedAnswer | null {
  for (const object of ANSWER.flatMap((name) => objectsAt(value, name))) {
    const names = new Names([object]);
    const status = names.value(['status', 'statuscode', 'code']);
    const body = bodyOf(names);
    if (typeof status !== 'number' || typeof body === 'string') continue;
    if (!Number.isInteger(status) || status < 200 || status > 599) continue;
    const bare = status === 204 || status === 304;
    if (body === null && !bare && !names.has([...BODY, 'bodybase64'])) continue;
    return { status, rawHeaders: withoutCoding(headersOf(names), body), body: body ?? new Uint8Array(0) };
  }
  return null;
}

/** Content that was written down as text or JSON lies here decoded, whatever its fields say; so does what lacks gzip's mark. */
function withoutCoding(rawHeaders: readonly string[], body: Uint8Array | null): readonly string[] {
  const coding = fieldOf(rawHeaders, 'content-encoding')?.trim().toLowerCase();
  const first = body?.[0] ?? 0;
  const coded = (coding === 'gzip' || coding === 'x-gzip') && first === 0x1f && body?.[1] === 0x8b;
  if (coding === undefined || coded || (coding !== 'gzip' && first !== 0x7b && first !== 0x5b)) return rawHeaders;
  return rawHeaders.filter((_, i) => !/^content-(?:encoding|length)$/i.test(rawHeaders[i - (i % 2)] ?? ''));
}
