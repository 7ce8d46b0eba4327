/** `shadowread backfill`: every document from MongoDB to Postgres. */

import { domainsOf } from '../api/module.ts';
import { count, counted } from '../base/figure-words.ts';
import { visible } from '../base/plain-text.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import { backfill as runBackfill } from '../migration/backfill.ts';
import { prepared } from '../service/migration-stores.ts';
import { mappedApiOf } from './api.ts';
import {
  configOf,
  isJson,
  listOption,
  migrationUrl,
  mongoUrl,
  numberOption,
  type Options,
  requireDomain,
} from './options.ts';
import { createOutput, table } from './output.ts';
import { onStopSignal } from './stop-signals.ts';

/** Rejects and orphans that are printed; JSON has all. */
const MOST_PRINTED = 20;

/** Exit 0 where every document has its row, 1 where some were rejected, 2 where it was stopped. */
export async function backfill(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const loaded = configOf(options);
  const databaseUrl = migrationUrl(loaded.config);
  const mongoUri = mongoUrl(loaded.config);
  const api = await mappedApiOf(loaded);
  const { mappings } = api;
  const domains = listOption(options, 'domain');
  for (const domain of domains) requireDomain(domain, domainsOf(mappings));
  const output = createOutput(isJson(options));
  const stopping = new AbortController();
  const listened = onStopSignal(() => stopping.abort());
  await prepared(api, databaseUrl);
  const report = await runBackfill({
    mongoUri,
    databaseUrl,
    mappings,
    ...(domains.length === 0 ? {} : { domains }),
    batch: numberOption(options, 'batch') ?? 1_000,
    signal: stopping.signal,
    onProgress: ({ collection, phase, documents, total, rate }) =>
      output.progress(
        `${phase} ${collection}: ${count(documents)} of ${count(total)}, ${count(Math.round(rate))} documents/s`,
      ),
  });
  listened();
  if (output.json) output.document(report);
  else {
    output.line(
      `${counted(report.documents, 'document')} in ${report.seconds.toFixed(1)} s (${count(Math.round(report.rate))} a second), ${counted(report.rejects.length, 'reject')}, ${counted(report.orphans.length, 'orphaned reference')}`,
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
          report.rejects.slice(0, MOST_PRINTED),
        ),
      );
    }
    for (const orphan of report.orphans.slice(0, MOST_PRINTED)) {
      output.note(
        visible(
          `orphan: ${orphan.collection}/${orphan.mongoId} ${orphan.path} refers to ${orphan.refersTo}/${orphan.missingId}, which is gone`,
        ),
      );
    }
    if (!report.complete) output.note('stopped; the next run continues from here');
  }
  if (!report.complete) return EXIT.undecided;
  return report.rejects.length === 0 ? EXIT.yes : EXIT.no;
}
