import type { ModelMapping } from '../../api/mapping.ts';
import { showingOfDocument } from '../../api/rows/document-row.ts';
import type { DescribedDifference } from '../../rules/rule.ts';
import type { MismatchPattern } from '../../types.ts';
import type { Redactor } from '../redactor.ts';
import type { WrongField } from './decide.ts';

/** Differences between a document and its row, by the mapped field that holds them: an embedded array is one field. */
export function wrongFields(
  mapping: ModelMapping,
  differences: readonly DescribedDifference[],
  redactor: Redactor,
): readonly WrongField[] {
  const paths = [...mapping.fields, ...mapping.children].map(({ path }) => path);
  // `quote.amount` before `quote`.
  paths.sort((a, b) => b.length - a.length);
  const byField = new Map<string, DescribedDifference[]>();
  for (const difference of differences) {
    const at = difference.path.slice(1).replaceAll('/', '.');
    const field = paths.find((path) => at === path || at.startsWith(`${path}.`)) ?? (at.split('.')[0] || at);
    byField.set(field, [...(byField.get(field) ?? []), difference]);
  }
  return [...byField].flatMap(([field, of]) =>
    redactor
      .patternsOf(`${mapping.collection}.${field}`, of, showingOfDocument(mapping))
      .slice(0, 1)
      .map((pattern): WrongField => ({ field, pattern })),
  );
}

/** A counter whose sequence stands elsewhere. */
export const WRONG_SEQUENCE: readonly WrongField[] = [
  {
    field: 'seq',
    pattern: { fingerprint: '', path: '/seq', kind: 'value', rule: 'number', measure: { of: 'none' }, fatal: true },
  },
] satisfies readonly { field: string; pattern: MismatchPattern }[];
