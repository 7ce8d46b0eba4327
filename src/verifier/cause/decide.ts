/** From what the stores showed to the cause. Pure. */

import type { ModelMapping } from '../../api/mapping.ts';
import type { StoredDocument, StoredRow } from '../../api/rows/document-row.ts';
import type { DescribedDifference } from '../../rules/rule.ts';
import type { Cause, CauseEntity, MismatchPattern, RedactedDifference } from '../../types.ts';
import type { NamedEntity } from './entities.ts';

/** An entity that request or answers name, by its ObjectId. */
export interface Named extends NamedEntity {
  readonly mongoId: string;
  /** Its row's id, where it has one. */
  readonly uuid: string | null;
  /** Index of the difference it was named by; null for the request's. */
  readonly difference: number | null;
}

/** An entity as both stores have it. */
export interface Examined {
  readonly collection: string;
  readonly mongoId: string;
  readonly uuid: string | null;
  readonly doc: StoredDocument | null;
  readonly row: StoredRow | null;
  readonly state: CauseEntity['state'];
  readonly fields: readonly RedactedDifference[];
  /** The mapped fields that differ, each once. */
  readonly wrong: readonly WrongField[];
}

export interface WrongField {
  /** Dotted path in the document, as the mapping has it. */
  readonly field: string;
  readonly pattern: MismatchPattern;
}

const STRENGTH = ['gap', 'missing', 'extra', 'drift'] as const;
export const CAUSE_OF = {
  gap: 'known_gap',
  missing: 'missing_row',
  extra: 'extra_row',
  drift: 'data_drift',
} as const;

/** An entity that is not the same in both stores. */
export type Bad = Examined & { readonly state: keyof typeof CAUSE_OF };

export interface Swept {
  readonly bad: readonly Bad[];
  /** Every document was looked at. */
  readonly complete: boolean;
}

export interface Decision {
  readonly cause: Cause;
  readonly note: string | null;
  /** What the cause was found by. */
  readonly from: 'named' | 'sweep';
  /** The named entities do not decide it; all rows that the answer can come from would. */
  readonly sweep: boolean;
}

export function decide(
  differences: readonly DescribedDifference[],
  named: readonly Named[],
  examined: readonly Examined[],
  mappings: ReadonlyMap<string, ModelMapping>,
  swept: Swept | null,
  values: ReadonlySet<string> = NO_VALUES,
): Decision {
  const isDecided = decidedBy(named, examined, mappings);
  const bad = examined.filter(
    (one) => isBad(one) && differences.some((found, i) => !isDecided(found, i) && explains(one, i, named)),
  );
  const worst = strongest(bad);
  if (worst !== null) return { cause: CAUSE_OF[worst], note: null, from: 'named', sweep: false };
  if (differences.length > 0 && differences.every(isDecided)) {
    return { cause: 'twin_logic', note: 'the rows agree with the documents', from: 'named', sweep: false };
  }
  const unreadable = examined.filter((one) => one.state === 'unreadable');
  const cannot = [...new Set(unreadable.map((one) => one.collection))].join(', ');
  if (swept === null) {
    const note = cannot === '' ? 'the answers do not name all rows that they come from' : `cannot look up ${cannot}`;
    return { cause: 'unknown', note, from: 'named', sweep: true };
  }
  const linked = linkedRows(swept.bad, named, mappings, values);
  const found = strongest(linked);
  if (found !== null) {
    const note = `found among all rows that the answer can come from: ${linked.length}`;
    return { cause: CAUSE_OF[found], note, from: 'sweep', sweep: false };
  }
  if (swept.bad.length > 0) {
    return { cause: 'unknown', note: 'rows differ that nothing links to this read', from: 'sweep', sweep: false };
  }
  if (!swept.complete)
    return { cause: 'unknown', note: 'not all rows could be looked at', from: 'sweep', sweep: false };
  return { cause: 'twin_logic', note: 'all rows agree with their documents', from: 'sweep', sweep: false };
}

/**
 * True where the difference is the stored value of one field of one entity, and both stores agree on that field: then
 * no data is to blame. A derived value, a list's membership or order, a total or a status never is.
 */
function decidedByField(
  difference: DescribedDifference,
  i: number,
  named: readonly Named[],
  states: ReadonlyMap<string, Examined>,
  mappings: ReadonlyMap<string, ModelMapping>,
): boolean {
  if (
    difference.kind !== 'value' &&
    difference.kind !== 'type' &&
    difference.kind !== 'missing' &&
    difference.kind !== 'extra'
  ) {
    return false;
  }
  const around = named.filter((one) => one.difference === i && one.as === 'around').at(-1);
  if (around === undefined || around.field === null) return false;
  const mapping = mappings.get(around.collection);
  const stored = mapping?.fields.find(({ path }) => path.split('.')[0] === around.field);
  // Another list item may stand at this place: only a field of an entity that both sides show there is decided.
  if (stored === undefined || stored.type.kind === 'ref' || stored.type.kind === 'refSet') return false;
  const enclosing = named.filter((one) => one.difference === i && one.as === 'around');
  const level = enclosing.filter((one) => one.collection === around.collection && one.field === around.field);
  // Each side has chosen another entity, and no document says which: the choice comes of rows that the answer does not name.
  if (areDifferentOutside(enclosing)) return false;
  return level.every((one) => {
    const state = states.get(keyOf(one));
    return state?.state === 'same' && state.doc !== null;
  });
}

/** The sides show different entities at the outermost level, so that what lies within is of different ones, too. */
export function areDifferentOutside([first, second]: readonly Named[]): boolean {
  if (first === undefined || second === undefined || second.side === first.side) return false;
  return second.collection === first.collection && second.field === first.field && keyOf(second) !== keyOf(first);
}

/** Which differences no data is to blame for. */
export function decidedBy(
  named: readonly Named[],
  examined: readonly Examined[],
  mappings: ReadonlyMap<string, ModelMapping>,
): (difference: DescribedDifference, i: number) => boolean {
  const states = new Map(examined.map((one) => [keyOf(one), one]));
  return (difference, i) => decidedByField(difference, i, named, states, mappings);
}

/** A bad entity explains a difference that no field decides, unless the difference lies in another field of it. */
export function explains(one: Examined, i: number, named: readonly Named[]): boolean {
  if (one.state !== 'drift' || one.wrong.length === 0) return true;
  const around = named.find(
    (entity) => entity.difference === i && entity.as === 'around' && keyOf(entity) === keyOf(one),
  );
  // Drift of another stored field of the same entity explains a derived value, and no stored one.
  if (around === undefined || around.field === null || wrongAt(one, around.field).length > 0) return true;
  return !isStored(one, around.field);
}

/** The wrong fields that a field of the answer shows. */
export function wrongAt(one: Examined, name: string): readonly WrongField[] {
  return one.wrong.filter(({ field }) => field.split('.')[0] === name);
}

function isStored(one: Examined, field: string): boolean {
  return one.doc !== null && Object.hasOwn(one.doc, field);
}

/** Of a read whose path has ids alone. */
const NO_VALUES: ReadonlySet<string> = new Set();

/**
 * Those of the wrong rows that the read is linked with; where some have one of its path's values (an email, a slug) in
 * either store, those alone.
 */
export function linkedRows(
  bad: readonly Bad[],
  named: readonly Named[],
  mappings: ReadonlyMap<string, ModelMapping>,
  values: ReadonlySet<string>,
): readonly Bad[] {
  const linked = bad.filter((one) => isLinked(one, named, mappings));
  const holding =
    values.size === 0 ? [] : linked.filter(({ doc, row }) => mentions(doc, values, 0) || mentions(row, values, 0));
  return holding.length > 0 ? holding : linked;
}

/** Rows that the request is about: its own entities, or what refers to one of them in either store. */
function isLinked(one: Examined, named: readonly Named[], mappings: ReadonlyMap<string, ModelMapping>): boolean {
  const params = named.filter((entity) => entity.as === 'param');
  if (params.length === 0) return true;
  // A number is an id only in the columns that refer to its table.
  const isUnique = ({ collection }: Named): boolean => mappings.get(collection)?.identity !== 'column';
  const ids = new Set(
    params.flatMap((param) => (param.uuid !== null && isUnique(param) ? [param.mongoId, param.uuid] : [param.mongoId])),
  );
  // A counter has neither.
  if (ids.has(one.mongoId) || (one.doc === null && one.row === null)) return true;
  if (mentions(one.doc, ids, 0) || mentions(one.row, ids, 0)) return true;
  return params.some((param) => refersTo(one, param, mappings.get(one.collection)));
}

/** The row holds the own id of this entity's row in a column that refers to it. */
function refersTo({ row }: Examined, { collection, uuid }: Named, mapping: ModelMapping | undefined): boolean {
  if (row === null || uuid === null || mapping === undefined) return false;
  return mapping.fields.some(({ type, column }) => {
    if ((type.kind !== 'ref' && type.kind !== 'refSet') || type.collection !== collection) return false;
    const held = row[column];
    return Array.isArray(held) ? held.some((id) => String(id) === uuid) : String(held) === uuid;
  });
}

function mentions(value: unknown, ids: ReadonlySet<string>, depth: number): boolean {
  if (depth > 6 || value === null || value === undefined) return false;
  if (typeof value === 'string') return ids.has(value);
  if (typeof value !== 'object' || value instanceof Date) return false;
  if ('_bsontype' in value) return ids.has(String(value));
  return Object.values(value).some((inner) => mentions(inner, ids, depth + 1));
}

export function isBad(one: Examined): one is Bad {
  return one.state !== 'same' && one.state !== 'unreadable';
}

function strongest(entities: readonly Examined[]): (typeof STRENGTH)[number] | null {
  return STRENGTH.find((state) => entities.some((one) => one.state === state)) ?? null;
}

export function keyOf(one: { readonly collection: string; readonly mongoId: string }): string {
  return `${one.collection}:${one.mongoId}`;
}
