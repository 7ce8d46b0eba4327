/** Sums that must agree in both stores, as an API declares them on its mappings: `reconcile` compares them. */
import { ShadowError } from '../errors.ts';
import type { FieldMapping, ModelMapping } from './mapping.ts';

/** One sum for each combination of values: of the amounts of a ledger by account and currency. */
export interface SumDeclaration {
  /** Dotted path of the field that is added up: `money`, `baseUnits` or `int`. */
  readonly amount: string;
  /** Dotted paths of the fields that documents are grouped by, at least one: `text`, or a `ref` that is not optional. */
  readonly by: readonly string[];
}

/** A field by which sums are grouped. */
export interface GroupField {
  readonly path: string;
  readonly column: string;
  /** Where it is a reference: the mapping of the documents that it refers to. */
  readonly refersTo: ModelMapping | null;
}

/** A declaration with the mappings that it names. */
export interface DeclaredSum {
  readonly mapping: ModelMapping;
  readonly amount: Pick<FieldMapping, 'path' | 'column'>;
  readonly by: readonly GroupField[];
}

/** @throws ShadowError SHADOW_CONFIG for a declaration that cannot be compared, with what it lacks. */
export function declaredSums(mappings: readonly ModelMapping[]): readonly DeclaredSum[] {
  return mappings.flatMap((mapping) => (mapping.sums ?? []).map((sum) => declared(mappings, mapping, sum)));
}

function declared(mappings: readonly ModelMapping[], mapping: ModelMapping, sum: SumDeclaration): DeclaredSum {
  const { collection, identity, expiresAt } = mapping;
  if (identity === 'sequence') throw wrong(collection, 'a collection that has rows', 'a counter, which has none');
  // Each store removes what is past its time when it likes, so the sums part without a fault.
  if (expiresAt !== null) throw wrong(collection, 'documents that stay', `documents that vanish at ${expiresAt}`);
  if (sum.by.length === 0) throw wrong(collection, 'at least one field in by', 'none');
  const amount = fieldAt(mapping, sum.amount);
  const { type } = amount;
  if (type.kind !== 'money' && type.kind !== 'baseUnits' && type.kind !== 'int') {
    throw wrong(collection, 'an amount of the type money, baseUnits or int', `${sum.amount}, of the type ${type.kind}`);
  }
  if (type.kind === 'money' && typeof type.currency === 'string' && !sum.by.includes(type.currency)) {
    throw wrong(collection, `${type.currency} in by, since amounts in two currencies have no sum`, sum.by.join(', '));
  }
  return { mapping, amount, by: sum.by.map((path) => groupField(mappings, mapping, path)) };
}

function groupField(mappings: readonly ModelMapping[], mapping: ModelMapping, path: string): GroupField {
  const { column, type, nullable } = fieldAt(mapping, path);
  if (type.kind === 'text') return { path, column, refersTo: null };
  if (type.kind !== 'ref') {
    throw wrong(mapping.collection, 'a text or a reference in by', `${path}, of the type ${type.kind}`);
  }
  // The row of a reference to a document that is gone holds NULL: it would count towards another sum than its document.
  if (nullable) throw wrong(mapping.collection, 'a reference that is not optional in by', path);
  const refersTo = mappings.find(({ collection }) => collection === type.collection);
  if (refersTo !== undefined) return { path, column, refersTo };
  throw wrong(mapping.collection, `a mapping of ${type.collection}, to which ${path} refers`, 'none');
}

function fieldAt({ collection, fields }: ModelMapping, path: string): FieldMapping {
  const field = fields.find((candidate) => candidate.path === path);
  if (field !== undefined) return field;
  throw wrong(collection, `a field of the mapping: ${fields.map((one) => one.path).join(', ')}`, path);
}

const wrong = (collection: string, expected: string, actual: string): ShadowError =>
  new ShadowError('SHADOW_CONFIG', `the sums of ${collection} cannot be compared`, {
    expected,
    actual,
    example: 'sums: [{ amount: price, by: [author] }]',
  });
