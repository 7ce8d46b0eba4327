/**
 * The meaning of an answer as one text, told from its JSON as it stands: for JSON as `JSON.stringify` prints it, the same
 * text that `meaningOf` makes of its value.
 */
import { ownText } from '../base/own-text.ts';
import { StepsSpent } from './engine/meter.ts';
import { QuotedKey } from './engine/quoted-key.ts';
import { sortPaths } from './engine/sort-keys.ts';
import { BRACE, BRACE_END, BRACKET, BRACKET_END, Unsure, unsure } from './engine/text-cursor.ts';
import { TextReader } from './engine/text-reader.ts';
import { hasLeeway, sortTies } from './meaning.ts';
import type { Order, Rule } from './rule.ts';
import type { UnreadJson } from './unread.ts';

/** Null where the text does not tell: then its value does. */
export type TextMeaningOf = (text: UnreadJson, query: ReadonlyMap<string, string>) => string | null;

/** Null where nothing is ignored and every order counts, see `meaningOf`. */
export function textMeaningOf(rule: Rule): TextMeaningOf | null {
  if (!hasLeeway(rule)) return null;
  const said = saidOf(rule);
  return (text, query) => {
    const reader = new TextReader(text);
    try {
      const meaning = said(reader, query);
      return reader.isAtEnd ? meaning : null;
    } catch (thrown) {
      if (thrown instanceof Unsure || thrown instanceof RangeError || thrown instanceof StepsSpent) return null;
      throw thrown;
    }
  };
}

/** True where the list at the end of this path is empty; null where the text does not tell. */
export function isEmptyAt(text: UnreadJson, path: readonly string[]): boolean | null {
  const reader = new TextReader(text);
  try {
    for (const name of path) if (reader.peek() !== BRACE || !entered(reader, new QuotedKey(name))) return false;
    return reader.peek() === BRACKET && !reader.opens(BRACKET_END);
  } catch (thrown) {
    if (thrown instanceof Unsure) return null;
    throw thrown;
  }
}

/** Goes to the value of this member; false where there is none. */
function entered(reader: TextReader, key: QuotedKey): boolean {
  for (let more = reader.opens(BRACE_END); more; more = reader.goesOn(BRACE_END)) {
    if (reader.takesKey(key)) return true;
    reader.skipKey();
    reader.skip();
  }
  return false;
}

/** Passes over the value. */
type Said = (reader: TextReader, query: ReadonlyMap<string, string>) => string;

const NOTHING = '';
const asPrinted: Said = (reader) => {
  reader.peek();
  const from = reader.at;
  reader.skip();
  return reader.printed(from, reader.at);
};
const ignored: Said = (reader) => {
  reader.skip();
  return NOTHING;
};

function saidOf(rule: Rule): Said {
  if (!hasLeeway(rule)) return asPrinted;
  switch (rule.rule) {
    case 'nullable': {
      const of = saidOf(rule.of);
      return (reader, query) => (reader.takesNull() ? NOTHING : of(reader, query));
    }
    case 'object': {
      const fields = Object.entries(rule.fields).filter(([, field]) => hasLeeway(field));
      return objectSaid(fields.map(([name, field]) => ({ name, key: new QuotedKey(name), of: saidOf(field) })));
    }
    case 'record':
      return recordSaid(saidOf(rule.of));
    case 'list':
      return listSaid(saidOf(rule.of), rule.order);
    case 'csv':
      return unsure;
    default:
      return ignored;
  }
}

interface Field {
  readonly name: string;
  readonly key: QuotedKey;
  readonly of: Said;
}

/** Fields without leeway as they are printed; the others each by its own rule. */
function objectSaid(fields: readonly Field[]): Said {
  return (reader, query) => {
    if (reader.peek() !== BRACE) return asPrinted(reader, query);
    const printed: string[] = [];
    let text = '';
    for (let more = reader.opens(BRACE_END); more; more = reader.goesOn(BRACE_END)) {
      const own = fields.find(({ key }) => reader.takesKey(key));
      if (own === undefined) {
        printed.push(reader.printedKey(), asPrinted(reader, query));
      } else {
        const said = own.of(reader, query);
        if (said !== NOTHING) text += `${JSON.stringify(own.name)}:${said},`;
      }
    }
    return `{${text}[${printed.join()}]}`;
  };
}

/** The keys of a record come in any order. */
function recordSaid(of: Said): Said {
  return (reader, query) => {
    if (reader.peek() !== BRACE) return asPrinted(reader, query);
    const members: string[] = [];
    for (let more = reader.opens(BRACE_END); more; more = reader.goesOn(BRACE_END))
      members.push(`${reader.printedKey()}:${of(reader, query)}`);
    return `{${members.sort().join()}}`;
  };
}

function listSaid(of: Said, order: Order): Said {
  return (reader, query) => {
    if (reader.peek() !== BRACKET) return asPrinted(reader, query);
    const from = reader.at;
    const tied = order.kind === 'keyed' ? tiedIn(reader, order, query) : [];
    const everyPlaceCounts = order.kind !== 'free' && tied.length === 0;
    if (everyPlaceCounts && of === asPrinted)
      return order.kind === 'keyed' ? reader.printed(from, reader.at) : asPrinted(reader, query);
    if (order.kind === 'keyed') reader.moveTo(from, reader.room);
    const items: string[] = [];
    for (let more = reader.opens(BRACKET_END); more; more = reader.goesOn(BRACKET_END)) items.push(of(reader, query));
    if (order.kind === 'free') items.sort();
    else sortTies(items, tied);
    return `[${items.join()}]`;
  };
}

/** As `tiesOf`. Passes over the list. Keys within objects of an item are left to the values. */
function tiedIn(
  reader: TextReader,
  order: Extract<Order, { kind: 'keyed' }>,
  query: ReadonlyMap<string, string>,
): number[] {
  const { requested, defaults } = sortPaths(order, query);
  if ([...requested, ...defaults].some((path) => path.length !== 1)) unsure();
  const names = [...new Set([...requested, ...defaults].flat())];
  const keys = names.map(sortKey);
  const rows: (readonly (string | null)[])[] = [];
  for (let more = reader.opens(BRACKET_END); more; more = reader.goesOn(BRACKET_END)) rows.push(keysOf(reader, keys));
  const isShown = ([name = '']: readonly string[]): boolean => rows.some((row) => row[names.indexOf(name)] !== null);
  const visible = requested.length > 0 && requested.every(isShown);
  const used = (visible ? requested : defaults).map(([name = '']) => names.indexOf(name));
  const tied: number[] = [];
  for (let i = 1; i < rows.length; i += 1) {
    const [row, before] = [rows[i], rows[i - 1]];
    if (used.every((key) => (row?.[key] ?? NULL) === (before?.[key] ?? NULL))) tied.push(i);
  }
  return tied;
}

/** Made once each, since it takes as long as a row; bounded, since requests name them. */
const SORT_KEYS = new Map<string, QuotedKey>();
const MOST_SORT_KEYS = 256;

function sortKey(name: string): QuotedKey {
  const known = SORT_KEYS.get(name);
  if (known !== undefined) return known;
  const key = new QuotedKey(name);
  if (SORT_KEYS.size < MOST_SORT_KEYS) SORT_KEYS.set(ownText(name), key);
  return key;
}

/** Both stores sort an absent field as null. */
const NULL = 'null';

/** The values of an item's keys as they are printed, null where there is none. Passes over the item. */
function keysOf(reader: TextReader, keys: readonly QuotedKey[]): (string | null)[] {
  const values: (string | null)[] = keys.map(() => null);
  if (reader.peek() !== BRACE) {
    reader.skip();
    return values;
  }
  for (let more = reader.opens(BRACE_END); more; more = reader.goesOn(BRACE_END)) {
    const key = keys.findIndex((each) => reader.takesKey(each));
    if (key < 0) reader.skipKey();
    reader.peek();
    const from = reader.at;
    reader.skip();
    if (key >= 0) values[key] = reader.printed(from, reader.at);
  }
  return values;
}
