/**
 * What is wrong, in one sentence made from the facts: the same on the terminal and on the dashboard, for a mismatch and for
 * a fault. Values only where the rules or the config show them.
 */
import type { Fault, JsonValue, RedactedDifference, RedactedValue } from '../types.ts';
import { shortId } from './fault-words.ts';
import { agree, counted } from './figure-words.ts';
import { measureWords } from './measure-words.ts';

/** A fault with the reads that have shown it. */
export interface WitnessedFault extends Fault {
  /** Epoch ms. */
  readonly firstSeen: number;
  readonly reads: number;
  readonly routes: readonly unknown[];
}

/** What differs, of an answer or of a stored row; values are not there where only the kind is known. */
export type ToldDifference = Pick<RedactedDifference, 'path' | 'kind' | 'measure'> &
  Partial<Pick<RedactedDifference, 'primary' | 'twin'>>;

export interface Facts {
  /** The difference in the sentence: the first that the fault explains. */
  readonly difference: ToldDifference | null;
  readonly fault: WitnessedFault | null;
  /** Number of other faults that the same read shows. */
  readonly further: number;
  /** Number of other differences in the same answer. */
  readonly more: number;
}

/** Characters of a value that a sentence has room for. */
const VALUE = 40;

/**
 * "`status` is `paid` in the primary and `failed` in the twin; row payments/66d4f0a2…b8c9 differs from its document since
 * 14:11 UTC; 23 reads on 5 routes show it."
 */
export function mismatchSentence({ difference, fault, further, more }: Facts, now: number = Date.now()): string {
  const parts = [
    ...(difference === null
      ? []
      : [`${differenceWords(difference)}${more > 0 ? ` (and ${counted(more, 'place')} more)` : ''}`]),
    ...(fault === null ? [] : [causeWords(fault, difference, now), readsWords(fault)]),
    ...(further > 0 ? [`it shows ${counted(further, 'fault')} more`] : []),
  ];
  const text = parts.join('; ');
  // The name of a collection stays as it is.
  return `${text.replace(/^(?:the|a|row|which)\b/, (word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)}.`;
}

/** Of an answer's differences the one that the fault explains: at the wrong field, else the first. */
export function differenceOf<Difference extends ToldDifference>(
  differences: readonly Difference[],
  fault: Pick<Fault, 'field'> | null,
): Difference | null {
  const field = fault?.field?.split('.').at(-1);
  return differences.find(({ path }) => path.split('/').at(-1) === field) ?? differences[0] ?? null;
}

function differenceWords({ path, kind, measure, primary, twin }: ToldDifference): string {
  const place = placeOf(path);
  switch (kind) {
    case 'missing':
      return `${place} is missing in the twin`;
    case 'extra':
      return `${place} is only in the twin`;
    case 'order':
      return `${place} is in another order in the twin`;
    case 'status':
      return measure.of === 'status'
        ? `the primary answers ${measure.statuses[0]} and the twin ${measure.statuses[1]}`
        : 'the two sides answer with different status codes';
    case 'value':
    case 'type':
    case 'header': {
      const [one, other] = [valueText(primary), valueText(twin)];
      const measured = measureWords(measure);
      if (one !== null && other !== null) return `${place} is ${one} in the primary and ${other} in the twin`;
      return `${place} differs${measured === '' ? '' : `: ${measured}`}`;
    }
  }
}

function causeWords(fault: WitnessedFault, difference: ToldDifference | null, now: number): string {
  const { cause, collection, entity, field, firstSeen } = fault;
  const since = `since ${clock(firstSeen, now)}`;
  const row = collection === null || entity === null ? '' : `${collection}/${shortId(entity)}`;
  switch (cause) {
    case 'data_drift': {
      const told = difference !== null && difference.path.split('/').at(-1) === field?.split('.').at(-1);
      return `row ${row} differs from its document${told || field === null ? '' : ` at \`${field}\``} ${since}`;
    }
    case 'missing_row':
      return `${row} has a document and no row ${since}`;
    case 'extra_row':
      return `${row} has a row and no document ${since}`;
    case 'known_gap':
      return `a write of ${row} has not reached Postgres ${since}; it is in pg_dualwrite_gaps`;
    case 'twin_logic':
      return `the rows agree with their documents, so that the twin's query or code is wrong, ${since}`;
    case 'unknown':
      return `its cause is not known; it shows ${since}`;
  }
}

function readsWords({ reads, routes }: WitnessedFault): string {
  return `${counted(reads, 'read')} on ${counted(routes.length, 'route')} ${agree(reads, 'shows', 'show')} it`;
}

function placeOf(path: string): string {
  if (path === '') return 'the whole body';
  if (path.startsWith('#header/')) return `the field \`${path.slice('#header/'.length)}\``;
  const segments = path.split('/').slice(1);
  // A position says nothing without the list that it is in.
  const from = segments.findLastIndex((segment) => !/^(?:\d+|\*)$/.test(segment));
  return `\`${segments.slice(Math.max(0, from)).join('/')}\``;
}

/** Null where the value may not be shown, or there is none. */
function valueText(value: RedactedValue | undefined): string | null {
  if (value === undefined) return null;
  if (value.type === 'absent') return 'absent';
  return value.value === undefined ? null : `\`${cut(textOf(value.value))}\``;
}

const textOf = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value));
const cut = (text: string): string =>
  (text.length <= VALUE ? text : `${text.slice(0, VALUE - 1)}…`).replaceAll('`', "'");

/** The minute, with its day where that is another than today's. */
function clock(at: number, now: number): string {
  const [day, time] = new Date(at).toISOString().slice(0, 16).split('T');
  return `${new Date(now).toISOString().startsWith(day ?? '') ? '' : `${day} `}${time} UTC`;
}
