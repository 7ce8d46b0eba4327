/** Rings at the first write to the collections: a change stream, where the server has them. */
import type { Db } from 'mongodb';

export interface Doorbell {
  /** Resolves at the first write since the bell was opened, or when its stream ends; never rejects. */
  readonly rung: Promise<'write' | 'failed'>;
  close(): Promise<void>;
}

/** How long the server may keep an empty answer, ms. */
const AWAIT_MS = 30_000;

/** True where the server has change streams. */
export async function hasChangeStreams(mongo: Db): Promise<boolean> {
  const hello = await mongo.admin().command({ hello: 1 });
  return hello.setName !== undefined || hello.msg === 'isdbgrid';
}

/** A bell that hears every write from now on. Rejects where the server gives no change stream. */
export async function hangDoorbell(mongo: Db, collections: readonly string[]): Promise<Doorbell> {
  const stream = mongo.watch([{ $match: { 'ns.coll': { $in: [...collections] } } }, { $project: { _id: 1 } }], {
    maxAwaitTimeMS: AWAIT_MS,
    batchSize: 1,
  });
  // The first answer fixes where the stream begins.
  const already = await stream.tryNext().catch(async (error: unknown) => {
    await stream.close().catch(() => undefined);
    throw error;
  });
  const next = already === null ? stream.next() : Promise.resolve(already);
  return {
    rung: next.then(
      () => 'write' as const,
      () => 'failed' as const,
    ),
    close: () => stream.close().catch(() => undefined),
  };
}
