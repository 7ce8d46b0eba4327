/** JSON lines, one JSON value after the other over several lines, and one JSON array: each value is one request. */
import { type Bytes, type ReadOptions, type Told, unusable } from '../recorded.ts';
import { requestOfLine } from './access-log.ts';
import { requestOf } from './json-fields.ts';
import { itemsOf } from './json-items.ts';
import { member, parsed, text } from './json-value.ts';
import { linesOf } from './lines.ts';

/** One value a line: a bad line costs that line. */
export async function* readJsonLines(bytes: Bytes, _options?: ReadOptions): AsyncGenerator<Told> {
  for await (const { number, bytes: line } of linesOf(bytes)) {
    if (line === null) yield unusable(number, 'the line is longer than 16 MB');
    else if (line.some((byte) => byte > 32)) yield ofValue(line, number);
  }
}

/** Values that spread over lines, one after the other or in one array. */
export async function* readJsonValues(bytes: Bytes): AsyncGenerator<Told> {
  const items = itemsOf(bytes, []);
  for (let item = await items.next(); ; item = await items.next()) {
    if (item.done === true) {
      if (!item.value.whole) yield unusable(item.value.line, 'the file ends in the middle of a value');
      return;
    }
    const { line, bytes: value } = item.value;
    yield value === null ? unusable(line, 'the value is larger than 64 MB') : ofValue(value, line);
  }
}

function ofValue(bytes: Buffer, line: number): Told {
  const value = parsed(objectIn(bytes));
  if (typeof value === 'string') return bytes[0] === 0x7b ? unusable(line, value) : notJson(bytes, value, line);
  // Containers' logs wrap each line of their program: {"log": "1.2.3.4 - - [...] \"GET / HTTP/1.1\" ...\n"}.
  const wrapped =
    ['log', 'message', 'MESSAGE', 'msg', 'textPayload']
      .map((name) => text(member(value.value, name)))
      .find((one) => one !== null) ?? null;
  const told = requestOf(value.value, line);
  if (told.kind === 'request' || wrapped === null) return told;
  return wrapped.trimStart().startsWith('{')
    ? ofWrapped(wrapped, line)
    : requestOfLine(Buffer.from(wrapped.trimEnd(), 'utf8').toString('latin1'), line);
}

/** Containers' logs hold lines of both kinds. */
function notJson(bytes: Buffer, why: string, line: number): Told {
  const told = requestOfLine(bytes.toString('latin1'), line);
  return told.kind === 'request' ? told : unusable(line, why);
}

/**
 * The object of a line, after what a container's runtime or syslog writes before it: `2026-11-26T10:00:00Z stdout F {…}`.
 * A line that is no object stays as it is.
 */
export function objectIn(line: Buffer): Buffer {
  const open = line.indexOf(0x7b);
  if (open <= 0 || open > LONGEST_PREFIX) return line;
  return /^[\w./:+[\]<>() -]+$/.test(line.toString('latin1', 0, open)) ? line.subarray(open) : line;
}

const LONGEST_PREFIX = 200;

function ofWrapped(wrapped: string, line: number): Told {
  const inner = parsed(Buffer.from(wrapped));
  return typeof inner === 'string' ? unusable(line, inner) : requestOf(inner.value, line);
}
