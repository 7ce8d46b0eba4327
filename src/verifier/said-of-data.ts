/**
 * What an answer says of the data, without what it merely repeats of the question. Four hundred searches that find nothing
 * are one answer though each has its own words in `links.self`; so are four hundred redirects to the same login page, and
 * answers to HEAD, which show no content.
 */
import { fieldOf } from '../base/fields.ts';
import type { ReadAnswer } from './answers.ts';
import type { Reading } from './reading.ts';

export interface SaidAnswer {
  /** The compared header fields, by their meanings. */
  readonly fields: string;
  readonly body: string | Uint8Array;
}

/** More than an answer without a row takes, bytes. */
const LARGEST = 4_096;

export function saidOfData(reading: Reading, answer: ReadAnswer, said: SaidAnswer): SaidAnswer {
  if (reading.exchange.request.method === 'HEAD') return { fields: '', body: '' };
  if (answer.status >= 300 && answer.status < 400) return { ...said, fields: withoutWayBack(reading, said.fields) };
  if (!holdsNoRow(answer.bytes)) return said;
  const body = typeof said.body === 'string' ? said.body : textOf(said.body);
  const echoes = echoesOf(reading);
  return { fields: withoutEchoes(said.fields, echoes), body: withoutEchoes(body, echoes) };
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();

/** One that does not end is one too, so that none is looked at twice. */
const TEXTS = /"(?:[^"\\]|\\.)*"?/gs;
/** What names one entity: an entity whose only list is empty is a row by itself. */
const IDENTITY = /"(?:_id|id|uuid|key|slug|code)"\s*:\s*(?!null)/;
const FILLED_LIST = /\[\s*[^\]\s]/;
const EMPTY_LIST = /\[\s*\]/;

/** JSON with lists, all of which are empty. */
function holdsNoRow(bytes: Uint8Array): boolean {
  if (bytes.length > LARGEST || !bytes.includes(OPEN_BRACKET)) return false;
  const text = textOf(bytes);
  if (!/^\s*[{[]/.test(text) || IDENTITY.test(text)) return false;
  const plain = text.replaceAll(TEXTS, '""');
  return EMPTY_LIST.test(plain) && !FILLED_LIST.test(plain);
}

const OPEN_BRACKET = 0x5b;

interface Echoes {
  readonly path: string;
  /** Values of the path's and the query's parameters, the longest first. */
  readonly values: readonly string[];
}

function echoesOf({ exchange, params, query }: Reading): Echoes {
  const values = [...Object.values(params), ...query.values()].filter((value) => value !== '');
  return { path: pathOf(exchange.request.target), values: values.sort((a, b) => b.length - a.length) };
}

const pathOf = (target: string): string => target.split('?', 1)[0] ?? '';

/** Numbers, as JSON prints them. */
const NUMBERS = /(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])/g;

function withoutEchoes(text: string, { path, values }: Echoes): string {
  const plain = (token: string): string => {
    const said = token.replaceAll('\\/', '/');
    if (path.length > 1 && said.includes(path)) return '""';
    return values.reduce((left, value) => left.replaceAll(value, ''), said);
  };
  return text.replaceAll(TEXTS, plain).replaceAll(NUMBERS, (number) => (values.includes(number) ? '0' : number));
}

/** Where a redirect leads; that it leads back to what was asked, or is an address of that, says nothing of the data. */
function withoutWayBack(reading: Reading, fields: string): string {
  const said: unknown = JSON.parse(fields);
  if (!Array.isArray(said)) return fields;
  const at = said.indexOf('location') + 1;
  const location: unknown = said[at];
  if (at === 0 || typeof location !== 'string') return fields;
  return JSON.stringify(said.with(at, leadsTo(reading, location)));
}

function leadsTo({ exchange: { request } }: Reading, location: string): string {
  const host = fieldOf(request.rawHeaders, 'host') ?? 'none.invalid';
  const base = `http://${host}`;
  if (!URL.canParse(location, base) || !URL.canParse(base)) return location;
  const url = new URL(location, base);
  const path = pathOf(request.target);
  // `/orders/17/`, and https instead of http.
  if (url.host === new URL(base).host && withoutSlash(url.pathname) === withoutSlash(path)) return '';
  if (path.length < 2) return location;
  for (const [name, value] of url.searchParams) if (value.includes(path)) url.searchParams.delete(name, value);
  return url.href;
}

const withoutSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path).toLowerCase();
