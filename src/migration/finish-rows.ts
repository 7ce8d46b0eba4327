/** The end of a collection in a backfill: rows that waited for others of it, and references to documents without a row. */
import type { Sql } from 'postgres';
import type { ModelMapping } from '../api/mapping.ts';
import { idText } from '../api/rows/document-id.ts';
import { transaction } from '../base/postgres.ts';
import { type ApplyContext, applyDocuments, forgetRowless } from './apply.ts';
import { readDocuments } from './documents.ts';
import { mendReferences } from './drain.ts';
import { saveFindings } from './progress.ts';
import { referrersTo } from './referrers.ts';

/** Documents that are tried again at once. */
const AGAIN = 100;

/**
 * Rows that refer to a later row of the same collection are tried again, as long as that helps. What is left has
 * no row, so it must have no id either: else references to it would look valid. `earlier`: the models whose rows are
 * written, this one included.
 */
export async function finishRows(
  sql: Sql,
  context: ApplyContext,
  mapping: ModelMapping,
  earlier: readonly ModelMapping[],
): Promise<void> {
  const { collection } = mapping;
  for (let before = Number.POSITIVE_INFINITY; ; ) {
    const waiting = await sql<{ id: string }[]>`
      select distinct r.mongo_id as id from backfill_rejects r
      join id_map m on m.collection = r.collection and m.mongo_id = r.mongo_id
      where r.collection = ${collection}`;
    const ids = waiting.map(({ id }) => id);
    if (ids.length === 0 || ids.length >= before) {
      await sql.begin((tx) => forgetRowless(tx, mapping, ids));
      for (const id of ids) await writeAlone(sql, context, mapping, id);
      await forgetReferences(sql, context, mapping, earlier);
      return;
    }
    before = ids.length;
    for (let from = 0; from < ids.length; from += AGAIN) {
      const docs = await readDocuments(context.mongo, mapping, ids.slice(from, from + AGAIN));
      const texts = docs.map((doc) => idText(doc, mapping));
      await transaction(sql, async (tx) => {
        const applied = await applyDocuments(tx, context, mapping, docs, { overwrite: 'sameOrOlder' });
        await saveFindings(tx, collection, texts, applied);
      });
    }
  }
}

/** Rows that were written while the document that they refer to still had an id: no constraint may have said so. */
async function forgetReferences(
  sql: Sql,
  context: ApplyContext,
  mapping: ModelMapping,
  earlier: readonly ModelMapping[],
): Promise<void> {
  if (mapping.identity !== 'objectId') return;
  const { collection } = mapping;
  const lost = await sql<{ id: string }[]>`
    select distinct mongo_id as id from backfill_rejects r where collection = ${collection}
      and not exists (select from id_map m where m.collection = r.collection and m.mongo_id = r.mongo_id)`;
  for (let from = 0; from < lost.length; from += AGAIN) {
    const ids = lost.slice(from, from + AGAIN).map(({ id }) => id);
    for (const other of earlier) {
      const rejected = new Set(other === mapping ? ids : []);
      for (const id of await referrersTo(context.mongo, other, collection, ids))
        if (!rejected.has(id)) await writeAlone(sql, context, other, id);
    }
  }
}

/** Of documents that refer to each other one comes first, its reference empty until the other's row is there. */
async function writeAlone(sql: Sql, context: ApplyContext, mapping: ModelMapping, id: string): Promise<void> {
  const docs = await readDocuments(context.mongo, mapping, [id]);
  await transaction(sql, async (tx) => {
    const applied = await applyDocuments(tx, context, mapping, docs, { overwrite: 'sameOrOlder' });
    await saveFindings(tx, mapping.collection, [id], applied);
    if (applied.refused.length > 0) await forgetRowless(tx, mapping, [id]);
    else await mendReferences(tx, context, mapping, [id], applied);
  });
}
