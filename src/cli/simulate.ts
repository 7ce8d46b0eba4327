/** `shadowread simulate`: the journal at scale, measured on one machine and extrapolated with the arithmetic shown. */
import { EXIT, type ExitStatus } from '../errors.ts';
import { simulate as simulateJournal } from '../journal/simulate.ts';
import { openPostgres } from '../stores/postgres.ts';
import { configOf, isJson, numberOption, type Options } from './options.ts';
import { createOutput } from './output.ts';

export async function simulate(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const { config } = configOf(options);
  const output = createOutput(isJson(options));
  if (config.journal.url === undefined) {
    output.note('SHADOWREAD_JOURNAL_URL is not set: an embedded Postgres is measured, and removed afterwards');
  }
  const postgres = await openPostgres({ url: config.journal.url });
  try {
    const result = await simulateJournal({
      url: postgres.url,
      onProgress: output.progress,
      replicas: numberOption(options, 'replicas') ?? 200,
      readsPerSecond: numberOption(options, 'reads') ?? 100_000,
    });
    output.done();
    if (output.json) output.document(result.data);
    else output.line(result.text);
    return EXIT.yes;
  } finally {
    await postgres.close();
  }
}
