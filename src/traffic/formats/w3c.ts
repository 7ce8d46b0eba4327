/** The W3C extended log format (IIS, CloudFront): `#Fields:` names the columns, which tabs or spaces part. */
import { counted } from '../../base/figure-words.ts';
import { type Bytes, type Told, told, unusable } from '../recorded.ts';
import { instantOf, wireText } from './json-value.ts';
import { linesOf } from './lines.ts';
import { isField, methodOf, targetOf, withHost } from './target.ts';

const LONGEST = 256 * 1024;

export async function* readW3c(bytes: Bytes): AsyncGenerator<Told> {
  let columns: readonly string[] = [];
  for await (const { number, bytes: line } of linesOf(bytes, LONGEST)) {
    if (line === null) {
      yield unusable(number, 'the line is longer than 256 KB');
      continue;
    }
    const text = line.toString('latin1');
    if (/^#Fields:/i.test(text)) columns = text.slice('#Fields:'.length).trim().toLowerCase().split(/\s+/);
    else if (text.trim() !== '' && !text.startsWith('#')) yield ofRow(columns, text, number);
  }
}

function ofRow(columns: readonly string[], text: string, line: number): Told {
  // CloudFront writes tabs, and percent-encodes each value once more; IIS writes spaces, and a plus sign for a space.
  const tabs = text.includes('\t');
  const cells = tabs ? text.split('\t').map(encodedOnce) : text.split(' ');
  if (columns.length === 0) return unusable(line, 'no #Fields line comes before the row');
  if (cells.length !== columns.length)
    return unusable(line, `${counted(cells.length, 'column')} where #Fields names ${columns.length}`);
  const cell = (name: string): string | null => {
    const value = cells[columns.indexOf(name)];
    return value === undefined || value === '-' || value === '' ? null : value;
  };
  const path = cell('cs-uri-stem') ?? cell('cs-uri');
  const method = methodOf(cell('cs-method') ?? '');
  if (path === null || method === null) return unusable(line, 'the row has no cs-method or no cs-uri-stem');
  const query = cell('cs-uri-query');
  const target = targetOf(query === null ? path : `${path}?${query}`, 'wire');
  if (typeof target === 'string') return unusable(line, target);
  // What the client asked for; `cs(Host)` is the distribution's own name there.
  const asked = cell('x-host-header');
  const fields: string[] = [];
  for (const column of columns) {
    const name = /^cs\(([\w-]+)\)$/.exec(column)?.[1];
    if (name === undefined || (name === 'host' && asked !== null)) continue;
    const value = cell(column);
    const plain = value === null ? null : tabs ? decoded(value) : value.replaceAll('+', ' ');
    if (plain !== null && isField(name, wireText(plain))) fields.push(name, wireText(plain));
  }
  return told({
    method,
    target: target.target,
    rawHeaders: withHost(fields, asked ?? cell('cs-host') ?? target.host),
    body: null,
    bodyLost: method === 'POST',
    at: instantOf(`${cell('date') ?? ''}T${cell('time') ?? ''}Z`),
    answer: null,
    line,
  });
}

/** The percent sign of `%20` is itself written `%25`. */
const encodedOnce = (value: string): string => value.replace(/%25(?=[0-9A-Fa-f]{2})/g, '%');

/** One character a byte, as the client sent it. */
const decoded = (value: string): string =>
  value.replace(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
