import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { MongoClient } from 'mongodb';
import { messageOf, ShadowError } from '../errors.ts';
import { isInstalled } from './development-package.ts';
import { startServerProcess } from './server-process.ts';

export interface MongoStore {
  readonly uri: string;
  readonly kind: 'external' | 'mongod' | 'embedded';
  /** Whether change streams can be had. */
  readonly replicaSet: boolean;
  /** Ends a server that was started here; leaves an external one alone. */
  close(): Promise<void>;
}

export interface OpenMongoOptions {
  /** The server to use; before `MONGODB_URI`. */
  readonly uri?: string | undefined;
  /** Environment to look in for `MONGODB_URI`, `MONGOMS_SYSTEM_BINARY` and `PATH`; the process's own by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How often the embedded server looks for documents whose time to live is over, in milliseconds (60 000). */
  readonly ttlInterval?: number;
  /**
   * The embedded server as a replica set of one, with sessions, retryable writes and change streams; no transactions.
   * Else it stands alone.
   */
  readonly replicaSet?: boolean;
  /** How many changes the log of that replica set keeps for change streams (100 000). */
  readonly logEntries?: number;
  /** How long to wait for an external server, in milliseconds (5 000). */
  readonly timeout?: number;
}

/**
 * Opens MongoDB: the given URI or `MONGODB_URI`; else a real `mongod` as a single-node replica set where a binary is
 * named by `MONGOMS_SYSTEM_BINARY` or lies on the PATH; else the embedded wire-protocol server. Fails with SHADOW_MONGO.
 */
export async function openMongo(options: OpenMongoOptions = {}): Promise<MongoStore> {
  const env = options.env ?? process.env;
  const uri = options.uri ?? (env.MONGODB_URI === '' ? undefined : env.MONGODB_URI);
  if (uri !== undefined) return openExternal(uri, options.timeout ?? 5000);
  const binary = isInstalled('mongodb-memory-server-core') ? mongodBinary(env) : undefined;
  if (binary !== undefined) return openMongod(binary);
  const { replicaSet = false } = options;
  const server = await startServerProcess({
    program: 'mongo-main',
    args: [
      ...(options.ttlInterval === undefined ? [] : [`--ttl-interval=${options.ttlInterval}`]),
      ...(replicaSet ? [`--replica-set=${REPLICA_SET}`] : []),
      ...(options.logEntries === undefined ? [] : [`--log-entries=${options.logEntries}`]),
    ],
    code: 'SHADOW_MONGO',
    startTimeout: 180_000,
  });
  const how = replicaSet ? `replicaSet=${REPLICA_SET}` : 'directConnection=true';
  const address = `mongodb://127.0.0.1:${String(server.ready.port)}/?${how}`;
  return { uri: address, kind: 'embedded', replicaSet, close: server.close };
}

/** Of the embedded server. */
const REPLICA_SET = 'embedded';

/** The same server with another database as its default. */
export function withMongoDatabase(uri: string, database: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${encodeURIComponent(database)}`);
}

async function openExternal(uri: string, timeout: number): Promise<MongoStore> {
  const masked = uri.replace(/\/\/([^@/]*)@/, (_, who: string) => `//${who.split(':')[0]}:***@`);
  const fail = (error: unknown, expected: string): ShadowError =>
    new ShadowError('SHADOW_MONGO', 'MongoDB cannot be opened', {
      expected,
      actual: messageOf(error),
      example: 'mongodb://127.0.0.1:27017/amanat',
      cause: error,
    });
  let client: MongoClient;
  try {
    client = new MongoClient(uri, { serverSelectionTimeoutMS: timeout, connectTimeoutMS: timeout });
  } catch (error) {
    throw fail(error, `a mongodb:// URI where "${masked}" was given`);
  }
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    return { uri, kind: 'external', replicaSet: hello.setName !== undefined, close: async () => undefined };
  } catch (error) {
    throw fail(error, `a server that answers at ${masked} within ${timeout} ms`);
  } finally {
    await client.close();
  }
}

function mongodBinary(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env.MONGOMS_SYSTEM_BINARY !== undefined && env.MONGOMS_SYSTEM_BINARY !== '') return env.MONGOMS_SYSTEM_BINARY;
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, 'mongod');
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Kept thin: it can only be exercised on a machine that has a `mongod`. */
async function openMongod(binary: string): Promise<MongoStore> {
  try {
    accessSync(binary, constants.X_OK);
    const { MongoMemoryReplSet } = await import('mongodb-memory-server-core');
    const set = await MongoMemoryReplSet.create({
      replSet: { count: 1, storageEngine: 'wiredTiger' },
      binary: { systemBinary: binary, checkMD5: false },
    });
    const close = async (): Promise<void> => {
      await set.stop({ doCleanup: true, force: true });
    };
    return { uri: set.getUri(), kind: 'mongod', replicaSet: true, close };
  } catch (error) {
    throw new ShadowError('SHADOW_MONGO', 'the mongod on this machine did not start', {
      expected: 'a mongod binary that runs here, or MONGODB_URI',
      actual: `${binary}: ${messageOf(error)}`,
      example: 'MONGODB_URI=mongodb://127.0.0.1:27017/amanat',
      cause: error,
    });
  }
}
