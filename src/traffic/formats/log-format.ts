/**
 * A user's own log format as a reader of lines: nginx's `log_format` (`$variable`), Apache's `LogFormat` (`%directive`)
 * and Envoy's (`%REQ(NAME)%`), each in its own words. A format is a row of literals and fields; a field ends where the
 * next literal begins, so that a line is read in one pass whatever is in it.
 */
import { ShadowError } from '../../errors.ts';
import { type Told, told, unusable } from '../recorded.ts';
import { instantOf } from './json-value.ts';
import { textOf } from './lines.ts';
import { logTime } from './log-time.ts';
import { hasEscapes, tokensOf } from './log-tokens.ts';
import { closingQuote, unescaped } from './quoted.ts';
import { requestLineOf } from './request-line.ts';
import type { TimeReader } from './strftime.ts';
import { isField, methodOf, targetOf, withHost } from './target.ts';

/** The part of the request that a field of a format holds; `header:<name>` is a header field, `skip` is not used. */
export type Meaning =
  | 'request'
  | 'method'
  | 'target'
  | 'path'
  | 'args'
  | 'host'
  | 'time'
  | 'body'
  | 'skip'
  | `header:${string}`;

export interface FormatField {
  readonly name: string;
  readonly means: Meaning;
  /** One value for each server that was asked: `10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80`. */
  readonly list?: true;
  /** A time whose format is written out. */
  readonly time?: TimeReader;
}

/** Literals and fields by turns. */
export type Token = string | FormatField;

/** @throws ShadowError SHADOW_USAGE for a format that tells no request, or where nothing says where a field ends */
export function compileLogFormat(format: string): (line: string, number: number) => Told {
  const tokens = tokensOf(format);
  const means = new Set(tokens.flatMap((token) => (typeof token === 'string' ? [] : [token.means])));
  if (!means.has('request') && !means.has('target') && !means.has('path')) {
    throw new ShadowError('SHADOW_USAGE', 'the log format does not tell what was asked', {
      expected: '$request, or $request_method and $request_uri (Apache: %r; Envoy: %REQ(:METHOD)% and %REQ(:PATH)%)',
      actual: format.slice(0, 200),
      example: `--log-format '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent'`,
    });
  }
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1];
    if (typeof token !== 'string' && next !== undefined && typeof next !== 'string' && !endsAtSlash(token, next)) {
      throw new ShadowError('SHADOW_USAGE', `the log format does not tell where ${token.name} ends`, {
        expected: 'a character between two variables',
        actual: `${token.name}${next.name}`,
      });
    }
  }
  const escapes = hasEscapes(format);
  return (line, number) => {
    const values = valuesOf(tokens, line, escapes);
    return typeof values === 'string' ? unusable(number, values) : requestOfValues(values, number, means.has('body'));
  };
}

/** `$host$request_uri`: a host holds no slash, and a target begins with one. */
const endsAtSlash = (field: FormatField, next: FormatField): boolean =>
  field.means === 'host' && (next.means === 'target' || next.means === 'path');

/** The values by meaning, or where the line leaves the format. */
function valuesOf(tokens: readonly Token[], line: string, escapes: boolean): ReadonlyMap<Meaning, string> | string {
  const values = new Map<Meaning, string>();
  let at = 0;
  for (const [i, token] of tokens.entries()) {
    if (typeof token === 'string') {
      if (!line.startsWith(token, at)) return `the line does not follow the log format at character ${at + 1}`;
      at += token.length;
      continue;
    }
    const next = tokens[i + 1];
    const before = tokens[i - 1];
    const quoted = typeof before === 'string' && before.endsWith('"');
    const timed = token.time?.(line, at) ?? null;
    if (timed !== null) {
      if (timed.at !== null) values.set('time', String(timed.at));
      at = timed.end;
      continue;
    }
    const end = ownEnd(line, at, token, next, quoted) ?? endOf(line, at, next, quoted && escapes);
    if (end < 0) return `the line ends before ${token.name} does`;
    const value = escapes ? unescaped(line.slice(at, end)) : line.slice(at, end);
    if (token.means !== 'skip' && value !== '-' && value !== '') values.set(token.means, value);
    at = end;
  }
  return at === line.length || line.slice(at).trim() === '' ? values : 'the line goes on after the log format ends';
}

const BRACKETED = /\[[^\]]{1,60}\]/y;
const UNQUOTED_TIME = /\d{1,2}\/[A-Za-z]{3}\/\d{4}:\d\d:\d\d:\d\d(?:\.\d{1,9})?(?: [+-]\d\d:?\d\d)?/y;
const LIST = /[^\s,]+(?:(?:, ?| : )[^\s,]+)*/y;
const UNQUOTED_REQUEST = /[A-Za-z-]{1,20} \S+(?: HTTP\/\d(?:\.\d)?)?/y;

/** Where times, request lines and lists end by themselves: they hold the space that often follows them. */
function ownEnd(
  line: string,
  at: number,
  { means, list }: FormatField,
  next: Token | undefined,
  quoted: boolean,
): number | null {
  if (quoted) return null;
  const spaced = typeof next === 'string' && /^ (?!:)/.test(next);
  const listed = list === true && spaced ? [LIST] : [];
  for (const pattern of means === 'time'
    ? [BRACKETED, UNQUOTED_TIME]
    : means === 'request'
      ? [UNQUOTED_REQUEST]
      : listed) {
    pattern.lastIndex = at;
    if (pattern.test(line)) return pattern.lastIndex;
  }
  return null;
}

function endOf(line: string, at: number, next: Token | undefined, quoted: boolean): number {
  if (next === undefined) return line.length;
  if (typeof next !== 'string') return line.indexOf('/', at);
  if (!quoted || !next.startsWith('"')) return line.indexOf(next, at);
  const close = closingQuote(line, at);
  return close >= 0 && line.startsWith(next, close) ? close : -1;
}

/** `bodies`: the format holds them, so that where there is none there was none. */
function requestOfValues(values: ReadonlyMap<Meaning, string>, line: number, bodies: boolean): Told {
  const requested = requestIn(values);
  if (requested === null) return unusable(line, 'the line tells no request');
  // The path alone is decoded: bytes of UTF-8, which are percent-encoded again.
  const decoded = values.has('path') && !values.has('target');
  const target = decoded
    ? targetOf(textOf(Buffer.from(requested.target, 'latin1')), 'text')
    : targetOf(requested.target, 'wire');
  if (typeof target === 'string') return unusable(line, target);
  const rawHeaders: string[] = [];
  for (const [means, value] of values) {
    const name = means.startsWith('header:') ? means.slice('header:'.length) : null;
    if (name !== null && isField(name, value)) rawHeaders.push(name, value);
  }
  const body = values.get('body');
  const time = values.get('time') ?? null;
  return told({
    method: requested.method,
    target: target.target,
    rawHeaders: withHost(rawHeaders, values.get('host') ?? target.host),
    body: body === undefined ? null : Buffer.from(body, 'latin1'),
    bodyLost: requested.method === 'POST' && !bodies,
    at: logTime(time) ?? logTime(time?.replace(/^\[|\]$/g, '') ?? null) ?? instantOf(time ?? undefined),
    answer: null,
    line,
  });
}

function requestIn(values: ReadonlyMap<Meaning, string>): { method: string; target: string } | null {
  const whole = values.get('request');
  const fromLine = whole === undefined ? null : requestLineOf(whole);
  const path = values.get('path');
  const args = values.get('args');
  const built = path === undefined || args === undefined ? path : `${path}?${args.replace(/^\?/, '')}`;
  const target = values.get('target') ?? fromLine?.target ?? built;
  if (target === undefined) return null;
  const method = values.has('method') ? methodOf(values.get('method') ?? '') : (fromLine?.method ?? 'GET');
  return method === null ? null : { method, target };
}
