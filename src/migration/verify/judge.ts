/** How a document compares with its row, by the domain's rules. */

import type { ModelMapping } from '../../api/mapping.ts';
import { childIds, refsOf, revisionOf, type Stored, valueAt } from '../../api/rows/convert.ts';
import { compareDocumentToRow, type StoredRow } from '../../api/rows/document-row.ts';
import type { Queryable } from '../../base/postgres.ts';
import type { IdPairs } from '../../rules/rule.ts';
import { rowIds } from '../id-map.ts';
import type { Pair } from './pairs.ts';

export type State = 'agree' | 'missing' | 'extra' | 'drift';

export interface Judged {
  readonly state: State;
  /** Paths of the document, positions as `*`; empty except for drift. */
  readonly fields: readonly string[];
}

const AGREE: Judged = { state: 'agree', fields: [] };

export function judge(mapping: ModelMapping, pair: Pair, ids: IdPairs, now = Date.now()): Judged {
  const { doc, row } = pair;
  // An expired row does not exist for any reader, and MongoDB deletes the document at any time after its expiry.
  if (isExpired(mapping, doc, row, now)) return AGREE;
  if (doc === null) return row === null ? AGREE : { state: 'extra', fields: [] };
  if (row === null) return { state: 'missing', fields: [] };
  if (mapping.identity === 'sequence') {
    return Number(doc.seq) === Number(row.seq) ? AGREE : { state: 'drift', fields: ['/seq'] };
  }
  const fields = new Set<string>();
  for (const { path } of compareDocumentToRow(mapping, doc, { row, children: pair.children }, ids)) {
    fields.add(path.replace(/\/\d+(?=\/|$)/g, '/*'));
  }
  if (mapping.identity === 'objectId' && ids.uuidOf(mapping.collection, pair.id) !== row.id) fields.add('/_id');
  for (const child of mapping.children) {
    const elements = valueAt(doc, child.path);
    const rows = pair.children[child.table] ?? [];
    const wrong = (element: Stored, i: number): boolean => {
      const part = rows[i];
      return part !== undefined && ids.uuidOf(child.collection, String(element._id)) !== part.id;
    };
    if (Array.isArray(elements) && elements.some(wrong)) fields.add(`/${child.path.split('.').join('/')}/*/_id`);
  }
  return fields.size === 0 ? AGREE : { state: 'drift', fields: [...fields].sort() };
}

/** True where document and row are of the same revision, so that no write on its way can explain a difference. */
export function sameRevision({ doc, row }: Pair): boolean {
  return doc !== null && row !== null && row.mongo_rev !== undefined && revisionOf(doc) === Number(row.mongo_rev);
}

/** True where the document holds a write that the drain has not carried over. */
export function isPending(doc: Stored | null): boolean {
  return doc !== null && Array.isArray(doc._outbox) && doc._outbox.length > 0;
}

function isExpired(mapping: ModelMapping, doc: Stored | null, row: StoredRow | null, now: number): boolean {
  if (mapping.expiresAt === null) return false;
  const column = mapping.fields.find(({ path }) => path === mapping.expiresAt)?.column ?? '';
  const past = (value: unknown): boolean => value instanceof Date && value.getTime() <= now;
  // A document that lives on has a row that nobody sees where the row's time has come.
  return doc === null ? past(row?.[column]) : past(valueAt(doc, mapping.expiresAt));
}

/** The rows' ids of the pairs' documents, their elements and all that they refer to. */
export async function idsOfPairs(
  sql: Queryable,
  mappings: readonly ModelMapping[],
  mapping: ModelMapping,
  pairs: readonly Pair[],
): Promise<IdPairs> {
  const wanted = new Map<string, Set<string>>();
  const want = (collection: string, id: string): void => {
    const ids = wanted.get(collection);
    if (ids === undefined) wanted.set(collection, new Set([id]));
    else ids.add(id);
  };
  for (const { id, doc } of pairs) {
    if (mapping.identity === 'objectId') want(mapping.collection, id);
    if (doc === null) continue;
    for (const ref of [...refsOf(mapping, doc), ...childIds(mapping, doc)]) want(ref.collection, ref.id);
  }
  const known = new Map<string, ReadonlyMap<string, string>>();
  for (const [collection, ids] of wanted) {
    known.set(collection, await rowIds(sql, mappings, collection, [...ids]));
  }
  return {
    uuidOf: (collection, id) => known.get(collection)?.get(id) ?? null,
    objectIdOf: () => undefined,
  };
}
