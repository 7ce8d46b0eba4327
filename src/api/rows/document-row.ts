/**
 * A Mongo document against its Postgres row, field by field, by the rules that answers are compared with. Pure. It
 * shares nothing with the conversion that wrote the row, else a wrong conversion would agree with itself.
 */

import { append } from '../../base/append.ts';
import { compare } from '../../rules/compile.ts';
import { alignByChange } from '../../rules/engine/align-arrays.ts';
import { canonicalJson, isArray } from '../../rules/exact-number.ts';
import * as kit from '../../rules/kit.ts';
import type { CompareContext, DescribedDifference, IdPairs, Rule } from '../../rules/rule.ts';
import { type Showing, topOf } from '../../rules/shown.ts';
import type { JsonValue } from '../../types.ts';
import type { FieldMapping, ModelMapping } from '../mapping.ts';
import { arrayAt, isRecord, jsonOf, rowJson, valueAt } from './json-values.ts';
import { kindRule, ruleOf } from './kind-rule.ts';

/** A document as the driver gives it: BSON values inside. */
export type StoredDocument = Readonly<Record<string, unknown>>;

/** A row as the client gives it: numerics as text, timestamps as Date. */
export type StoredRow = Readonly<Record<string, unknown>>;

export interface RowOf {
  readonly row: StoredRow;
  /** Rows of embedded arrays, in order of their position, by table. */
  readonly children: Readonly<Record<string, readonly StoredRow[]>>;
}

/** What differs; empty where the row says what the document says. Paths are the document's. */
export function compareDocumentToRow(
  mapping: ModelMapping,
  doc: StoredDocument,
  stored: RowOf,
  ids: IdPairs,
): readonly DescribedDifference[] {
  const found = compareFields(mapping.fields, doc, stored.row, ids, '');
  for (const child of mapping.children) {
    const elements = arrayAt(doc, child.path);
    const rows = stored.children[child.table] ?? [];
    const at = pointerOf(child.path);
    const differing = (i: number, j: number): DescribedDifference[] => {
      const [element, row] = [elements[i], rows[j]];
      return isRecord(element) && row !== undefined ? compareFields(child.fields, element, row, ids, `${at}/${i}`) : [];
    };
    // One lost row is one `missing`, and not a difference in every row after it.
    const fields = Math.max(1, child.fields.length);
    const partners = new Map(
      alignByChange(elements.length, rows.length, (i, j) => Math.min(1, differing(i, j).length / fields)),
    );
    const taken = new Set(partners.values());
    for (const i of elements.keys()) {
      const j = partners.get(i);
      if (j === undefined) found.push(structural(`${at}/${i}`, 'missing', elements.length, rows.length));
      else append(found, differing(i, j));
    }
    for (const j of rows.keys()) {
      if (!taken.has(j)) found.push(structural(`${at}/${j}`, 'extra', elements.length, rows.length));
    }
  }
  return found;
}

function compareFields(
  fields: readonly FieldMapping[],
  doc: StoredDocument,
  row: StoredRow,
  ids: IdPairs,
  prefix: string,
): DescribedDifference[] {
  const found: DescribedDifference[] = [];
  for (const field of fields) {
    const primary = jsonOf(valueAt(doc, field.path));
    const twin = rowJson(field.type, row[field.column]);
    // Most fields agree to the letter, and their kinds know no value that differs from itself.
    if (isPlainlyEqual(field, primary, twin)) continue;
    if (field.type.kind === 'ref' || field.type.kind === 'refSet') {
      const wanted = expectedRefs(field.type.collection, primary, ids);
      if (canonicalJson(wanted) === canonicalJson(sorted(refJson(twin)))) continue;
      const measure = {
        of: 'entity',
        how: isOfNobody(field.type.collection, twin, ids) ? 'unknown' : 'wrong_known',
      } as const;
      const { at, steps } = placeOf(field, prefix);
      found.push({ path: at, kind: 'value' as const, primary, twin, rule: 'ref', measure, steps });
      continue;
    }
    const result = compare(ruleOf(field, field.type, doc), primary, twin, CONTEXT);
    if (result.outcome !== 'differs') continue;
    const { at, steps } = placeOf(field, prefix);
    for (const difference of result.differences)
      found.push({ ...difference, path: at + difference.path, steps: [...steps, ...difference.steps] });
  }
  return found;
}

function isPlainlyEqual(field: FieldMapping, primary: JsonValue | undefined, twin: JsonValue | undefined): boolean {
  if (twin === null) return field.nullable && (primary ?? null) === null;
  switch (field.type.kind) {
    case 'text':
      return typeof primary === 'string' && primary === twin;
    case 'bool':
      return typeof primary === 'boolean' && primary === twin;
    case 'int':
    case 'double':
      return typeof primary === 'number' && primary === twin;
    default:
      return false;
  }
}

function placeOf(field: FieldMapping, prefix: string): { at: string; steps: DescribedDifference['steps'] } {
  const at = prefix + pointerOf(field.path);
  return { at, steps: stepsOf(at, at.split('/').length - 1) };
}

const showings = new WeakMap<ModelMapping, Showing>();

/** What a mapping shows of the fields at which a document and its row differ. */
export function showingOfDocument(mapping: ModelMapping): Showing {
  const known = showings.get(mapping);
  if (known !== undefined) return known;
  const elements = mapping.children.map(({ path, fields }): [string, Rule] => [path, kit.list(fieldsRule(fields))]);
  const showing = Object.freeze({ body: topOf(fieldsRule(mapping.fields, elements)), headers: {} });
  showings.set(mapping, showing);
  return showing;
}

/** The rules of fields by their dotted paths, as one object with objects in it. */
function fieldsRule(fields: readonly FieldMapping[], more: readonly (readonly [string, Rule])[] = []): Rule {
  const rules = fields.map(({ path, type }): readonly [string, Rule] => [
    path,
    type.kind === 'ref' || type.kind === 'refSet' ? kit.strict() : kindRule(type, null),
  ]);
  const named: Record<string, Rule> = {};
  const inner = new Map<string, (readonly [string, Rule])[]>();
  for (const [path, rule] of [...rules, ...more]) {
    const [head = '', ...rest] = path.split('.');
    if (rest.length === 0) named[head] = rule;
    else inner.set(head, [...(inner.get(head) ?? []), [rest.join('.'), rule]]);
  }
  for (const [head, below] of inner) named[head] ??= fieldsRule([], below);
  return kit.object(named);
}

/** The uuids that `id_map` gives; a reference to a document that is gone is NULL, or left out of a set, by contract. */
function expectedRefs(collection: string, value: JsonValue | undefined, ids: IdPairs): JsonValue {
  const uuidOf = (id: JsonValue | undefined): JsonValue =>
    typeof id === 'string' ? (ids.uuidOf(collection, id) ?? null) : null;
  if (!isArray(value)) return uuidOf(value);
  return sorted(value.map(uuidOf).filter((uuid) => uuid !== null)) ?? null;
}

/** True for no reference, and for one to a row that was looked up and is not there. */
function isOfNobody(collection: string, twin: JsonValue | undefined, ids: IdPairs): boolean {
  const held = refJson(twin);
  return held === null || (typeof held === 'string' && ids.objectIdOf(collection, held) === null);
}

/** Ids of any type as text, as `uuidOf` gives them. */
function refJson(value: JsonValue | undefined): JsonValue | undefined {
  return value === null || value === undefined || isArray(value) ? value : String(value);
}

function sorted(value: JsonValue | undefined): JsonValue | undefined {
  return isArray(value) ? value.map(String).sort() : value;
}

/** References are compared above: no rule below needs ids. */
const CONTEXT: CompareContext = Object.freeze({
  params: {},
  query: new Map(),
  representation: 'twin',
  ids: { uuidOf: () => null, objectIdOf: () => null },
});

function structural(path: string, kind: 'missing' | 'extra', mine: number, its: number): DescribedDifference {
  const steps = stepsOf(path, path.split('/').length - 1);
  const measure = { of: 'length', lengths: [mine, its] } as const;
  return { path, kind, primary: undefined, twin: undefined, rule: 'row', measure, steps };
}

function stepsOf(path: string, depth: number): DescribedDifference['steps'] {
  return path
    .split('/')
    .slice(1, depth + 1)
    .map((segment) => (/^\d+$/.test(segment) ? 'position' : 'field'));
}

function pointerOf(path: string): string {
  return `/${path.split('.').join('/')}`;
}
