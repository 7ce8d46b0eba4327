/** What a rule becomes when it is compiled, and what all rules share. */
import type { JsonType, JsonValue, Measure, Side } from '../../types.ts';
import { deltaInUnits, parseDecimal } from '../decimal.ts';
import { isObject, type JsonObject, jsonTypeOf, numberText } from '../exact-number.ts';
import type { DifferenceList, Step } from './path.ts';
import type { Run } from './run.ts';
import { leafText } from './same-text.ts';
import type { TextReader } from './text-reader.ts';
import type { Tolerance } from './tolerance.ts';

/** A JSON value, or undefined where a field is absent. */
export type Json = JsonValue | undefined;
/** The object that a value is a field of: where money finds its currency. */
export type Parent = JsonObject | null;

export type Equal = (primary: Json, twin: Json, run: Run, parent: Parent) => boolean;
/**
 * As `Equal`, of the texts at the readers' places, behind which both stand afterwards. True only where `Equal` is; false decides
 * nothing. `parent`: where the primary's object begins that the value is a field of; `NO_PARENT` elsewhere. @throws Unsure
 */
export type EqualText = (primary: TextReader, twin: TextReader, run: Run, parent: number) => boolean;
export const NO_PARENT = -1;
export type Describe = (
  primary: Json,
  twin: Json,
  run: Run,
  parent: Parent,
  at: Step | null,
  out: DifferenceList,
) => void;
/**
 * One text per meaning: two values that mean the same give the same text. Used to line lists up, never while values
 * are equal.
 */
export type Meaning = (side: Side, value: Json, run: Run, parent: Parent) => string;

/**
 * Several meanings as one, each with its length before it: quoting what is quoted already would double its escapes at
 * every level, and a tree ten levels deep would take seconds.
 */
export function joined(meanings: readonly string[]): string {
  return `[${meanings.map((meaning) => `${meaning.length}:${meaning}`).join('')}]`;
}

export interface Node {
  /** The rule's name in differences. */
  readonly label: string;
  /** Same meaning? An id that is not looked up yet counts as equal and is noted in `run`. */
  readonly equal: Equal;
  readonly equalText: EqualText;
  /** Adds what is wrong; adds nothing where the two are equal. */
  readonly describe: Describe;
  readonly meaning: Meaning;
  /** True where identical values on both sides need no closer look. */
  readonly plain: boolean;
  /** True where the rule looks at other fields of the object that a value is a field of. */
  readonly asksParent: boolean;
  /** True where the rule may find something although both sides have nothing. */
  readonly seesAbsent: boolean;
  /**
   * Where `meaning` is coarser than `equal`: adds the values that are compared within a tolerance, in an order that is
   * the same for all items of one meaning. False where they cannot be told.
   */
  readonly tolerances: (value: Json, parent: Parent, out: Tolerance[]) => boolean;
  /** False where `meaning` is coarser than `equal` (tolerances, rules of the user's own). */
  readonly exact: boolean;
  /** Where absent and null mean the same. */
  readonly nullable: boolean;
  /** Of objects: the nodes of their named fields. */
  readonly fields: ReadonlyMap<string, Node> | null;
}

export function node(
  label: string,
  parts: Pick<Node, 'equal' | 'describe' | 'meaning'> &
    Partial<
      Pick<Node, 'equalText' | 'plain' | 'asksParent' | 'seesAbsent' | 'exact' | 'nullable' | 'fields' | 'tolerances'>
    >,
): Node {
  return Object.freeze({
    label,
    equal: parts.equal,
    equalText: parts.equalText ?? leafText(parts.equal, parts.plain ?? true),
    describe: parts.describe,
    meaning: parts.meaning,
    plain: parts.plain ?? true,
    asksParent: parts.asksParent ?? false,
    seesAbsent: parts.seesAbsent ?? false,
    exact: parts.exact ?? true,
    tolerances: parts.tolerances ?? (parts.exact === false ? () => false : () => true),
    nullable: parts.nullable ?? false,
    fields: parts.fields ?? null,
  });
}

/** The object that begins at this place, where the rule looks at it: a rare way to an amount's currency. */
export function parentAt(primary: TextReader, parent: number, { asksParent }: Pick<Node, 'asksParent'>): Parent {
  const value = asksParent && parent !== NO_PARENT ? primary.valueAt(parent) : null;
  return isObject(value) ? value : null;
}

export const NO_MEASURE: Measure = Object.freeze({ of: 'none' });

/**
 * Adds the one difference of two unequal values: missing or extra where one side has none, `type` where their JSON
 * types differ, else `value` with the measure given or the one that fits.
 */
export function addLeaf(
  at: Step | null,
  rule: string,
  primary: Json,
  twin: Json,
  out: DifferenceList,
  measure: Measure | null = null,
): void {
  if (twin === undefined) out.add(at, 'missing', rule, primary, twin, NO_MEASURE);
  else if (primary === undefined) out.add(at, 'extra', rule, primary, twin, NO_MEASURE);
  else if (measure !== null) out.add(at, 'value', rule, primary, twin, measure);
  else {
    const types: [JsonType, JsonType] = [jsonTypeOf(primary), jsonTypeOf(twin)];
    if (types[0] !== types[1]) out.add(at, 'type', rule, primary, twin, { of: 'type', types });
    else out.add(at, 'value', rule, primary, twin, measureOf(primary, twin));
  }
}

/** The measure of two values of one JSON type. */
export function measureOf(primary: JsonValue, twin: JsonValue): Measure {
  if (typeof primary === 'string' && typeof twin === 'string') return textMeasure(primary, twin);
  const numbers = [numberText(primary), numberText(twin)] as const;
  if (numbers[0] !== null && numbers[1] !== null) return numberMeasure(numbers[0], numbers[1]) ?? NO_MEASURE;
  if (Array.isArray(primary) && Array.isArray(twin) && primary.length !== twin.length) {
    return { of: 'length', lengths: [primary.length, twin.length] };
  }
  return NO_MEASURE;
}

/** How two texts differ: the smallest change that would make them equal. */
export function textMeasure(primary: string, twin: string): Measure {
  const lengths: readonly [number, number] = [primary.length, twin.length];
  const how = () => {
    if (primary === '' || twin === '') return 'empty';
    if (primary.trim() === twin.trim()) return 'trimmed';
    if (primary.normalize('NFC') === twin.normalize('NFC')) return 'unicode_form';
    if (primary.normalize('NFKC') === twin.normalize('NFKC')) return 'unicode_form';
    return primary.toLowerCase() === twin.toLowerCase() ? 'case' : 'other';
  };
  return { of: 'text', how: how(), lengths };
}

/** The delta of two numbers in digits; null where one is no number or both are one value: then the texts differ. */
export function numberMeasure(primary: string, twin: string): Measure | null {
  const [from, to] = [parseDecimal(primary), parseDecimal(twin)];
  if (from === null || to === null) return null;
  const delta = deltaInUnits(from, to, 0);
  return delta === '0' ? null : { of: 'number', delta, unit: '1' };
}
