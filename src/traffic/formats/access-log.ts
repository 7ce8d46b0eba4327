/**
 * Access logs as text: common and combined of nginx and Apache, with a virtual host before or more fields after, and
 * what else has the request line in quotes: Envoy's default, ALB, Traefik's and HAProxy's. Asked with the user's own
 * `--log-format` the line is read by that and nothing is guessed.
 */
import { type Bytes, type ReadOptions, type Told, told, unusable } from '../recorded.ts';
import { instantOf } from './json-value.ts';
import { linesOf } from './lines.ts';
import { compileLogFormat } from './log-format.ts';
import { logTime } from './log-time.ts';
import { type Quoted, quotedOf, unescaped } from './quoted.ts';
import { requestLineOf } from './request-line.ts';
import { isField, targetOf, withHost } from './target.ts';

/** A line that is longer carries no request that a server took. */
const LONGEST = 256 * 1024;

export async function* readAccessLog(bytes: Bytes, options: ReadOptions): AsyncGenerator<Told> {
  const read = options.logFormat === null ? requestOfLine : compileLogFormat(options.logFormat);
  for await (const { number, bytes: line } of linesOf(bytes, LONGEST)) {
    if (line === null) yield unusable(number, 'the line is longer than 256 KB');
    else if (line.some((byte) => byte > 32)) yield read(line.toString('latin1'), number);
  }
}

/** `line`: one character a byte. */
export function requestOfLine(line: string, number: number): Told {
  const quoted = [...quotedOf(line)];
  const index = quoted.findIndex(({ raw }) => requestLineOf(raw) !== null);
  const found = quoted[index];
  const requestLine = found === undefined ? null : requestLineOf(found.raw);
  if (found === undefined || requestLine === null) {
    return unusable(number, quoted.length === 0 ? 'no request line in quotes' : 'what is quoted is no request line');
  }
  if (!found.closed) return unusable(number, 'the line ends inside the request line');
  const target = targetOf(unescaped(requestLine.target), 'wire');
  if (typeof target === 'string') return unusable(number, target);
  return told({
    method: requestLine.method,
    target: target.target,
    rawHeaders: withHost(
      combinedFields(line, found.end, quoted.slice(index + 1)),
      target.host ?? virtualHost(line.slice(0, found.from)),
    ),
    body: null,
    bodyLost: requestLine.method === 'POST',
    at: timeBefore(line.slice(0, found.from)) ?? timeBefore(line.slice(found.end, found.end + 200)),
    answer: null,
    line: number,
  });
}

/**
 * `api.example:8080 1.2.3.4 - - [time] `, as Apache's vhost_combined begins; null where the line begins with the client. It
 * always writes a port, which clients leave out where their scheme implies it.
 */
function virtualHost(before: string): string | null {
  const host =
    /^((?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\]):\d{1,5}) +(?!- )\S+ +\S+ +\S[^[]{0,200}\[[^\]]{8,60}\] *$/i.exec(
      before,
    )?.[1];
  return host?.replace(/:(?:443|80)$/, '') ?? null;
}

/** `"request" 200 123 "referer" "user agent"`: only so are the next two quoted strings what they are in combined. */
function combinedFields(line: string, end: number, after: readonly Quoted[]): string[] {
  const [referer, agent] = after;
  if (referer === undefined || !/^ \d{3} (?:\d+|-) $/.test(line.slice(end, referer.from))) return [];
  const fields: string[] = [];
  for (const [name, quoted] of [
    ['Referer', referer],
    ['User-Agent', agent],
  ] as const) {
    const value = quoted === undefined || !quoted.closed ? '-' : unescaped(quoted.raw);
    if (value !== '-' && value !== '' && isField(name, value)) fields.push(name, value);
  }
  return fields;
}

/** In brackets, or the first instant of ISO 8601 that stands alone. */
function timeBefore(part: string): number | null {
  for (const [, bracketed] of part.slice(0, 4_096).matchAll(/\[([^\][]{8,60})\]/g)) {
    const at = logTime(bracketed ?? null);
    if (at !== null) return at;
  }
  const iso = /(?:^|[\s[])(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.,:+Z-]{0,20})(?=$|[\s\]])/.exec(part)?.[1];
  return instantOf(iso);
}
