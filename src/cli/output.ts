/** How commands speak: tables for people, JSON for programs, progress on stderr. Colour never carries meaning alone. */
import { styleText } from 'node:util';
import { visible, visibleLines } from '../base/plain-text.ts';
import { writeDefaultNotes } from './default-notes.ts';

export interface Output {
  /** True where stdout carries one JSON document and nothing else. */
  readonly json: boolean;
  /** To stdout, with a newline. */
  line(text: string): void;
  /** One JSON document on one line, to stdout. */
  document(value: unknown): void;
  /** To stderr: progress and remarks, never data. */
  note(text: string): void;
  /** A progress line, rewritten in place on a terminal; elsewhere at most each two seconds, and only if it is another one. */
  progress(text: string): void;
  /** Ends a progress line. */
  done(): void;
}

/** Of a stream what `Output` uses. */
interface Writable {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Streams {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

const QUIET_MS = 2_000;

/** `terminal` is its name, TERM: one that is `dumb` (an editor's, a job's log) obeys nothing, and prints what others obey. */
export function createOutput(json: boolean, streams: Streams = process, terminal = process.env.TERM): Output {
  const rewrites = streams.stderr.isTTY === true && terminal !== 'dumb';
  let open = false;
  let last = 0;
  let before = '';
  const end = (): void => {
    if (open) streams.stderr.write('\n');
    open = false;
    writeDefaultNotes();
  };
  return {
    json,
    line: (text) => {
      end();
      streams.stdout.write(`${printable(text)}\n`);
    },
    document: (value) => {
      end();
      streams.stdout.write(`${visible(JSON.stringify(value))}\n`);
    },
    note: (text) => {
      end();
      streams.stderr.write(`${printable(text)}\n`);
    },
    progress: (text) => {
      writeDefaultNotes();
      const now = Date.now();
      if (rewrites) {
        // A terminal that does not know its width says 0.
        const width = streams.stderr.columns || 80;
        streams.stderr.write(`\r\u001b[K${visible(text).slice(0, width - 1)}`);
        open = true;
      } else if (now - last >= QUIET_MS && text !== before) {
        streams.stderr.write(`${visible(text)}\n`);
        [last, before] = [now, text];
      }
    },
    done: end,
  };
}

export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong' | 'plain';

const STYLES = { good: 'green', bad: 'red', warn: 'yellow', dim: 'dim', strong: 'bold' } as const;

const ESCAPE = '\u001b';
/** What `styleText` writes after the escape for STYLES: the beginning and the end of each. */
function codes(): readonly string[] {
  return Object.values(STYLES).flatMap((style) =>
    styleText(style, '|', { validateStream: false })
      .split('|')
      .map((code) => code.slice(ESCAPE.length)),
  );
}

/** Text of one or more lines without what could drive the terminal: the codes of `paint` pass where it colours. */
function printable(text: string): string {
  const [first = '', ...rest] = text.split(ESCAPE);
  if (rest.length === 0) return visibleLines(first);
  const known = paint('bad', '|') === '|' ? [] : codes();
  const parts = rest.map((part) => {
    const code = known.find((one) => part.startsWith(one));
    return code === undefined
      ? `${visible(ESCAPE)}${visibleLines(part)}`
      : `${ESCAPE}${code}${visibleLines(part.slice(code.length))}`;
  });
  return [visibleLines(first), ...parts].join('');
}

/** Colour where the stream is a terminal and NO_COLOR is not set; the words say the same without. One line: no text can drive the terminal. */
export function paint(tone: Tone, text: string): string {
  return tone === 'plain' ? visible(text) : styleText(STYLES[tone], visible(text), { stream: process.stdout });
}

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'right';
  readonly cell: (row: Row) => string;
  readonly tone?: (row: Row) => Tone;
}

/**
 * A table with columns as wide as their longest cell; where the terminal is narrower, one block of lines for each row. No
 * cell can drive the terminal.
 *
 * @param room characters in a line of the terminal; without a terminal, or where it does not know its width, there is no limit
 */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  room: number = (process.stdout.isTTY ? process.stdout.columns : 0) || Number.POSITIVE_INFINITY,
): string {
  const cells = rows.map((row) => columns.map((column) => visible(column.cell(row))));
  const widths = columns.map((column, index) =>
    Math.max(width(column.title), ...cells.map((row) => width(row[index] ?? ''))),
  );
  const painted = (at: number, index: number, text: string): string => {
    const row = rows[at];
    const tone = columns[index]?.tone;
    return paint(row === undefined || tone === undefined ? 'plain' : tone(row), text);
  };
  if (rows.length > 0 && widths.reduce((sum, each) => sum + each + 2, -2) > room) {
    const titles = Math.max(...columns.map(({ title }) => width(title)));
    const blocks = cells.map((row, at) =>
      row.flatMap((cell, index) => {
        const title = columns[index]?.title ?? '';
        const space = ' '.repeat(titles - width(title) + 2);
        return cell === '' ? [] : [`${paint('strong', title)}${space}${painted(at, index, cell)}`];
      }),
    );
    return blocks.map((lines) => lines.join('\n')).join('\n\n');
  }
  const pad = (text: string, index: number): string => {
    const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - width(text)));
    return columns[index]?.align === 'right' ? space + text : text + space;
  };
  const head = columns.map((column, index) => paint('strong', pad(column.title, index))).join('  ');
  const body = cells.map((row, at) =>
    row
      .map((cell, index) => painted(at, index, pad(cell, index)))
      .join('  ')
      .trimEnd(),
  );
  return [head.trimEnd(), ...body].join('\n');
}

/** Made when text beyond ASCII is first measured: it takes 25 ms, a tenth of a short command. */
let segmenter: Intl.Segmenter | null = null;

function width(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return [...segmenter.segment(text)].length;
}

/** The text, or its beginning and `…` where it is longer than that many characters. */
export const shortened = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** 0.00123 -> `0.123 %` */
export const percent = (value: number | null, digits = 3): string =>
  value === null ? '–' : `${(value * 100).toFixed(digits)} %`;
/** 1234 -> `1.23 s` */
export function millis(value: number | null): string {
  if (value === null) return '–';
  return value >= 1_000 ? `${(value / 1_000).toFixed(2)} s` : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
/** An instant in the past, said shortly: `12 s ago`, `3 h ago`. */
export function ago(at: number, now: number = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - at) / 1_000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}
