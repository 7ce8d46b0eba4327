/** Carries what the outboxes hold to Postgres: from the document as it is now, so that order and repeats do not matter. */
import type { Db, Document } from 'mongodb';
import type { Sql } from 'postgres';
import { messageOf } from '../errors.ts';
import { applyDocuments } from './apply.ts';
import { idText } from './convert.ts';
import type { ModelMapping } from './mapping.ts';
import { byDependency } from './order.ts';

export interface DrainOptions {
  readonly mongo: Db;
  readonly sql: Sql;
  readonly mappings: readonly ModelMapping[];
  /** Documents of one collection in one transaction. */
  readonly batch?: number;
}

export interface DrainResult {
  /** Documents whose entries were carried over and taken out. */
  readonly drained: number;
  /** Documents that Postgres refused: noted in `pg_dualwrite_gaps`, their entries stay. */
  readonly failed: number;
  /** When the oldest entry was made that this pass met; null where there was none. */
  readonly oldest: Date | null;
}

export interface DrainLag {
  /** Milliseconds since the oldest entry that the last pass met or left; 0 where there was none. */
  readonly lagMs: number;
  readonly drained: number;
  readonly failed: number;
  /** Why the last pass came to no end; null where it did. */
  readonly error: string | null;
}

export interface Drain {
  lag(): DrainLag;
  /** Resolves when a pass that began after the call has ended. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** One pass over every collection. An entry is taken out only after the row is committed. */
export async function drainOnce(options: DrainOptions): Promise<DrainResult> {
  let drained = 0;
  let failed = 0;
  let oldest: Date | null = null;
  for (const mapping of byDependency(options.mappings)) {
    const docs = await options.mongo
      .collection(mapping.collection)
      .find({ '_outbox.pending': true })
      .limit(options.batch ?? 500)
      .toArray();
    if (docs.length === 0) continue;
    for (const doc of docs) {
      for (const entry of entriesOf(doc)) if (oldest === null || entry.at < oldest) oldest = entry.at;
    }
    const refused = await carry(options, mapping, docs);
    failed += refused.size;
    drained += docs.length - refused.size;
  }
  return { drained, failed, oldest };
}

async function carry(
  { mongo, sql, mappings }: DrainOptions,
  mapping: ModelMapping,
  docs: readonly Document[],
): Promise<Set<string>> {
  const refused = await sql.begin(async (tx) => {
    const applied = await applyDocuments(tx, { mongo, mappings }, mapping, docs, { overwrite: 'older' });
    const ids = new Set(applied.refused.map(({ id }) => id));
    for (const { id, rejects } of applied.refused) {
      const error = rejects.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
      const noted = await tx`
        update pg_dualwrite_gaps set error = ${error}, attempts = attempts + 1, at = now()
        where collection = ${mapping.collection} and mongo_id = ${id} and repaired_at is null`;
      if (noted.count > 0) continue;
      await tx`
        insert into pg_dualwrite_gaps (collection, mongo_id, operation, error)
        values (${mapping.collection}, ${id}, 'drain', ${error})`;
    }
    const good = docs.map(idText).filter((id) => !ids.has(id));
    await tx`
      update pg_dualwrite_gaps set repaired_at = now()
      where collection = ${mapping.collection} and mongo_id = any(${good}) and repaired_at is null`;
    return ids;
  });
  const done = docs.filter((doc) => !refused.has(idText(doc)));
  if (done.length > 0) {
    // Only the entries that were seen: one that was added meanwhile is for the next pass.
    await mongo.collection(mapping.collection).bulkWrite(
      done.map((doc) => ({
        updateOne: {
          filter: { _id: doc._id },
          update: { $pull: { _outbox: { id: { $in: entriesOf(doc).map(({ id }) => id) } } } as Document },
        },
      })),
      { ordered: false },
    );
  }
  return refused;
}

/** Passes one after another, `intervalMs` apart where there was nothing to do. A pass that fails is tried again. */
export function startDrain(options: DrainOptions & { readonly intervalMs?: number }): Drain {
  const intervalMs = options.intervalMs ?? 50;
  let lag: DrainLag = { lagMs: 0, drained: 0, failed: 0, error: null };
  let closing = false;
  let wake: () => void = () => undefined;
  let passes = 0;
  const waiting: { after: number; resolve: () => void }[] = [];
  const loop = async (): Promise<void> => {
    while (!closing) {
      let idle = true;
      try {
        const result = await drainOnce(options);
        idle = result.drained === 0;
        lag = {
          lagMs: result.oldest === null ? 0 : Math.max(0, Date.now() - result.oldest.getTime()),
          drained: lag.drained + result.drained,
          failed: result.failed,
          error: null,
        };
      } catch (error) {
        lag = { ...lag, error: messageOf(error) };
      }
      passes += 1;
      for (const { resolve } of waiting.filter(({ after }) => passes > after)) resolve();
      if (idle && !closing) await pause();
    }
    for (const { resolve } of waiting) resolve();
  };
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, intervalMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const running = loop();
  return {
    lag: () => lag,
    settled: () =>
      new Promise((resolve) => {
        // The pass in hand may have read before the caller's write.
        waiting.push({ after: passes + 1, resolve });
        wake();
      }),
    async close() {
      closing = true;
      wake();
      await running;
    },
  };
}

function entriesOf(doc: Document): { id: unknown; at: Date }[] {
  const entries: unknown = doc._outbox;
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'id' in entry && 'at' in entry && entry.at instanceof Date
      ? [{ id: entry.id, at: entry.at }]
      : [],
  );
}
