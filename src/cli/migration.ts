/** The migration's commands: Mongo -> Postgres, one way. All refuse to run without MIGRATION_PG_URL. */
import { MongoClient } from 'mongodb';
import { EXIT, type ExitStatus } from '../errors.ts';
import { backfill as runBackfill } from '../migration/backfill.ts';
import { openMigrationDatabase } from '../migration/db.ts';
import { drainOnce, startDrain } from '../migration/drain.ts';
import { amanatMappings } from '../migration/models/index.ts';
import { migrate } from '../twin/migrate.ts';
import {
  configOf,
  flagOption,
  isJson,
  listOption,
  migrationUrl,
  mongoUrl,
  numberOption,
  type Options,
  requireDomain,
} from './options.ts';
import { createOutput, table, thousands } from './output.ts';
import { serveUntilStopped } from './serving.ts';

const KNOWN_DOMAINS = [...new Set(amanatMappings.map((mapping) => mapping.domain))];
/** Rejects and orphans that a table shows; JSON has all. */
const SHOWN = 20;

/** Exit 0 where every document has its row, 1 where some were rejected, 2 where it was stopped. */
export async function backfill(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const { config } = configOf(options);
  const databaseUrl = migrationUrl(config);
  const mongoUri = mongoUrl(config);
  const domains = listOption(options, 'domain');
  for (const domain of domains) requireDomain(domain, KNOWN_DOMAINS);
  const output = createOutput(isJson(options));
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  await migrate(databaseUrl);
  const report = await runBackfill({
    mongoUri,
    databaseUrl,
    ...(domains.length === 0 ? {} : { domains }),
    batch: numberOption(options, 'batch') ?? 1_000,
    signal: stopping.signal,
    onProgress: ({ collection, phase, documents, total, rate }) =>
      output.progress(
        `${phase} ${collection}: ${thousands(documents)} of ${thousands(total)}, ${thousands(Math.round(rate))} documents/s`,
      ),
  });
  process.off('SIGINT', stop).off('SIGTERM', stop);
  if (output.json) output.document(report);
  else {
    output.line(
      `${thousands(report.documents)} documents in ${report.seconds.toFixed(1)} s (${thousands(Math.round(report.rate))} a second), ${report.rejects.length} rejects, ${report.orphans.length} orphaned references`,
    );
    if (report.rejects.length > 0) {
      output.line(
        table(
          [
            { title: 'collection', cell: (reject) => reject.collection },
            { title: 'document', cell: (reject) => reject.mongoId },
            { title: 'path', cell: (reject) => reject.path },
            { title: 'reason', cell: (reject) => reject.reason },
          ],
          report.rejects.slice(0, SHOWN),
        ),
      );
    }
    for (const orphan of report.orphans.slice(0, SHOWN)) {
      output.note(
        `orphan: ${orphan.collection}/${orphan.mongoId} ${orphan.path} refers to ${orphan.refersTo}/${orphan.missingId}, which is gone`,
      );
    }
    if (!report.complete) output.note('stopped; the next run goes on from here');
  }
  if (!report.complete) return EXIT.undecided;
  return report.rejects.length === 0 ? EXIT.yes : EXIT.no;
}

/** Exit 0 where nothing is left to carry over, 1 where Postgres refused some. With `--follow` until stopped. */
export async function drain(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const { config } = configOf(options);
  const databaseUrl = migrationUrl(config);
  const output = createOutput(isJson(options));
  const client = await MongoClient.connect(mongoUrl(config));
  const sql = openMigrationDatabase(databaseUrl, 4);
  const parts = { mongo: client.db(), sql, mappings: amanatMappings };
  try {
    if (!flagOption(options, 'follow')) {
      const result = await drainOnce(parts);
      if (output.json) output.document(result);
      else
        output.line(
          `${thousands(result.drained)} documents carried over, ${thousands(result.failed)} refused (shadowread gaps)`,
        );
      return result.failed === 0 ? EXIT.yes : EXIT.no;
    }
    const worker = startDrain(parts);
    await serveUntilStopped(
      { addresses: { draining: true }, sentence: 'draining the outbox until stopped', close: () => worker.close() },
      options,
    );
    return EXIT.yes;
  } finally {
    await Promise.all([client.close(), sql.end({ timeout: 5 })]);
  }
}
