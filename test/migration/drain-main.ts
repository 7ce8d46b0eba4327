/**
 * One drain in a process of its own that dies at a step, so that nothing is tidied up:
 * `drain-main.ts <mongoUri> <databaseUrl> <step> <collection>`.
 */
import { flushCompileCache } from 'node:module';
import { MongoClient } from 'mongodb';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { openMigrationDatabase } from '../../src/migration/db.ts';
import { drainOnce } from '../../src/migration/drain.ts';

// Whoever is killed leaves no cache behind by himself.
flushCompileCache();
const [, , mongoUri = '', databaseUrl = '', deadly = '', where = ''] = process.argv;
const client = await MongoClient.connect(mongoUri);
const sql = openMigrationDatabase(databaseUrl, 2);
await drainOnce({
  mongo: client.db(),
  sql,
  mappings: amanatMappings,
  onStep: (step, collection) => {
    if (step === deadly && collection === where) process.kill(process.pid, 'SIGKILL');
  },
});
await Promise.all([client.close(), sql.end({ timeout: 1 })]);
