/** `shadowread reconcile`: the declared sums on both sides. */

import { agree, count, counted } from '../base/figure-words.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import type { DriftingEntry } from '../migration/reconcile/entries.ts';
import {
  type DriftingSum,
  type ReconcileReport,
  requireSums,
  reconcile as runReconcile,
} from '../migration/reconcile/reconcile.ts';
import { isJson, type Options } from './options.ts';
import { type Column, createOutput, type Output, table } from './output.ts';
import { withStores } from './stores.ts';

/** Entries that are printed; JSON has all. */
const MOST_PRINTED = 20;

/** Exit 0 where every sum agrees, 1 where one does not: for an alert. */
export async function reconcile(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const output = createOutput(isJson(options));
  return withStores(
    options,
    async (stores) => {
      const report = await runReconcile({
        ...stores,
        onProgress: (collection, documents) => output.progress(`${collection}: ${counted(documents, 'document')}`),
      });
      if (output.json) output.document(report);
      else printReconciled(report, output);
      return report.drift.length === 0 ? EXIT.yes : EXIT.no;
    },
    requireSums,
  );
}

function printReconciled({ declared, drift, seconds }: ReconcileReport, output: Output): void {
  for (const { collection, amount, by, sums, documents } of declared) {
    output.line(
      `${collection}: ${counted(sums, 'sum')} of ${amount} by ${by.join(', ')}, from ${counted(documents, 'document')}`,
    );
  }
  const differ = agree(drift.length, 'sum differs', 'sums differ');
  output.line(`${count(drift.length)} ${differ}, ${seconds.toFixed(1)} s`);
  const lines = drift.flatMap((sum) => sum.entries.map((entry) => ({ sum, entry })));
  if (lines.length > 0) output.line(table(DRIFT_COLUMNS, lines.slice(0, MOST_PRINTED)));
  if (lines.length > MOST_PRINTED) output.note(`${count(lines.length - MOST_PRINTED)} more; --json has all`);
}

interface DriftLine {
  readonly sum: DriftingSum;
  readonly entry: DriftingEntry;
}

const DRIFT_COLUMNS: readonly Column<DriftLine>[] = [
  { title: 'sum of', cell: ({ sum }) => `${sum.collection} ${sum.amount}` },
  {
    title: 'by',
    cell: ({ sum }) =>
      Object.entries(sum.of)
        .map(([path, value]) => `${path} ${value}`)
        .join(', '),
  },
  { title: 'Mongo', align: 'right', cell: ({ sum }) => sum.mongo },
  { title: 'Postgres', align: 'right', cell: ({ sum }) => sum.postgres },
  { title: 'entry', cell: ({ entry }) => entry.mongoId },
  { title: 'is', cell: ({ entry }) => entry.kind },
  { title: 'in Mongo', align: 'right', cell: ({ entry }) => entry.mongo ?? '–' },
  { title: 'in Postgres', align: 'right', cell: ({ entry }) => entry.postgres ?? '–' },
  { title: 'reason', cell: ({ entry }) => entry.reason ?? '' },
];
