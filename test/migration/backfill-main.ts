/** A backfill in a process of its own, so that a test can kill it: `backfill-main.ts <mongoUri> <databaseUrl>`. */

import { flushCompileCache } from 'node:module';
import { amanatMappings } from '../../src/amanat/mappings/index.ts';
import { backfill } from '../../src/migration/backfill.ts';

// Whoever is killed leaves no cache behind by himself.
flushCompileCache();
const [, , mongoUri = '', databaseUrl = ''] = process.argv;
await backfill({
  mongoUri,
  databaseUrl,
  mappings: amanatMappings,
  batch: 20,
  onProgress: ({ collection, phase, documents }) => console.log(JSON.stringify({ collection, phase, documents })),
});
console.log('"done"');
