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
  const cells = text.includes('\t') ? text.split('\t') : text.split(' ');
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
  const fields: string[] = [];
  for (const column of columns) {
    const name = /^cs\(([\w-]+)\)$/.exec(column)?.[1];
    // Spaces are written as plus signs (IIS) or percent-encoded (CloudFront).
    const value = name === undefined ? null : cell(column)?.replaceAll('+', ' ').replaceAll('%20', ' ');
    if (name !== undefined && value != null && isField(name, wireText(value))) fields.push(name, wireText(value));
  }
  return told({
    method,
    target: target.target,
    rawHeaders: withHost(fields, cell('x-host-header') ?? cell('cs-host') ?? target.host),
    body: null,
    at: instantOf(`${cell('date') ?? ''}T${cell('time') ?? ''}Z`),
    answer: null,
    line,
  });
}
