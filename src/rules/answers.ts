/** Whole answers: status, header fields and body, each by its meaning. */
import type { JsonValue, RawHeaders } from '../types.ts';
import {
  type CompiledComparator,
  type CompiledRule,
  compare,
  compareText,
  describeInto,
  guarded,
  resultOf,
  wants,
} from './compile.ts';
import { NO_MEASURE, type Node, textMeasure } from './engine/node.ts';
import { DifferenceList } from './engine/path.ts';
import { Run } from './engine/run.ts';
import { sameUrl } from './engine/url.ts';
import { headerMeaning, headerOf, linksOf } from './headers.ts';
import type { CompareContext, CompareResult } from './rule.ts';
import type { UnreadJson } from './unread.ts';

/** One side's answer as it is compared: decoded and parsed. */
export interface ComparedAnswer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  /**
   * A JSON body's value, the rows of NDJSON, a text body's text, `bytesText` of other bytes; undefined where there is
   * none.
   */
  readonly body: JsonValue | undefined;
  /** `http://host:port` under which this side was requested: a URL that begins with it points to the side itself. */
  readonly origin?: string;
  /** The body could not be read: only status and fields are compared. */
  readonly unreadable?: boolean;
  /** The body is no text. */
  readonly bytes?: boolean;
  /** The JSON as it stands. Then `body` and `unreadable` are only asked for where the texts do not tell. */
  readonly unread?: UnreadJson | null;
}

/**
 * Do two answers mean the same? Status and fields come first, whatever the bodies are. Where only one of them is
 * good, the bodies are of two kinds, so only status and fields are reported; else the comparator's rule for good
 * bodies (2xx) or for errors compares the bodies.
 */
export function compareAnswers(
  compiled: CompiledComparator,
  primary: ComparedAnswer,
  twin: ComparedAnswer,
  given: CompareContext,
): CompareResult {
  const context = withOrigins(given, primary, twin);
  const own: CompiledRule = isGood(primary.status) ? compiled : compiled.error;
  const rule = primary.bytes === true && twin.bytes === true ? { ...own, node: own.ofBytes } : own;
  return guarded(() => {
    const beside = new Run(context);
    const out = new DifferenceList();
    compareBeside(compiled, primary, twin, beside, out);
    const body = compareBodies(rule, primary, twin, context);
    if (body.outcome === 'needs_ids' || beside.wanted.size > 0) {
      for (const want of body.outcome === 'needs_ids' ? body.wanted : [])
        beside.wanted.set(`${want.collection}:${want.id}`, want);
      // The ids of the fields have to be looked up; those of a body that differs are looked up with them.
      return wants(beside);
    }
    if (out.count === 0) return body;
    // Status or a field differs, whatever the bodies are.
    if (body.outcome === 'differs')
      describeInto(rule, bodyWithoutLocation(primary), bodyWithoutLocation(twin), new Run(context), out);
    return resultOf(out);
  });
}

/** Bodies of two kinds, or that cannot be read, are not compared. */
function compareBodies(
  rule: CompiledRule,
  primary: ComparedAnswer,
  twin: ComparedAnswer,
  context: CompareContext,
): CompareResult {
  if (isGood(primary.status) !== isGood(twin.status)) return { outcome: 'equal' };
  if (primary.unread != null && twin.unread != null) {
    const told = compareText(rule, primary.unread, twin.unread, context);
    if (told !== null) return told;
  }
  if (primary.unreadable === true || twin.unreadable === true) return { outcome: 'equal' };
  const [mine, its] = [bodyWithoutLocation(primary), bodyWithoutLocation(twin)];
  return compare(rule, mine, its, context);
}

/**
 * The text that a framework writes below a redirect repeats where it leads. Location says that, and is compared as the URL
 * that it is, so that the text is compared without it.
 */
export function bodyWithoutLocation({
  status,
  body,
  rawHeaders,
}: Pick<ComparedAnswer, 'status' | 'body' | 'rawHeaders'>): JsonValue | undefined {
  if (typeof body !== 'string' || status < 300 || status > 399) return body;
  const location = headerOf(rawHeaders, 'location') ?? '';
  if (location === '') return body;
  return body.replaceAll(location, LOCATION).replaceAll(inHtml(location), LOCATION);
}

const LOCATION = '<Location>';

const inHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function withOrigins(context: CompareContext, primary: ComparedAnswer, twin: ComparedAnswer): CompareContext {
  const own = (origin: string | undefined, clientOrigins: readonly string[] = []): readonly string[] =>
    origin === undefined ? clientOrigins : [origin, ...clientOrigins];
  const { origins } = context;
  return {
    ...context,
    origins: { primary: own(primary.origin, origins?.primary), twin: own(twin.origin, origins?.twin) },
  };
}

export const isGood = (status: number): boolean => status >= 200 && status < 300;

function compareBeside(
  compiled: CompiledComparator,
  primary: ComparedAnswer,
  twin: ComparedAnswer,
  run: Run,
  out: DifferenceList,
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
  for (const [name, node] of compiled.headers) compareHeader(name, node, primary, twin, compiled.collections, run, out);
}

function compareHeader(
  name: string,
  node: Node | null,
  primary: ComparedAnswer,
  twin: ComparedAnswer,
  collections: readonly string[],
  run: Run,
  out: DifferenceList,
): void {
  const mine = headerOf(primary.rawHeaders, name) ?? undefined;
  const its = headerOf(twin.rawHeaders, name) ?? undefined;
  if (node !== null) {
    if (node.equal(mine, its, run, null)) return;
    const found = new DifferenceList();
    node.describe(mine, its, run, null, null, found);
    const [first] = found.kept;
    const measure = first?.measure ?? NO_MEASURE;
    out.addBeside({ path: `#header/${name}`, kind: 'header', primary: mine, twin: its, rule: node.label, measure });
    return;
  }
  if (mine === its || (mine !== undefined && its !== undefined && sameField(name, mine, its, collections, run))) return;
  out.addBeside({
    path: `#header/${name}`,
    kind: 'header',
    primary: mine,
    twin: its,
    rule: 'header',
    measure: mine === undefined || its === undefined ? NO_MEASURE : textMeasure(mine, its),
  });
}

function sameField(name: string, mine: string, its: string, collections: readonly string[], run: Run): boolean {
  if (headerMeaning(name, mine) === headerMeaning(name, its)) return true;
  if (URL_FIELDS.has(name)) return sameUrl(mine, its, collections, run);
  if (name !== 'link') return false;
  const [links, others] = [linksOf(mine), linksOf(its)];
  return (
    links.length === others.length &&
    links.every(({ url, rest }, i) => rest === others[i]?.rest && sameUrl(url, others[i]?.url ?? '', collections, run))
  );
}

/** Fields whose value is one URL. */
const URL_FIELDS: ReadonlySet<string> = new Set(['location', 'content-location', 'sourcemap', 'referer']);
