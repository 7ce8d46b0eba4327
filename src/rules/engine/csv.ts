/** CSV (RFC 4180): the header row strictly, the cells by the rules of their columns, on their text. */
import { ShadowError } from '../../errors.ts';
import type { JsonValue } from '../../types.ts';
import { canonicalJson, type JsonObject } from '../exact-number.ts';
import { describeStrict } from './describe-strict.ts';
import { addLeaf, type Json, type Node, node } from './node.ts';
import { into } from './path.ts';
import { strictEqual } from './strict.ts';

/**
 * `rows` is the list rule over rows as objects by column name. Differences are found at `/<row>/<column>`, the first
 * row after the header being 0, and at `/header/<position>`. Line ends (CRLF or LF) and a last line end mean nothing.
 */
export function csvNode(rows: Node, plain: boolean, columns: CsvColumns, separator: string): Node {
  return node('csv', {
    plain,
    exact: rows.exact,
    equal(primary, twin, run, parent) {
      if (primary === twin && plain) {
        const header = firstLine(primary, separator);
        assertNamed(columns, header, header);
        return true;
      }
      const mine = tableOf(primary, separator);
      const its = tableOf(twin, separator);
      if (mine === null || its === null) return strictEqual(primary, twin);
      assertNamed(columns, mine.header, its.header);
      return strictEqual(mine.header, its.header) && rows.equal(mine.rows, its.rows, run, parent);
    },
    describe(primary, twin, run, parent, at, out) {
      const mine = tableOf(primary, separator);
      const its = tableOf(twin, separator);
      if (mine === null || its === null) {
        if (!strictEqual(primary, twin)) addLeaf(at, 'csv', primary, twin, out);
        return;
      }
      describeStrict('csv', mine.header, its.header, into(at, 'header', 'field'), out, run);
      if (strictEqual(mine.header, its.header)) rows.describe(mine.rows, its.rows, run, parent, at, out);
    },
    meaning(side, value, run, parent) {
      const table = tableOf(value, separator);
      return table === null
        ? canonicalJson(value)
        : canonicalJson(table.header) + rows.meaning(side, table.rows, run, parent);
    },
  });
}

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly JsonObject[];
}

/** What a table's text says; null where it is no table. A byte order mark is not part of the first name. */
export function tableOf(value: Json, separator = ','): Table | null {
  const lines = typeof value === 'string' ? parseCsv(value.replace(/^\ufeff/, ''), separator) : null;
  if (lines === null) return null;
  const [header = [], ...rest] = lines;
  const seen = new Map<string, number>();
  const names = header.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}#${times}`;
  });
  const row = (cells: readonly string[]): JsonObject =>
    Object.fromEntries(cells.map((cell, i): [string, JsonValue] => [names[i] ?? `#${i}`, cell]));
  return { header, rows: rest.map(row) };
}

/** The names in the first line, without reading the rows. */
function firstLine(value: Json, separator: string): readonly string[] {
  if (typeof value !== 'string') return [];
  const end = value.indexOf('\n');
  return tableOf(end === -1 ? value : value.slice(0, end + 1), separator)?.header ?? [];
}

/** The rules' columns; true for those that a table may be without. */
export type CsvColumns = ReadonlyMap<string, boolean>;

/** A column that neither header names has no cells to compare: a rule that would silently do nothing. */
function assertNamed(columns: CsvColumns, mine: readonly string[], its: readonly string[]): void {
  if (mine.length === 0 && its.length === 0) return;
  for (const [name, optional] of columns) {
    if (optional || mine.includes(name) || its.includes(name)) continue;
    throw new ShadowError('SHADOW_RULE', `no header of the table names the column "${name}"`, {
      expected: 'a column that at least one side has, in its spelling; the right separator',
      example: 'csv: { id: text, note: text? }, separator: ";"',
    });
  }
}

/** Lines of cells; null where quotes are not closed or text follows a closing quote. */
export function parseCsv(text: string, separator = ','): string[][] | null {
  const cellEnd = new RegExp(`${separator.replace(/[\\^$.|?*+()[\]{}]/, '\\$&')}|\\r\\n|\\n`, 'g');
  const lines: string[][] = [];
  let cells: string[] = [];
  let at = 0;
  while (at <= text.length) {
    if (at === text.length && cells.length === 0 && (lines.length > 0 || text === '')) break;
    const read = text[at] === '"' ? quotedCell(text, at, separator) : plainCell(text, at, cellEnd);
    if (read === null) return null;
    cells.push(read.cell);
    at = read.end;
    if (text[at] === separator) {
      at++;
      continue;
    }
    lines.push(cells);
    cells = [];
    if (at >= text.length) break;
    at += text[at] === '\r' ? 2 : 1;
  }
  return lines;
}

interface Cell {
  readonly cell: string;
  /** Where the comma, the line end or the text's end is. */
  readonly end: number;
}

function plainCell(text: string, from: number, cellEnd: RegExp): Cell {
  cellEnd.lastIndex = from;
  const end = cellEnd.exec(text)?.index ?? text.length;
  return { cell: text.slice(from, end), end };
}

function quotedCell(text: string, from: number, separator: string): Cell | null {
  let close = text.indexOf('"', from + 1);
  while (close !== -1 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close === -1) return null;
  const end = close + 1;
  const next = text[end];
  const closed = next === undefined || next === separator || next === '\n' || (next === '\r' && text[end + 1] === '\n');
  return closed ? { cell: text.slice(from + 1, close).replaceAll('""', '"'), end } : null;
}
