/** Every document of the seed against its row, by the rules the cause is found with: no false drift. */
import { expect } from 'chai';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { compareDocumentToRow } from '../../src/api/rows/document-row.ts';
import { Stores } from '../../src/verifier/cause/stores.ts';
import { KnownIds, ReadIds } from '../../src/verifier/ids/known-ids.ts';
import { openReadOnly, PostgresIdMap } from '../../src/verifier/ids/postgres-source.ts';
import { isObjectId } from '../../src/verifier/ids/source.ts';
import { amanat } from '../support/amanat.ts';

describe('documents and rows of a fresh backfill', () => {
  it('agree, but for what the backfill itself rejected', async () => {
    const system = await amanat();
    const sql = openReadOnly(system.databaseUrl, 2, 10_000);
    const stores = new Stores(system.mongoUri, sql);
    const ids = new ReadIds(new KnownIds(new PostgresIdMap(sql)));
    try {
      const rejected = new Set(
        (await sql<{ id: string }[]>`select collection || ':' || mongo_id as id from backfill_rejects`).map(
          (row) => row.id,
        ),
      );
      const wrong: string[] = [];
      let documents = 0;
      for (const mapping of amanatMappings) {
        if (mapping.identity === 'sequence') {
          for (const counter of await stores.counters(mapping)) expect(counter.row).to.equal(counter.doc);
          continue;
        }
        for await (const parts of stores.walk(mapping)) {
          const texts = JSON.stringify(parts.map((part) => part.doc)).match(/[0-9a-f]{24}/g) ?? [];
          for (const collection of new Set(refsOf(mapping))) {
            await ids.lookUp([...new Set(texts)].filter(isObjectId).map((id) => ({ collection, id })));
          }
          for (const { mongoId, doc, row, children } of parts) {
            documents += 1;
            const key = `${mapping.collection}:${mongoId}`;
            if (rejected.has(key)) continue;
            if (doc === null || row === null) wrong.push(`${key} ${doc === null ? 'has no document' : 'has no row'}`);
            else {
              const found = compareDocumentToRow(mapping, doc, { row, children }, ids);
              wrong.push(
                ...found.map((difference) => `${key}${difference.path} ${difference.kind} ${difference.rule}`),
              );
            }
          }
        }
      }
      expect(wrong.slice(0, 20)).to.deep.equal([]);
      expect(documents).to.be.greaterThan(3_000);
      console.log(`      ${documents} documents, ${rejected.size} rejected by the backfill`);
    } finally {
      await stores.close();
      await sql.end({ timeout: 1 });
    }
  });
});

function refsOf(mapping: (typeof amanatMappings)[number]): string[] {
  const fields = [...mapping.fields, ...mapping.children.flatMap((child) => child.fields)];
  return fields.flatMap(({ type }) => (type.kind === 'ref' || type.kind === 'refSet' ? [type.collection] : []));
}
