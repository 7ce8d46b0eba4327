/** The migration's commands: Mongo -> Postgres, one way. All refuse to run without MIGRATION_PG_URL. */

import { domainsOf } from '../api/module.ts';
import { visible } from '../base/plain-text.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { backfill as runBackfill } from '../migration/backfill.ts';
import { followChanges } from '../migration/change-stream.ts';
import { drainAll } from '../migration/drain.ts';
import { startDrain } from '../migration/drain-worker.ts';
import { type Gap, openGaps, repairGaps } from '../migration/gaps.ts';
import { type DriftingEntry, type DriftingSum, reconcile as runReconcile } from '../migration/reconcile.ts';
import { type ModelReport, verify as runVerify, type VerifyReport } from '../migration/verify/verify.ts';
import { prepared } from '../service/migration-stores.ts';
import { mappedApiOf } from './api.ts';
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
  textOption,
} from './options.ts';
import { ago, type Column, createOutput, type Output, type Tone, table, thousands } from './output.ts';
import { serveUntilStopped } from './serving.ts';
import { withStores } from './stores.ts';

/** Rejects and orphans that a table shows; JSON has all. */
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
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
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

/** Exit 0 where all was carried over, 1 where Postgres refused some. With `--follow` until stopped. */
export async function drain(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const output = createOutput(isJson(options));
  const follow = flagOption(options, 'follow');
  const streamed = textOption(options, 'source') === 'changestream';
  if (streamed && !follow) {
    throw new ShadowError('SHADOW_USAGE', 'a change stream has no end to come to', {
      expected: '--follow with --source changestream',
      example: 'shadowread drain --follow --source changestream',
    });
  }
  return withStores(options, async (parts) => {
    if (!follow) {
      const result = await drainAll(parts);
      if (output.json) output.document(result);
      else
        output.line(
          `${thousands(result.drained)} documents carried over, ${thousands(result.failed)} refused (shadowread gaps)`,
        );
      return result.failed === 0 ? EXIT.yes : EXIT.no;
    }
    const onNote = (text: string): void => output.note(text);
    const worker = streamed ? await followChanges({ ...parts, onNote }) : startDrain({ ...parts, onNote });
    const from = streamed ? 'the change stream' : 'the outbox';
    await serveUntilStopped(
      { addresses: { draining: true }, sentence: `draining ${from} until stopped`, close: () => worker.close() },
      options,
    );
    return EXIT.yes;
  });
}

/** Exit 0 where no gap is open, 1 where some are; with `--repair` after trying each again. */
export async function gaps(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const output = createOutput(isJson(options));
  return withStores(options, async (stores) => {
    const repaired = flagOption(options, 'repair') ? await repairGaps(stores) : null;
    const open = await openGaps(stores.sql);
    if (output.json) output.document({ repaired: repaired?.repaired ?? null, open });
    else {
      if (repaired !== null) output.line(`${thousands(repaired.repaired)} gaps repaired`);
      if (open.length === 0) output.line('No gap is open.');
      else output.line(table(GAP_COLUMNS, open.slice(0, MOST_PRINTED)));
      if (open.length > MOST_PRINTED) output.note(`${thousands(open.length - MOST_PRINTED)} more; --json has all`);
    }
    return open.length === 0 ? EXIT.yes : EXIT.no;
  });
}

const GAP_COLUMNS = [
  { title: 'collection', cell: (gap: Gap) => gap.collection },
  { title: 'document', cell: (gap: Gap) => gap.mongoId },
  { title: 'in', cell: (gap: Gap) => gap.operation },
  { title: 'tries', align: 'right', cell: (gap: Gap) => String(gap.attempts) },
  { title: 'last tried', cell: (gap: Gap) => ago(gap.at.getTime()) },
  { title: 'reason', cell: (gap: Gap) => gap.error },
] as const;

/** Exit 0 where all agree or are excused, 1 where some do not, 2 where it was stopped or could not decide. */
export async function verify(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const domains = listOption(options, 'domain');
  const output = createOutput(isJson(options));
  const rate = numberOption(options, 'rate');
  return withStores(options, async ({ mongo, sql, mappings }) => {
    for (const domain of domains) requireDomain(domain, domainsOf(mappings));
    const stopping = new AbortController();
    const stop = (): void => stopping.abort();
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const report = await runVerify({
      mongo,
      sql,
      mappings,
      ...(domains.length === 0 ? {} : { domains }),
      ...(rate === undefined ? {} : { rate }),
      sample: numberOption(options, 'sample') ?? 1,
      restart: flagOption(options, 'restart'),
      signal: stopping.signal,
      onProgress: ({ collection, documents, total, rate }) =>
        output.progress(
          `${collection}: ${thousands(documents)} of ${thousands(total)}, ${thousands(Math.round(rate))} documents/s`,
        ),
    });
    process.off('SIGINT', stop).off('SIGTERM', stop);
    const wrong = report.models.some(({ missing, extra, drift, behind }) => missing + extra + drift + behind > 0);
    if (output.json) output.document(report);
    else printVerified(report, output);
    if (wrong) return EXIT.no;
    return report.complete && report.models.every(({ unsettled }) => unsettled === 0) ? EXIT.yes : EXIT.undecided;
  });
}

function printVerified(report: VerifyReport, output: Output): void {
  output.line(table(MODEL_COLUMNS, report.models));
  for (const { collection, mongoId, kind, fields, reason } of report.findings.slice(0, MOST_PRINTED)) {
    output.note(
      visible(
        `${kind}: ${collection}/${mongoId} ${fields.join(' ')}${reason === null ? '' : ` (${reason})`}`.trimEnd(),
      ),
    );
  }
  if (report.findings.length > MOST_PRINTED) output.note('more; --json has the first thousand');
  const documents = report.models.reduce((sum, model) => sum + model.documents, 0);
  output.note(
    `${thousands(documents)} documents${report.sample < 1 ? ` (a sample of ${report.sample})` : ''}, ${report.seconds.toFixed(1)} s, ${thousands(Math.round(report.rate))} a second`,
  );
  if (!report.complete) output.note('stopped; the next run continues from here');
}

const counted = (title: string, of: (row: ModelReport) => number, tone: Tone = 'plain'): Column<ModelReport> => ({
  title,
  align: 'right',
  cell: (row) => thousands(of(row)),
  tone: (row) => (of(row) > 0 ? tone : 'plain'),
});

const MODEL_COLUMNS: readonly Column<ModelReport>[] = [
  { title: 'model', cell: (row) => row.model },
  counted('documents', (row) => row.documents),
  counted('agree', (row) => row.agree),
  counted('missing rows', (row) => row.missing, 'bad'),
  counted('extra rows', (row) => row.extra, 'bad'),
  counted('drift', (row) => row.drift, 'bad'),
  counted('behind', (row) => row.behind, 'bad'),
  counted('unsettled', (row) => row.unsettled, 'warn'),
  counted('excused', (row) => row.excused, 'warn'),
  {
    title: 'fields that drift',
    cell: (row) =>
      Object.entries(row.fields)
        .map(([field, n]) => `${field} ${thousands(n)}`)
        .join(', '),
  },
];

/** Exit 0 where every sum agrees, 1 where one does not: for an alert. */
export async function reconcile(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const output = createOutput(isJson(options));
  return withStores(options, async ({ mongo, sql }) => {
    const report = await runReconcile({
      mongo,
      sql,
      onProgress: (entries) => output.progress(`${thousands(entries)} entries`),
    });
    if (output.json) output.document(report);
    else {
      output.line(
        `${thousands(report.entries)} entries, ${thousands(report.sums)} sums of ${thousands(report.accounts)} accounts, ${thousands(report.drift.length)} that differ, ${report.seconds.toFixed(1)} s`,
      );
      const lines = report.drift.flatMap((sum) => sum.entries.map((entry) => ({ sum, entry })));
      if (lines.length > 0) output.line(table(DRIFT_COLUMNS, lines.slice(0, MOST_PRINTED)));
      if (lines.length > MOST_PRINTED) output.note(`${thousands(lines.length - MOST_PRINTED)} more; --json has all`);
    }
    return report.drift.length === 0 ? EXIT.yes : EXIT.no;
  });
}

interface DriftLine {
  readonly sum: DriftingSum;
  readonly entry: DriftingEntry;
}

const DRIFT_COLUMNS: readonly Column<DriftLine>[] = [
  { title: 'account', cell: ({ sum }) => sum.account },
  { title: 'bucket', cell: ({ sum }) => sum.bucket },
  { title: 'currency', cell: ({ sum }) => sum.currency },
  { title: 'Mongo', align: 'right', cell: ({ sum }) => sum.mongo },
  { title: 'Postgres', align: 'right', cell: ({ sum }) => sum.postgres },
  { title: 'entry', cell: ({ entry }) => entry.mongoId },
  { title: 'is', cell: ({ entry }) => entry.kind },
  { title: 'in Mongo', align: 'right', cell: ({ entry }) => entry.mongo ?? '–' },
  { title: 'in Postgres', align: 'right', cell: ({ entry }) => entry.postgres ?? '–' },
  { title: 'reason', cell: ({ entry }) => entry.reason ?? '' },
];
