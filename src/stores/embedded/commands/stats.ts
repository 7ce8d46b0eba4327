import { int32, reply } from '../bson/values.ts';
import type { Collection } from '../storage/collection.ts';
import { type Command, type Context, collectionName, countOf } from './context.ts';

/** The bytes of all documents. */
export function sizeOf(collections: Iterable<Collection>): number {
  let size = 0;
  for (const collection of collections) for (const record of collection.records.values()) size += record.bytes.length;
  return size;
}

/** How many bytes one unit of the answer stands for. */
function scaleOf(context: Context): number {
  return countOf(context, 'scale') ?? 1;
}

const collStats: Command = (context) => {
  const name = collectionName(context);
  const collection = context.catalog.find(context.database, name);
  const scale = scaleOf(context);
  const size = collection === undefined ? 0 : sizeOf([collection]);
  const number = collection?.records.size ?? 0;
  const scaled = int32(Math.floor(size / scale));
  return reply({
    ns: `${context.database}.${name}`,
    size: scaled,
    count: int32(number),
    avgObjSize: number === 0 ? undefined : int32(Math.floor(size / number)),
    storageSize: scaled,
    totalSize: scaled,
    capped: false,
    nindexes: int32(collection === undefined ? 0 : collection.indexes.size + 1),
    scaleFactor: int32(scale),
    ok: 1,
  });
};

/** Counts are whole numbers, sizes are doubles: memory here is all there is, so indexes have no size of their own. */
const dbStats: Command = (context) => {
  const collections = [...(context.catalog.databases.get(context.database)?.values() ?? [])];
  const scale = scaleOf(context);
  const size = sizeOf(collections);
  const objects = collections.reduce((sum, collection) => sum + collection.records.size, 0);
  return reply({
    db: context.database,
    collections: BigInt(collections.length),
    views: 0n,
    objects: BigInt(objects),
    avgObjSize: objects === 0 ? 0 : size / objects,
    dataSize: size / scale,
    storageSize: size / scale,
    indexes: BigInt(collections.reduce((sum, collection) => sum + collection.indexes.size + 1, 0)),
    indexSize: 0,
    totalSize: size / scale,
    scaleFactor: BigInt(scale),
    ok: 1,
  });
};

export const STATS_COMMANDS: readonly (readonly [string, Command])[] = [
  ['collStats', collStats],
  ['dbStats', dbStats],
];
