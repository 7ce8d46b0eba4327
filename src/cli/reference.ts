/** `shadowread reference`: the example API, served from MongoDB, one process. */

import { MongoClient } from 'mongodb';
import { runReference } from '../amanat/reference/run.ts';
import { seedAll } from '../amanat/reference/seed/index.ts';
import { counted } from '../base/figure-words.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import { openMongo, withMongoDatabase } from '../stores/mongo.ts';
import { configOf, isJson, numberOption, type Options, textOption } from './options.ts';
import { createOutput } from './output.ts';
import { serveUntilStopped } from './serving.ts';

export async function reference(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const { config } = configOf(options);
  const output = createOutput(isJson(options));
  if (config.stores.mongo === undefined)
    output.note('MONGODB_URI is not set: a MongoDB of its own is started, and removed at the end');
  const mongo = await openMongo({ uri: config.stores.mongo });
  try {
    const mongoUri = config.stores.mongo ?? withMongoDatabase(mongo.uri, 'amanat');
    const size = textOption(options, 'seedData');
    if (size === 'small' || size === 'large')
      await seedOnce(mongoUri, size, numberOption(options, 'seed') ?? 1, output.progress);
    output.done();
    const { url, close } = await runReference({
      mongoUri,
      port: numberOption(options, 'port') ?? 3_000,
      host: textOption(options, 'host') ?? '127.0.0.1',
      oracleQuoting: process.env.ORACLE_QUOTING_ENABLED === 'true',
    });
    await serveUntilStopped(
      { addresses: { url, mongo: mongoUri }, sentence: `reference API at ${url}, MongoDB (${mongo.kind})`, close },
      options,
    );
  } finally {
    await mongo.close();
  }
  return EXIT.yes;
}

/** Seeds an empty database; leaves one that has users as it is. */
async function seedOnce(
  uri: string,
  size: 'small' | 'large',
  seed: number,
  progress: (text: string) => void,
): Promise<void> {
  const client = await MongoClient.connect(uri);
  try {
    if (
      (await client
        .db()
        .collection('users')
        .findOne({}, { projection: { _id: 1 } })) !== null
    )
      return;
    await seedAll(uri, { seed, size }, ({ documents, collection }) =>
      progress(`seeding: ${counted(documents, 'document')}, ${collection}`),
    );
  } finally {
    await client.close();
  }
}
