/** Puts a twin's answer into one of the two representations. */
import type { Representation } from '../../types.ts';
import { AmountLeaf, BlobLeaf, CursorLeaf, ExplicitNullLeaf, IdLeaf, InstantLeaf, type TwinValue } from './values.ts';

type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/**
 * `twin`: uuids, decimal strings, `null` for what is absent, Extended JSON inside blobs. `primary`: ObjectIds, the
 * primary's number forms, absent fields left out, blobs as JSON.stringify prints a document. Deterministic and pure.
 */
export function render(value: TwinValue, representation: Representation): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => render(item, representation));
  if (value instanceof IdLeaf) return representation === 'twin' ? value.uuid : value.mongoId;
  if (value instanceof AmountLeaf) return renderAmount(value, representation);
  if (value instanceof InstantLeaf) return value.at.toISOString();
  if (value instanceof BlobLeaf) return representation === 'twin' ? value.json : plainBlob(value.json);
  if (value instanceof CursorLeaf) return renderCursor(value, representation);
  if (value instanceof ExplicitNullLeaf) return null;
  const rendered: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    if (field === null && representation === 'primary') continue;
    rendered[key] = render(field, representation);
  }
  return rendered;
}

/** The text of a CSV cell; an absent value is empty in both representations. */
export function renderCell(value: TwinValue, representation: Representation): string {
  const rendered = render(value, representation);
  if (rendered === null || rendered === undefined) return '';
  return typeof rendered === 'object' ? JSON.stringify(rendered) : String(rendered);
}

/** `10.500000` and `10.5` are one number: the shorter text is printed. */
function shortDecimal(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

function renderAmount(leaf: AmountLeaf, representation: Representation): unknown {
  const decimal = shortDecimal(leaf.decimal);
  if (representation === 'twin') return decimal;
  switch (leaf.form) {
    case 'double':
      return Number(decimal);
    case 'decimal128':
      return { $numberDecimal: decimal };
    case 'string':
      return decimal;
  }
}

function renderCursor(leaf: CursorLeaf, representation: Representation): string {
  const id = representation === 'twin' ? leaf.id.uuid : leaf.id.mongoId;
  return Buffer.from(JSON.stringify({ k: leaf.key, id }), 'utf8').toString('base64url');
}

/** Canonical Extended JSON of ObjectId, date and Decimal128 as the primary's JSON shows those. */
function plainBlob(json: unknown): Plain {
  if (json === null || typeof json !== 'object') return json as Plain;
  if (Array.isArray(json)) return json.map(plainBlob);
  const entries = Object.entries(json);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) {
    const [key, inner] = first;
    if (key === '$oid' && typeof inner === 'string') return inner;
    if (key === '$date') return new Date(Number(longOf(inner))).toISOString();
  }
  return Object.fromEntries(entries.map(([key, inner]) => [key, plainBlob(inner)]));
}

function longOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && '$numberLong' in value ? value.$numberLong : value;
}
