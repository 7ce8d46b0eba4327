/** Options of the databases. */
import { z } from 'zod';
import { count, millis, storeUrl } from './values.ts';

export const journal = z
  .strictObject({
    url: storeUrl(['postgres', 'postgresql'])
      .optional()
      .describe(
        'SHADOWREAD_JOURNAL_URL. Postgres for the journal. Without it verdicts are only counted, and the gate cannot decide.',
      ),
    flushMs: millis(1_000).describe('Pause between two batches of writes, ms.'),
    retentionDays: count(30, 3_650).describe('`shadowread prune` deletes what is older, in days.'),
    evidenceBytes: count(1_073_741_824, 1_099_511_627_776).describe(
      '`shadowread prune` keeps at most this much sealed evidence, the newest, in bytes.',
    ),
    perRoute: z
      .strictObject({
        fingerprints: count(100, 10_000).describe(
          'Most fingerprints of a route. Further ones share one row, (others).',
        ),
        shapes: count(300, 10_000).describe('Most query shapes of a route. Further ones share one row, (overflow).'),
        noisyPaths: count(100, 10_000).describe('Most paths of a route at which the primary disagrees with itself.'),
        distinctPerShape: count(20_000).describe(
          'Most distinct entities, answers and comparisons that are remembered for each shape.',
        ),
      })
      .prefault({})
      .describe('How much one route may take in the journal, whatever clients ask.'),
  })
  .prefault({});

export const stores = z
  .strictObject({
    mongo: storeUrl(['mongodb', 'mongodb+srv'])
      .optional()
      .describe('MONGODB_URI. MongoDB of the primary, to find the cause of a mismatch. Read access is enough.'),
    postgres: storeUrl(['postgres', 'postgresql'])
      .optional()
      .describe("MIGRATION_PG_URL. Postgres with the twin's data and id_map. For the proxy read access is enough."),
  })
  .prefault({});
