/** The words of three dialects of log formats, as literals and fields with a meaning. */
import { ShadowError } from '../../errors.ts';
import type { FormatField, Meaning, Token } from './log-format.ts';

/** `$remote_addr …` is nginx, `%h …` Apache, `%START_TIME% …` Envoy. */
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
  return { name: all, means: name.startsWith('http_') ? headerOf(name.slice(5).replaceAll('_', '-')) : 'skip' };
}

/** `%U%q` is written without anything between, and is one thing. */
const APACHE = /%%|%U%q|%[!<>\d,]*(?:\{([^}]*)\})?(\^[a-z]{2}|[A-Za-z])/g;

function apacheField([all, argument, directive]: RegExpExecArray): FormatField {
  if (all === '%U%q') return { name: all, means: 'path' };
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

const ENVOY = /%([A-Z_]+)(?:\(([^)]*)\))?(?::\d+)?%/g;

function envoyField([all, command, argument]: RegExpExecArray): FormatField {
  if (command === 'START_TIME') return { name: all, means: 'time' };
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
