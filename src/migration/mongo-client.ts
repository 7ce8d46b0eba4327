import { MongoClient } from 'mongodb';

/** Milliseconds that MongoDB may take to answer. */
const MONGO_MS = 5_000;
/**
 * Between the driver's looks whether its pool is large enough, milliseconds. It looks ten times a second, though a pool may
 * be empty here: most of what a drain without work would do.
 */
const POOL_LOOK_MS = 20_000;

/** A client for what runs for long and mostly waits; not yet connected. */
export function quietMongoClient(uri: string): MongoClient {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: MONGO_MS });
  // The driver's pools read this option from those of the client, which takes it from nobody. A driver that does not read it
  // looks as often as before.
  Object.assign(client.options, { minPoolSizeCheckFrequencyMS: POOL_LOOK_MS });
  return client;
}
