/** `shadowread reconcile`: the ledger's sums on both sides. */

import { agree, count, counted } from '../base/figure-words.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import { type DriftingEntry, type DriftingSum, reconcile as runReconcile } from '../migration/reconcile.ts';
import { isJson, type Options } from './options.ts';
import { type Column, createOutput, table } from './output.ts';
import { withStores } from './stores.ts';

/** Entries that are printed; JSON has all. */
const MOST_PRINTED = 20;

/** Exit 0 where every sum agrees, 1 where one does not: for an alert. */
export async function reconcile(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const output = createOutput(isJson(options));
  return withStores(options, async ({ mongo, sql }) => {
    const report = await runReconcile({
      mongo,
      sql,
      onProgress: (entries) => output.progress(counted(entries, 'entry', 'entries')),
    });
    if (output.json) output.document(report);
    else {
      output.line(
        `${counted(report.entries, 'entry', 'entries')}, ${counted(report.sums, 'sum')} of ${counted(report.accounts, 'account')}, ${count(report.drift.length)} that ${agree(report.drift.length, 'differs', 'differ')}, ${report.seconds.toFixed(1)} s`,
      );
      const lines = report.drift.flatMap((sum) => sum.entries.map((entry) => ({ sum, entry })));
      if (lines.length > 0) output.line(table(DRIFT_COLUMNS, lines.slice(0, MOST_PRINTED)));
      if (lines.length > MOST_PRINTED) output.note(`${count(lines.length - MOST_PRINTED)} more; --json has all`);
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
