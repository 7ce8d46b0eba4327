/**
 * A comparator compiled once into closures, and the compare of two values: one pass for what means the same, a second
 * that describes what does not.
 */
import { ShadowError } from '../errors.ts';
import type { JsonValue } from '../types.ts';
import { rulesDigest } from './digest.ts';
import { csvNode } from './engine/csv.ts';
import { jsonbNode, strictNode } from './engine/describe-strict.ts';
import {
  baseUnitsNode,
  bytesNode,
  customNode,
  ignoredNode,
  instantNode,
  numberCellNode,
  ratioNode,
  sameValueNode,
  secretNode,
} from './engine/leaves.ts';
import { listNode } from './engine/list.ts';
import { StepsSpent } from './engine/meter.ts';
import { moneyNode } from './engine/money.ts';
import { addLeaf, type Node } from './engine/node.ts';
import { nullableNode, objectNode, recordNode } from './engine/object.ts';
import { Findings } from './engine/path.ts';
import { cursorNode, refNode } from './engine/ref.ts';
import { Run } from './engine/run.ts';
import type { BodyForm, Comparator, CompareContext, CompareResult, Rule } from './rule.ts';
import { collectionsIn } from './walk.ts';

export interface CompiledRule {
  readonly node: Node;
  /** For two bodies that are no text: `bytes`, but for a rule that takes or ignores them as they are. */
  readonly ofBytes: Node;
  /** Collections whose ids the rule pairs. */
  readonly collections: readonly string[];
}

/** A compiled comparator; as a rule it is that of a good body. */
export interface CompiledComparator extends CompiledRule {
  readonly name: string;
  readonly rulesDigest: string;
  readonly error: CompiledRule;
  /** The form that a good body is read in whatever its Content-Type says; null: as that says. */
  readonly form: BodyForm | null;
  /** Fields compared beside the five that always are; lowercase. */
  readonly headers: readonly string[];
}

export function compileComparator(comparator: Comparator): CompiledComparator {
  const body = compileRule(comparator.body);
  return Object.freeze({
    ...body,
    name: comparator.name,
    rulesDigest: rulesDigest(comparator),
    error: compileRule(comparator.error),
    form: formOf(comparator.body),
    headers: comparator.headers.map((name) => name.toLowerCase()),
  });
}

export function compileRule(rule: Rule): CompiledRule {
  const node = nodeOf(rule, false);
  const ofBytes = rule.rule === 'custom' || rule.rule === 'ignored' || rule.rule === 'secret' ? node : bytesNode;
  return Object.freeze({ node, ofBytes, collections: Object.freeze([...collectionsIn(rule)]) });
}

/** Do the two mean the same? With ids that are not looked up yet it says which, all of them at once. */
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
    const out = new Findings();
    describeInto(compiled, primary, twin, second, out);
    return second.wanted.size === 0 ? resultOf(out) : wants(second);
  });
}

/** How many steps the two passes of a comparison take, for whoever sizes a limit. */
export function stepsOf(
  compiled: CompiledRule,
  primary: JsonValue | undefined,
  twin: JsonValue | undefined,
  context: CompareContext,
): { readonly comparing: number; readonly describing: number } {
  const [first, second] = [new Run(context), new Run(context)];
  if (!compiled.node.equal(primary, twin, first, null)) describeInto(compiled, primary, twin, second, new Findings());
  return { comparing: first.meter.spent, describing: second.meter.spent };
}

const EQUAL: CompareResult = Object.freeze({ outcome: 'equal' });

/**
 * The describing pass of two values that are not equal: never without a difference. They differ however long it takes to
 * say where, so that running out of steps only cuts the list.
 */
export function describeInto(
  compiled: CompiledRule,
  primary: JsonValue | undefined,
  twin: JsonValue | undefined,
  run: Run,
  out: Findings,
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

export function resultOf(out: Findings): CompareResult {
  return out.count === 0
    ? EQUAL
    : Object.freeze({ outcome: 'differs', differences: Object.freeze(out.kept), count: out.count });
}

export function wants(run: Run): CompareResult {
  return Object.freeze({ outcome: 'needs_ids', wanted: Object.freeze([...run.wanted.values()]) });
}

/**
 * Running out of steps is a result. Values that did not come through `parseJson` may nest without a limit: running out
 * of stack is an error with a name.
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

/** `textual`: the value is a CSV cell, so numbers are text. */
function nodeOf(rule: Rule, textual: boolean): Node {
  switch (rule.rule) {
    case 'strict':
      return strictNode;
    case 'text':
    case 'bool':
      return sameValueNode(rule.rule);
    case 'number':
      return textual ? numberCellNode : sameValueNode('number');
    case 'instant':
      return instantNode;
    case 'money':
    case 'aggregateMoney':
      return moneyNode(rule.rule, rule.from);
    case 'baseUnits':
      return baseUnitsNode;
    case 'ratio':
      return ratioNode(rule.within, textual);
    case 'ref':
      return refNode(rule.collection);
    case 'nullable':
      return nullableNode(nodeOf(rule.of, textual));
    case 'object':
      return objectNode(fieldNodes(rule.fields, textual));
    case 'record':
      return recordNode(nodeOf(rule.of, textual), rule.keys ?? null);
    case 'list':
      return listNode(nodeOf(rule.of, textual), rule.order, rule.identity);
    case 'jsonb':
      return jsonbNode;
    case 'cursor':
      return cursorNode(rule.key, rule.collection);
    case 'csv': {
      const cells = fieldNodes(rule.columns, true);
      const plain = [...cells.values()].every((cell) => cell.plain);
      return csvNode(listNode(objectNode(cells), rule.order, rule.identity), plain);
    }
    case 'bytes':
      return bytesNode;
    case 'secret':
      return secretNode;
    case 'ignored':
      return ignoredNode;
    case 'custom':
      return customNode(rule.name, rule.compare);
  }
}

/** A table is a table under any media type, since exports are often sent as octets; and what is told to be bytes is. */
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

function fieldNodes(fields: Readonly<Record<string, Rule>>, textual: boolean): Map<string, Node> {
  return new Map(Object.entries(fields).map(([name, field]) => [name, nodeOf(field, textual)]));
}
