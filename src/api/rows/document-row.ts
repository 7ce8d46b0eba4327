/**
 * A Mongo document against its Postgres row, field by field, by the rules that answers are compared with. Pure. It
 * shares nothing with the conversion that wrote the row, else a wrong conversion would agree with itself.
 */

import { type CompiledRule, compare, compileRule } from '../../rules/compile.ts';
import { alignByChange } from '../../rules/engine/align-arrays.ts';
import { canonicalJson, isArray } from '../../rules/exact-number.ts';
import * as kit from '../../rules/kit.ts';
import type { CompareContext, DescribedDifference, IdPairs, Rule } from '../../rules/rule.ts';
import { type Showing, topOf } from '../../rules/shown.ts';
import type { JsonValue } from '../../types.ts';
import type { FieldKind, FieldMapping, ModelMapping } from '../mapping.ts';

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
      else found.push(...differing(i, j));
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
      const measure = { of: 'entity', how: twin === null ? 'unknown' : 'wrong_known' } as const;
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

/** References are compared through `id_map`, all other kinds by rules. */
type PlainKind = Exclude<FieldKind, { readonly kind: 'ref' | 'refSet' }>;

const compiled = new WeakMap<FieldMapping, Map<string | null, CompiledRule>>();

function ruleOf(field: FieldMapping, type: PlainKind, doc: StoredDocument): CompiledRule {
  const currency = type.kind === 'money' ? currencyOf(type.currency, doc) : null;
  const ofField = compiled.get(field) ?? new Map<string | null, CompiledRule>();
  compiled.set(field, ofField);
  const known = ofField.get(currency);
  if (known !== undefined) return known;
  const rule = kindRule(type, currency);
  const made = compileRule(field.nullable ? kit.nullable(rule) : rule);
  // One for each currency; bounded, since data may contain any number of unknown ones.
  if (ofField.size < 200) ofField.set(currency, made);
  return made;
}

function kindRule(type: PlainKind, currency: string | null): Rule {
  switch (type.kind) {
    case 'text':
      if (type.words !== undefined) return kit.enumOf(type.words);
      return type.shown === true ? kit.shown(kit.text()) : kit.text();
    case 'bool':
      return kit.bool();
    case 'int':
    case 'double':
      return kit.number();
    case 'money':
      // Stored amounts keep all 18 decimals, whatever the currency shows of them.
      return currency === null ? kit.money({ scale: 18 }) : kit.money({ currency });
    case 'baseUnits':
      return kit.baseUnits();
    case 'instant':
      return kit.instant();
    case 'textSet':
      return kit.set(kit.text());
    case 'textList':
      return kit.list(kit.text());
    case 'jsonb':
      return kit.jsonb();
  }
}

function currencyOf(currency: string | { readonly fixed: string }, doc: StoredDocument): string | null {
  if (typeof currency !== 'string') return currency.fixed;
  const value = valueAt(doc, currency);
  return typeof value === 'string' ? value : null;
}

/** A BSON value as the reference API's JSON would show it. */
export function jsonOf(value: unknown): JsonValue | undefined {
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (Array.isArray(value)) return value.map((item) => jsonOf(item) ?? null);
  if (typeof value !== 'object') return String(value);
  if ('_bsontype' in value) return bsonJson(value, String(value._bsontype));
  const object: Record<string, JsonValue> = {};
  for (const [key, inner] of Object.entries(value)) {
    const json = jsonOf(inner);
    if (json === undefined) continue;
    // An assignment to `__proto__` would set the object's prototype, not a key.
    if (key === '__proto__')
      Object.defineProperty(object, key, { value: json, enumerable: true, configurable: true, writable: true });
    else object[key] = json;
  }
  return object;
}

function bsonJson(value: object, type: string): JsonValue {
  switch (type) {
    case 'Decimal128':
      return { $numberDecimal: String(value) };
    case 'Int32':
    case 'Double':
    case 'Long':
      return Number(String(value));
    default:
      return String(value);
  }
}

/** A row's value as the twin's API would show it. */
function rowJson(type: FieldKind, value: unknown): JsonValue | undefined {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'int':
    case 'double':
      return typeof value === 'string' ? Number(value) : jsonOf(value);
    default:
      return jsonOf(value);
  }
}

export function valueAt(doc: StoredDocument, path: string): unknown {
  if (!path.includes('.')) return Object.hasOwn(doc, path) ? doc[path] : undefined;
  let value: unknown = doc;
  for (const key of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function arrayAt(doc: StoredDocument, path: string): readonly unknown[] {
  const value = valueAt(doc, path);
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

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
