/**
 * A comparator compiled once into closures, and the comparison of two values: one pass decides whether they mean the
 * same, a second one describes what differs.
 */
import { ShadowError } from '../errors.ts';
import type { JsonValue } from '../types.ts';
import { CURRENCY_SCALES, type CurrencyScales, checkCurrency, withScales } from './currencies.ts';
import { rulesDigest } from './digest.ts';
import { bytesNode } from './engine/leaves.ts';
import { StepsSpent } from './engine/meter.ts';
import { addLeaf, NO_PARENT, type Node } from './engine/node.ts';
import { DifferenceList } from './engine/path.ts';
import { Run } from './engine/run.ts';
import { Unsure } from './engine/text-cursor.ts';
import { TextReader } from './engine/text-reader.ts';
import { COMPARED_HEADERS } from './headers.ts';
import { nodeOf, type Setting } from './nodes.ts';
import type { BodyForm, Comparator, CompareContext, CompareResult, Rule } from './rule.ts';
import type { UnreadJson } from './unread.ts';
import { collectionsIn, innerRules } from './walk.ts';

export interface CompiledRule {
  readonly node: Node;
  /** For two bodies that are no text: `bytes`, unless the rule takes or ignores bodies as they are. */
  readonly ofBytes: Node;
  /** Collections whose ids the rule pairs. */
  readonly collections: readonly string[];
}

/** A compiled comparator. Used as a rule, it is the rule of a good body. */
export interface CompiledComparator extends CompiledRule {
  readonly name: string;
  readonly rulesDigest: string;
  readonly error: CompiledRule;
  /** The form in which a good body is read, whatever its Content-Type says; null: as Content-Type says. */
  readonly form: BodyForm | null;
  /** Fields compared, lowercase, each with the rule that it was given; null: by what the field means. */
  readonly headers: ReadonlyMap<string, Node | null>;
}

export function compileComparator(comparator: Comparator): CompiledComparator {
  checkComparator(comparator, comparator.name);
  const scales = withScales(comparator.currencies ?? {});
  const body = compileRule(comparator.body, scales);
  return Object.freeze({
    ...body,
    name: comparator.name,
    rulesDigest: rulesDigest(comparator),
    error: compileRule(comparator.error, scales),
    form: formOf(comparator.body),
    headers: headerNodes(comparator, { textual: true, scales, collections: body.collections }),
  });
}

/** Switched off fields are left out. */
function headerNodes(comparator: Comparator, setting: Setting): ReadonlyMap<string, Node | null> {
  const rules = new Map(Object.entries(comparator.headerRules ?? {}).map(([name, rule]) => [name.toLowerCase(), rule]));
  const names = [...COMPARED_HEADERS, ...comparator.headers.map((name) => name.toLowerCase()), ...rules.keys()];
  const nodes = new Map<string, Node | null>();
  for (const name of names) {
    const rule = rules.get(name);
    if (rule?.rule !== 'ignored') nodes.set(name, rule === undefined ? null : nodeOf(rule, setting));
  }
  return nodes;
}

/** Checks what can be wrong with a comparator before any answer is seen. @throws ShadowError SHADOW_CONFIG */
export function checkComparator(comparator: Comparator, where: string): void {
  const scales = withScales(comparator.currencies ?? {});
  const { body, error, headerRules = {} } = comparator;
  for (const rule of [body, error, ...Object.values(headerRules)]) assertCurrencies(rule, scales, where);
}

/** An amount of an unknown currency would be compared exactly, and would differ by the number of printed zeros. */
function assertCurrencies(rule: Rule, scales: CurrencyScales, name: string): void {
  if (rule.rule === 'money' || rule.rule === 'aggregateMoney') checkCurrency(rule.from, scales, name);
  for (const inner of innerRules(rule)) assertCurrencies(inner, scales, name);
}

export function compileRule(rule: Rule, scales: CurrencyScales = CURRENCY_SCALES): CompiledRule {
  const collections = [...collectionsIn(rule)];
  const node = nodeOf(rule, { textual: false, scales, collections });
  const ofBytes = rule.rule === 'custom' || rule.rule === 'ignored' || rule.rule === 'secret' ? node : bytesNode;
  return Object.freeze({ node, ofBytes, collections: Object.freeze(collections) });
}

/** Do the two mean the same? If ids have to be looked up first, the result names all of them at once. */
export function compare(
  compiled: CompiledRule,
  primary: JsonValue | undefined,
  twin: JsonValue | undefined,
  context: CompareContext,
): CompareResult {
  const first = new Run(context);
  return guarded(() => {
    const equal = compiled.node.equal(primary, twin, first, null);
    if (equal && first.wanted.size > 0) return wants(first);
    if (equal && !first.contradicts) {
      if (first.supposed.length > 0) context.ids.suppose?.(first.supposed);
      return EQUAL;
    }
    const second = new Run(context, first.wanted);
    const out = new DifferenceList();
    describeInto(compiled, primary, twin, second, out);
    return second.wanted.size === 0 ? resultOf(out) : wants(second);
  });
}

/** As `compare`, of two JSON texts. Null where they do not tell: then the values have to be compared. */
export function compareText(
  compiled: CompiledRule,
  primary: UnreadJson,
  twin: UnreadJson,
  context: CompareContext,
): CompareResult | null {
  const run = new Run(context);
  const [mine, its] = [new TextReader(primary), new TextReader(twin)];
  try {
    if (!compiled.node.equalText(mine, its, run, NO_PARENT)) return null;
    if (!mine.isAtEnd || !its.isAtEnd || run.contradicts) return null;
  } catch (thrown) {
    // Whatever else goes wrong goes wrong with the values too, where it is said what it is.
    if (thrown instanceof Unsure || thrown instanceof StepsSpent || thrown instanceof RangeError) return null;
    throw thrown;
  }
  if (run.wanted.size > 0) return wants(run);
  if (run.supposed.length > 0) context.ids.suppose?.(run.supposed);
  return EQUAL;
}

/** How many steps the two passes of a comparison take: a figure to choose a limit by. */
export function stepsOf(
  compiled: CompiledRule,
  primary: JsonValue | undefined,
  twin: JsonValue | undefined,
  context: CompareContext,
): { readonly comparing: number; readonly describing: number } {
  const [first, second] = [new Run(context), new Run(context)];
  if (!compiled.node.equal(primary, twin, first, null))
    describeInto(compiled, primary, twin, second, new DifferenceList());
  return { comparing: first.meter.spent, describing: second.meter.spent };
}

const EQUAL: CompareResult = Object.freeze({ outcome: 'equal' });

/**
 * The describing pass of two values that are not equal: it finds at least one difference. If it runs out of steps,
 * the list is cut, and the values still differ.
 */
export function describeInto(
  compiled: CompiledRule,
  primary: JsonValue | undefined,
  twin: JsonValue | undefined,
  run: Run,
  out: DifferenceList,
): void {
  const before = out.count;
  run.describing = true;
  try {
    compiled.node.describe(primary, twin, run, null, null, out);
  } catch (thrown) {
    if (!(thrown instanceof StepsSpent)) throw thrown;
  }
  if (out.count === before && run.wanted.size === 0) addLeaf(null, compiled.node.label, primary, twin, out);
}

export function resultOf(out: DifferenceList): CompareResult {
  return out.count === 0
    ? EQUAL
    : Object.freeze({ outcome: 'differs', differences: Object.freeze(out.kept), count: out.count });
}

export function wants(run: Run): CompareResult {
  return Object.freeze({ outcome: 'needs_ids', wanted: Object.freeze([...run.wanted.values()]) });
}

/**
 * Running out of steps is a result. Values that did not come through `parseJson` may nest without a limit: running
 * out of stack is an error of its own.
 */
export function guarded(compareThem: () => CompareResult): CompareResult {
  try {
    return compareThem();
  } catch (thrown) {
    if (thrown instanceof StepsSpent) return Object.freeze({ outcome: 'too_large', detail: thrown.message });
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new ShadowError('SHADOW_BODY', 'a body nests too deep to be compared', {
      expected: 'bodies read by parseJson',
    });
  }
}

/**
 * A table is read as one under any media type, since exports are often sent as octets. A rule `bytes` takes any body
 * as bytes.
 */
function formOf(rule: Rule): BodyForm | null {
  switch (rule.rule) {
    case 'nullable':
      return formOf(rule.of);
    case 'csv':
    case 'bytes':
      return rule.rule;
    default:
      return null;
  }
}
