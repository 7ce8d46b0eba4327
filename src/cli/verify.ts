/** `shadowread verify`: each document against its row. */

import { domainsOf } from '../api/module.ts';
import { count, counted } from '../base/figure-words.ts';
import { visible } from '../base/plain-text.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import { type ModelReport, verify as runVerify, type VerifyReport } from '../migration/verify/verify.ts';
import { flagOption, isJson, listOption, numberOption, type Options, requireDomain } from './options.ts';
import { type Column, createOutput, type Output, type Tone, table } from './output.ts';
import { onStopSignal } from './stop-signals.ts';
import { withStores } from './stores.ts';

/** Findings that are printed; JSON has the first thousand. */
const MOST_PRINTED = 20;

/** Exit 0 where all agree or are excused, 1 where some do not, 2 where it was stopped or could not decide. */
export async function verify(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const domains = listOption(options, 'domain');
  const output = createOutput(isJson(options));
  const rate = numberOption(options, 'rate');
  return withStores(options, async ({ mongo, sql, mappings }) => {
    for (const domain of domains) requireDomain(domain, domainsOf(mappings));
    const stopping = new AbortController();
    const listened = onStopSignal(() => stopping.abort());
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
          `${collection}: ${count(documents)} of ${count(total)}, ${count(Math.round(rate))} documents/s`,
        ),
    });
    listened();
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
    `${counted(documents, 'document')}${report.sample < 1 ? ` (a sample of ${report.sample})` : ''}, ${report.seconds.toFixed(1)} s, ${count(Math.round(report.rate))} a second`,
  );
  if (!report.complete) output.note('stopped; the next run continues from here');
}

const figures = (title: string, of: (row: ModelReport) => number, tone: Tone = 'plain'): Column<ModelReport> => ({
  title,
  align: 'right',
  cell: (row) => count(of(row)),
  tone: (row) => (of(row) > 0 ? tone : 'plain'),
});

const MODEL_COLUMNS: readonly Column<ModelReport>[] = [
  { title: 'model', cell: (row) => row.model },
  figures('documents', (row) => row.documents),
  figures('agree', (row) => row.agree),
  figures('missing rows', (row) => row.missing, 'bad'),
  figures('extra rows', (row) => row.extra, 'bad'),
  figures('drift', (row) => row.drift, 'bad'),
  figures('behind', (row) => row.behind, 'bad'),
  figures('unsettled', (row) => row.unsettled, 'warn'),
  figures('excused', (row) => row.excused, 'warn'),
  {
    title: 'fields that drift',
    cell: (row) =>
      Object.entries(row.fields)
        .map(([field, n]) => `${field} ${count(n)}`)
        .join(', '),
  },
];
