/** Whole answers: status, header fields and body, each by its meaning. */
import type { JsonValue, RawHeaders } from '../types.ts';
import {
  type CompiledComparator,
  type CompiledRule,
  compare,
  describeInto,
  guarded,
  resultOf,
  wants,
} from './compile.ts';
import { NO_MEASURE, textMeasure } from './engine/node.ts';
import { Findings } from './engine/path.ts';
import { isObjectId, isUuid, Run } from './engine/run.ts';
import { COMPARED_HEADERS, headerMeaning, headerOf } from './headers.ts';
import type { CompareContext, CompareResult } from './rule.ts';

/** One side's answer as it is compared: decoded and parsed. */
export interface ReadAnswer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  /**
   * A JSON body's value, the rows of NDJSON, a text body's text, `bytesText` of other bytes; undefined where there is
   * none.
   */
  readonly body: JsonValue | undefined;
  /** There is a body and nobody could read it: it is not compared, status and fields are. */
  readonly unreadable?: boolean;
  /** The body is no text. */
  readonly bytes?: boolean;
  /** `http://host:port` that this side was asked at: a Location that begins with it is one on the side itself. */
  readonly origin?: string;
}

/**
 * Do two answers mean the same? Status and fields come first, whatever the bodies are. Where one is good and the other is not, the bodies are of two kinds and only status and
 * fields are told; else the body is compared by the comparator's rule for good bodies (2xx) or for errors.
 */
export function compareAnswers(
  compiled: CompiledComparator,
  primary: ReadAnswer,
  twin: ReadAnswer,
  context: CompareContext,
): CompareResult {
  const comparable =
    isGood(primary.status) === isGood(twin.status) && primary.unreadable !== true && twin.unreadable !== true;
  const own: CompiledRule = isGood(primary.status) ? compiled : compiled.error;
  const rule = primary.bytes === true && twin.bytes === true ? { ...own, node: own.ofBytes } : own;
  return guarded(() => {
    const beside = new Run(context);
    const out = new Findings();
    compareBeside(compiled, primary, twin, beside, out);
    const body: CompareResult = comparable ? compare(rule, primary.body, twin.body, context) : { outcome: 'equal' };
    if (body.outcome === 'needs_ids' || beside.wanted.size > 0) {
      for (const want of body.outcome === 'needs_ids' ? body.wanted : [])
        beside.wanted.set(`${want.collection}:${want.id}`, want);
      // The fields' ids are known to be wanted; those of a body that differs are asked for with them.
      return wants(beside);
    }
    if (out.count === 0) return body;
    // Status or a field differs: that is known, whatever the bodies are.
    if (body.outcome === 'differs') describeInto(rule, primary.body, twin.body, new Run(context), out);
    return resultOf(out);
  });
}

const isGood = (status: number): boolean => status >= 200 && status < 300;

function compareBeside(
  compiled: CompiledComparator,
  primary: ReadAnswer,
  twin: ReadAnswer,
  run: Run,
  out: Findings,
): void {
  if (primary.status !== twin.status) {
    out.addBeside({
      path: '#status',
      kind: 'status',
      primary: primary.status,
      twin: twin.status,
      rule: 'status',
      measure: { of: 'status', statuses: [primary.status, twin.status] },
    });
  }
  for (const name of COMPARED_HEADERS) compareHeader(name, primary, twin, compiled, run, out);
  for (const name of compiled.headers) {
    if (!COMPARED_HEADERS.includes(name)) compareHeader(name, primary, twin, compiled, run, out);
  }
}

function compareHeader(
  name: string,
  primary: ReadAnswer,
  twin: ReadAnswer,
  compiled: CompiledComparator,
  run: Run,
  out: Findings,
): void {
  const mine = headerOf(primary.rawHeaders, name);
  const its = headerOf(twin.rawHeaders, name);
  if (mine === its) return;
  if (mine !== null && its !== null) {
    if (headerMeaning(name, mine) === headerMeaning(name, its)) return;
    if (name === 'location' && sameLocation(ownPath(mine, primary), ownPath(its, twin), compiled, run)) return;
  }
  out.addBeside({
    path: `#header/${name}`,
    kind: 'header',
    primary: mine ?? undefined,
    twin: its ?? undefined,
    rule: 'header',
    measure: mine === null || its === null ? NO_MEASURE : textMeasure(mine, its),
  });
}

function ownPath(location: string, answer: ReadAnswer): string {
  const { origin } = answer;
  if (origin === undefined || !location.startsWith(origin)) return location;
  const rest = location.slice(origin.length);
  return rest === '' || rest.startsWith('/') ? rest : location;
}

/**
 * The same URL, where an ObjectId stands for the uuid it is paired with in one of the comparator's collections. A URL
 * does not say of which collection an id is.
 */
function sameLocation(mine: string, its: string, compiled: CompiledComparator, run: Run): boolean {
  if (mine === its) return true;
  if (!run.twinForms) return false;
  const pieces = mine.split(PIECES);
  const others = its.split(PIECES);
  if (pieces.length !== others.length) return false;
  return pieces.every((piece, i) => {
    const other = others[i] ?? '';
    if (piece === other) return true;
    if (!isObjectId(piece) || !isUuid(other)) return false;
    const relations = compiled.collections.map((collection) => run.pair(collection, piece, other));
    return relations.includes('same') || relations.includes('pending');
  });
}

/** Between what may be an id: the delimiters are kept, so that they are compared too. */
const PIECES = /([/?#&=.,;:])/;
