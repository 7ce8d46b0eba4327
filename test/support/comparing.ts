/** What the comparators' tests share: ids that pair by their number, and a compare in one line. */
import { compare, compileRule } from '../../src/rules/compile.ts';
import type { CompareContext, CompareResult, DescribedDifference, IdPairs, Rule } from '../../src/rules/rule.ts';
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
  return compare(compileRule(rule), primary, twin, context(asked));
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
