/** One document into one row (and its children), by mapping. Pure: ids are looked up before. */

import { type ChildMapping, type FieldMapping, keyColumn, type ModelMapping } from '../mapping.ts';
import { blobOf } from './blob.ts';
import { isDecimal128, isLong, isObjectId, numberOf, typeName } from './bson-type.ts';
import { decimalText } from './decimal-text.ts';

export type Stored = Readonly<Record<string, unknown>>;
export type Row = Record<string, unknown>;

/** uuid by `id_map`, or null where no such document exists. */
export type LookupId = (collection: string, objectId: string) => string | null;

export interface Reject {
  readonly path: string;
  readonly reason: string;
  /** Where it is a reference to what has no row: it may have one later. */
  readonly refersTo?: WantedRef;
}

/** A reference to a document that is gone. */
export interface Orphan {
  readonly path: string;
  readonly refersTo: string;
  readonly missingId: string;
}

export interface Converted {
  readonly row: Row;
  readonly children: readonly { readonly mapping: ChildMapping; readonly rows: readonly Row[] }[];
  readonly rejects: readonly Reject[];
  readonly orphans: readonly Orphan[];
}

export interface WantedRef {
  readonly collection: string;
  readonly id: string;
}

/** The value at a dotted path; undefined where it is absent. */
export function valueAt(doc: Stored, path: string): unknown {
  let value: unknown = doc;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, key)?.value;
  }
  return value;
}

/** How often the document had been written when it was read. */
export function revisionOf(doc: Stored): number {
  return numberOf(doc._rev) ?? 0;
}

/** Every document that this one refers to, elements of embedded arrays included. */
export function refsOf(mapping: ModelMapping, doc: Stored): WantedRef[] {
  const refs = mapping.fields.flatMap((field) => fieldRefs(field, doc));
  for (const child of mapping.children) {
    for (const element of elementsOf(doc, child)) {
      if (isDocument(element)) refs.push(...child.fields.flatMap((field) => fieldRefs(field, element)));
    }
  }
  return refs;
}

/** Ids of the embedded elements that get rows of their own. */
export function childIds(mapping: ModelMapping, doc: Stored): WantedRef[] {
  return mapping.children.flatMap((child) =>
    elementsOf(doc, child).flatMap((element) =>
      isDocument(element) && isObjectId(element._id)
        ? [{ collection: child.collection, id: element._id.toString() }]
        : [],
    ),
  );
}

/** The row of a document, whose `_id` must be in `id_map` already. A row with rejects must not be written. */
export function convert(mapping: ModelMapping, doc: Stored, lookup: LookupId): Converted {
  const rejects: Reject[] = [];
  const orphans: Orphan[] = [];
  const row: Row = { mongo_rev: revisionOf(doc) };
  if (mapping.identity === 'objectId') {
    if (isObjectId(doc._id)) {
      row.mongo_id = doc._id.toString();
      row.id = lookup(mapping.collection, doc._id.toString());
    } else {
      rejects.push({ path: '_id', reason: `expected an ObjectId, found ${typeName(doc._id)}` });
    }
  } else {
    row[keyColumn(mapping)] = String(doc._id);
    if (!isObjectId(doc._id) && typeof doc._id !== 'string') {
      rejects.push({ path: '_id', reason: `expected an ObjectId or text, found ${typeName(doc._id)}` });
    } else if (String(doc._id).includes('\0')) {
      rejects.push({ path: '_id', reason: 'text with a NUL, which Postgres cannot hold' });
    }
  }
  const into = (target: Row, fields: readonly FieldMapping[], from: Stored, prefix: string): void => {
    for (const field of fields) {
      const outcome = convertField(field, valueAt(from, field.path), lookup);
      const path = prefix + field.path;
      target[field.column] = outcome.value;
      if (outcome.reason !== null) {
        const [refersTo] = outcome.missing;
        rejects.push({ path, reason: outcome.reason, ...(refersTo === undefined ? {} : { refersTo }) });
        continue;
      }
      for (const missing of outcome.missing) {
        orphans.push({ path, refersTo: missing.collection, missingId: missing.id });
      }
    }
  };
  into(row, mapping.fields, doc, '');
  const children = mapping.children.map((child) => {
    const rows = elementsOf(doc, child).map((element, position) => {
      const prefix = `${child.path}[${position}].`;
      const childRow: Row = {
        mongo_rev: row.mongo_rev,
        [child.parentColumn]: row.id,
        [child.positionColumn]: position,
      };
      if (!isDocument(element) || !isObjectId(element._id)) {
        rejects.push({ path: `${prefix}_id`, reason: 'expected a subdocument with an ObjectId' });
        return childRow;
      }
      childRow.mongo_id = element._id.toString();
      childRow.id = lookup(child.collection, element._id.toString());
      into(childRow, child.fields, element, prefix);
      return childRow;
    });
    return { mapping: child, rows };
  });
  return { row, children, rejects, orphans };
}

interface Outcome {
  readonly value: unknown;
  readonly reason: string | null;
  readonly missing: readonly WantedRef[];
}

const good = (value: unknown, missing: readonly WantedRef[] = []): Outcome => ({ value, reason: null, missing });
const bad = (reason: string): Outcome => ({ value: null, reason, missing: [] });
const wrongType = (expected: string, value: unknown): Outcome => bad(`expected ${expected}, found ${typeName(value)}`);

function convertField(field: FieldMapping, value: unknown, lookup: LookupId): Outcome {
  if (value === undefined || value === null) {
    return field.nullable ? good(null) : bad(value === null ? 'null, and it may not be' : 'absent, and it may not be');
  }
  const { type } = field;
  switch (type.kind) {
    case 'text':
      if (typeof value !== 'string') return wrongType('text', value);
      return value.includes('\0') ? bad('text with a NUL, which Postgres cannot hold') : good(value);
    case 'bool':
      return typeof value === 'boolean' ? good(value) : wrongType('a boolean', value);
    case 'int': {
      const number = numberOf(value);
      if (number === undefined) return wrongType('a whole number', value);
      return Number.isSafeInteger(number) ? good(number) : bad(`${number} is not a whole number below 2^53`);
    }
    case 'double': {
      const number = numberOf(value);
      if (number === undefined) return wrongType('a number', value);
      if (isLong(value) && !Number.isSafeInteger(number)) return bad('a 64-bit integer past 2^53');
      return Number.isFinite(number) ? good(number) : bad(`${number} is not a finite number`);
    }
    case 'money': {
      if (numberOf(value) === undefined && !isDecimal128(value)) return wrongType('a number', value);
      const decimal = decimalText(String(value));
      return decimal.ok ? good(decimal.text) : bad(decimal.reason);
    }
    case 'baseUnits':
      if (typeof value !== 'string') return wrongType('a string of digits', value);
      if (!/^-?\d{1,78}$/.test(value)) return bad('not a whole number of at most 78 digits');
      return /^(?:0|-?[1-9]\d*)$/.test(value)
        ? good(value)
        : bad('a whole number with zeros that numeric does not keep');
    case 'instant':
      return value instanceof Date ? instantText(value) : wrongType('a date', value);
    case 'textSet':
    case 'textList': {
      if (!Array.isArray(value)) return wrongType('an array of text', value);
      const texts: string[] = [];
      for (const item of value) {
        if (typeof item !== 'string') return wrongType('an array of text', item);
        if (item.includes('\0')) return bad('text with a NUL, which Postgres cannot hold');
        texts.push(item);
      }
      return good(type.kind === 'textSet' ? texts.sort() : texts);
    }
    case 'ref': {
      if (!isObjectId(value)) return wrongType('an ObjectId', value);
      const wanted = { collection: type.collection, id: value.toString() };
      const uuid = lookup(wanted.collection, wanted.id);
      if (uuid !== null) return good(uuid);
      if (field.nullable) return good(null, [wanted]);
      return { ...bad(`refers to ${wanted.collection} ${wanted.id}, which is gone`), missing: [wanted] };
    }
    case 'refSet': {
      if (!Array.isArray(value)) return wrongType('an array of ObjectIds', value);
      const uuids: string[] = [];
      const missing: WantedRef[] = [];
      for (const item of value) {
        if (!isObjectId(item)) return wrongType('an array of ObjectIds', item);
        const wanted = { collection: type.collection, id: item.toString() };
        const uuid = lookup(wanted.collection, wanted.id);
        if (uuid === null) missing.push(wanted);
        else uuids.push(uuid);
      }
      return good(uuids.sort(), missing);
    }
    case 'jsonb': {
      const blob = blobOf(value);
      return blob.ok ? good(blob.json) : bad(blob.reason);
    }
  }
}

/** Postgres holds more years than JavaScript's ISO text writes with four digits; both sides print those alike. */
function instantText(value: Date): Outcome {
  const year = value.getUTCFullYear();
  if (Number.isNaN(year)) return bad('a date out of range');
  if (year < 1 || year > 9999) return bad(`a date out of range: the year ${year}`);
  return good(value.toISOString());
}

function elementsOf(doc: Stored, child: ChildMapping): readonly unknown[] {
  const value = valueAt(doc, child.path);
  return Array.isArray(value) ? value : [];
}

function fieldRefs({ type, path }: FieldMapping, doc: Stored): WantedRef[] {
  if (type.kind !== 'ref' && type.kind !== 'refSet') return [];
  const value = valueAt(doc, path);
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.flatMap((item) => (isObjectId(item) ? [{ collection: type.collection, id: item.toString() }] : []));
}

function isDocument(value: unknown): value is Stored {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
