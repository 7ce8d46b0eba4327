/** Counters: a document's number becomes the position of a Postgres sequence. */
import type { TransactionSql } from 'postgres';
import type { ModelMapping } from '../api/mapping.ts';
import type { Stored } from '../api/rows/convert.ts';
import { idText } from '../api/rows/document-id.ts';
import type { Applied, ApplyOptions, Refusal } from './apply.ts';

/** Held until the end of the transaction: otherwise two that read the sequence at once could move it back. */

export async function lockSequence(tx: TransactionSql, name: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`sequence:${name}`}, 0))`;
}

/** A counter moves its sequence. The drain only moves it forward; a backfill sets it to exactly the counter's value. */
export async function applySequences(
  tx: TransactionSql,
  mapping: ModelMapping,
  docs: readonly Stored[],
  { overwrite }: ApplyOptions,
): Promise<Applied> {
  const refused: Refusal[] = [];
  let written = 0;
  for (const doc of docs) {
    const id = idText(doc, mapping);
    const seq = Number(doc.seq);
    if (id !== mapping.table || !Number.isSafeInteger(seq) || seq < 0) {
      const reason = id === mapping.table ? `seq is ${String(doc.seq)}` : 'there is no sequence of this name';
      refused.push({
        id,
        rejects: [{ path: id === mapping.table ? 'seq' : '_id', reason }],
        waits: false,
        mayPass: false,
      });
      continue;
    }
    const name = mapping.table;
    await lockSequence(tx, name);
    const least =
      overwrite === 'older' ? tx`(select case when is_called then last_value else 0 end from ${tx(name)})` : tx`0`;
    await tx`select setval(${name}, greatest(${seq}::bigint, ${least}, 1), greatest(${seq}::bigint, ${least}) > 0)`;
    written += 1;
  }
  return { written, refused, orphans: [] };
}
