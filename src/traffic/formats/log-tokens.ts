/** The words of three dialects of log formats, as literals and fields with a meaning. */
import { ShadowError } from '../../errors.ts';
import type { FormatField, Meaning, Token } from './log-format.ts';
import { type TimeReader, timeReader } from './strftime.ts';

/** `$remote_addr …` is nginx, `%h …` Apache, `%START_TIME% …` Envoy. */
/** nginx's `escape=none` writes values as they are. */
export const hasEscapes = (format: string): boolean => !/^\s*log_format\s+\S+\s+escape=none\s/.test(format);

export function tokensOf(given: string): readonly Token[] {
  const format = bare(given);
  if (/%[A-Z_]{3,}(?:\([^)]*\))?(?::\d+)?%/.test(format)) return split(format, ENVOY, envoyField);
  if (format.includes('$')) return split(format, NGINX, nginxField);
  if (format.includes('%')) return split(format, APACHE, apacheField);
  throw new ShadowError('SHADOW_USAGE', 'the log format has no variables', {
    expected: "nginx's, Apache's or Envoy's words",
    actual: given.slice(0, 200),
    example: `--log-format '$remote_addr [$time_local] "$request" $status'`,
  });
}

const APACHE_NICKNAMES: Readonly<Record<string, string>> = {
  common: '%h %l %u %t "%r" %>s %b',
  combined: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
};

/** A whole directive (`log_format main '…' '…';`, `LogFormat "…" name`) stands for the format in it. */
function bare(given: string): string {
  const text = given.trim();
  const nickname = Object.hasOwn(APACHE_NICKNAMES, text) ? APACHE_NICKNAMES[text] : undefined;
  if (nickname !== undefined) return nickname;
  if (/^log_format\s/.test(text)) {
    return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/gs)]
      .map(([, single, double]) => (single ?? double ?? '').replace(/\\(['"\\])/g, '$1'))
      .join('');
  }
  const apache = /^(?:LogFormat|CustomLog\s+\S+)\s+"((?:[^"\\]|\\.)*)"/s.exec(text);
  return apache === null ? text : (apache[1] ?? '').replace(/\\(["\\])/g, '$1').replaceAll('\\t', '\t');
}

function split(format: string, pattern: RegExp, field: (parts: RegExpExecArray) => FormatField): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const found of format.matchAll(pattern)) {
    if (found.index > at) tokens.push(format.slice(at, found.index));
    tokens.push(field(found));
    at = found.index + found[0].length;
  }
  if (at < format.length) tokens.push(format.slice(at));
  return merged(tokens);
}

/** An escaped percent is a literal; two literals in a row are one. */
function merged(tokens: readonly Token[]): readonly Token[] {
  const out: Token[] = [];
  for (const token of tokens) {
    const literal = typeof token === 'string' ? token : token.name === '%%' ? '%' : null;
    const last = out.at(-1);
    if (literal === null) out.push(token);
    else if (typeof last === 'string') out[out.length - 1] = last + literal;
    else out.push(literal);
  }
  return out;
}

/** `$uri$is_args$args` is written without anything between, and is one thing. */
const NGINX = /\$uri\$is_args\$args|\$\{(\w+)\}|\$(\w+)/g;

const NGINX_MEANINGS: Readonly<Record<string, Meaning>> = {
  request: 'request',
  request_method: 'method',
  request_uri: 'target',
  uri: 'path',
  document_uri: 'path',
  args: 'args',
  query_string: 'args',
  host: 'host',
  http_host: 'host',
  time_local: 'time',
  time_iso8601: 'time',
  msec: 'time',
  request_body: 'body',
};

function nginxField([all, braced, plain]: RegExpExecArray): FormatField {
  const name = braced ?? plain;
  if (name === undefined) return { name: all, means: 'path' };
  const known = Object.hasOwn(NGINX_MEANINGS, name) ? NGINX_MEANINGS[name] : undefined;
  if (known !== undefined) return { name: all, means: known };
  const means = name.startsWith('http_') ? headerOf(name.slice(5).replaceAll('_', '-')) : 'skip';
  return /^(?:upstream_|http_x_forwarded_for$|proxy_add_x_forwarded_for$)/.test(name)
    ? { name: all, means, list: true }
    : { name: all, means };
}

/**
 * `%U%q` is written without anything between, and is one thing. So are the pieces of one time:
 * `%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t`.
 */
const APACHE = /%%|%U%q|%\{[^}]*\}t(?:[^%"|\t]{0,3}%\{[^}]*\}t){0,8}|%[!<>\d,]*(?:\{([^}]*)\})?(\^[a-z]{2}|[A-Za-z])/g;

function apacheField([all, argument, directive]: RegExpExecArray): FormatField {
  if (all === '%U%q') return { name: all, means: 'path' };
  if (directive === undefined) return { name: all, means: 'time', ...readBy(apacheTime(all)) };
  switch (directive) {
    case 'r':
      return { name: all, means: 'request' };
    case 'm':
      return { name: all, means: 'method' };
    case 'U':
      return { name: all, means: 'path' };
    case 'q':
      return { name: all, means: 'args' };
    case 't':
      return { name: all, means: 'time' };
    case 'v':
    case 'V':
      return { name: all, means: 'host' };
    case 'i':
      return { name: all, means: headerOf(argument ?? '') };
    default:
      return { name: all, means: 'skip' };
  }
}

/** The formats in the braces, and what stands between them. */
function apacheTime(directives: string): (string | { readonly literal: string })[] {
  return directives.split(/(%\{[^}]*\}t)/).flatMap((piece) => {
    if (piece === '') return [];
    const format = /^%\{([^}]*)\}t$/.exec(piece)?.[1];
    return [format ?? { literal: piece }];
  });
}

/** Without a known format the time ends where the next literal begins, and is read as far as it can be. */
function readBy(pieces: Parameters<typeof timeReader>[0]): { readonly time?: TimeReader } {
  const time = timeReader(pieces);
  return time === null ? {} : { time };
}

const ENVOY = /%([A-Z_]+)(?:\(([^)]*)\))?(?::\d+)?%/g;

function envoyField([all, command, argument]: RegExpExecArray): FormatField {
  if (command === 'START_TIME') {
    return { name: all, means: 'time', ...(argument === undefined ? {} : readBy([argument])) };
  }
  if (command !== 'REQ') return { name: all, means: 'skip' };
  const first = argument?.split(/[?:]/).find((part) => part !== '') ?? '';
  switch (first.toUpperCase()) {
    case 'METHOD':
      return { name: all, means: 'method' };
    case 'PATH':
    case 'X-ENVOY-ORIGINAL-PATH':
      return { name: all, means: 'target' };
    case 'AUTHORITY':
    case 'HOST':
      return { name: all, means: 'host' };
    default:
      return { name: all, means: headerOf(first) };
  }
}

function headerOf(name: string): Meaning {
  return name.toLowerCase() === 'host' ? 'host' : `header:${name}`;
}
