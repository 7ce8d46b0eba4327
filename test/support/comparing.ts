/** What the comparators' tests share: ids that pair by their number, and a compare in one line. */
import { expect } from 'chai';
import { compare, compareText, compileRule } from '../../src/rules/compile.ts';
import { canonicalJson } from '../../src/rules/exact-number.ts';
import { PARSE_LIMITS } from '../../src/rules/parse.ts';
import type { CompareContext, CompareResult, DescribedDifference, IdPairs, Rule } from '../../src/rules/rule.ts';
import { unreadJson } from '../../src/rules/unread.ts';
import type { JsonValue, Representation } from '../../src/types.ts';

/** The ObjectId of entity n. */
export const oid = (n: number): string => n.toString(16).padStart(24, '0');
/** Its uuid. */
export const uuid = (n: number): string => `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

const ENTITIES = Array.from({ length: 999 }, (_, i) => i + 1);
const UUIDS = new Map(ENTITIES.map((n) => [oid(n), uuid(n)]));
const OBJECT_IDS = new Map(ENTITIES.map((n) => [uuid(n), oid(n)]));

/** Entities 1 to 999 are in `id_map`, all looked up. */
export const ALL_KNOWN: IdPairs = {
  uuidOf: (_collection, objectId) => UUIDS.get(objectId) ?? null,
  objectIdOf: (_collection, id) => OBJECT_IDS.get(id) ?? null,
};
/** Nothing has been looked up. */
export const NONE_KNOWN: IdPairs = { uuidOf: () => undefined, objectIdOf: () => undefined };

export interface Asked {
  readonly ids?: IdPairs;
  readonly representation?: Representation;
  readonly query?: Readonly<Record<string, string>>;
}

export function context(asked: Asked = {}): CompareContext {
  return {
    params: {},
    query: new Map(Object.entries(asked.query ?? {})),
    representation: asked.representation ?? 'twin',
    ids: asked.ids ?? ALL_KNOWN,
  };
}

export function compared(
  rule: Rule,
  primary: JsonValue | undefined,
  twin: JsonValue | undefined,
  asked: Asked = {},
): CompareResult {
  const result = compare(compileRule(rule), primary, twin, context(asked));
  if (isSmall(primary) && isSmall(twin)) {
    const told = byText(rule, canonicalJson(primary), canonicalJson(twin), asked);
    if (told !== null) expect(told, 'what the text says').to.deep.equal(result);
  }
  return result;
}

/** Small enough to be compared once more. */
const isSmall = (value: JsonValue | undefined): value is JsonValue =>
  value !== undefined && (typeof value !== 'object' || value === null || Object.keys(value).length < 1_000);

/** What two JSON texts say as they stand; null where they do not tell. */
export function byText(rule: Rule, primary: string, twin: string, asked: Asked = {}): CompareResult | null {
  const mine = unreadJson(Buffer.from(primary), PARSE_LIMITS);
  const its = unreadJson(Buffer.from(twin), PARSE_LIMITS);
  return mine === null || its === null ? null : compareText(compileRule(rule), mine, its, context(asked));
}

/** The differences, each `path kind`; empty where the two are equal. */
export function said(result: CompareResult): string[] {
  return differencesOf(result).map((difference) => `${difference.path} ${difference.kind}`);
}

export function differencesOf(result: CompareResult): readonly DescribedDifference[] {
  switch (result.outcome) {
    case 'equal':
      return [];
    case 'differs':
      return result.differences;
    case 'too_large':
      throw new Error(result.detail);
    case 'needs_ids':
      throw new Error(`ids are wanted: ${result.wanted.map(({ id }) => id).join(', ')}`);
  }
}
