/** A backfill in a process of its own, so that a test can kill it: `backfill-main.ts <mongoUri> <databaseUrl>`. */
import { backfill } from '../../src/migration/backfill.ts';

const [, , mongoUri = '', databaseUrl = ''] = process.argv;
await backfill({
  mongoUri,
  databaseUrl,
  batch: 20,
  onProgress: ({ collection, phase, documents }) => console.log(JSON.stringify({ collection, phase, documents })),
});
console.log('"done"');
