/** `shadowread decisions`: past decisions of the gate. */
import { EXIT, type ExitStatus } from '../errors.ts';
import type { DecisionRow } from '../journal/read/decisions.ts';
import { openReader } from '../journal/reader.ts';
import { apiOrExample } from './api.ts';
import { configOf, isJson, journalUrl, numberOption, type Options, requireDomain } from './options.ts';
import { createOutput, table } from './output.ts';

export async function decisions(args: readonly string[], options: Options): Promise<ExitStatus> {
  const loaded = configOf(options);
  const [domain] = args;
  if (domain !== undefined) requireDomain(domain, (await apiOrExample(loaded)).domains);
  const reader = openReader({ url: journalUrl(loaded.config) });
  const output = createOutput(isJson(options));
  try {
    const limit = numberOption(options, 'limit') ?? 20;
    const before = numberOption(options, 'before');
    const rows = await reader.decisions({
      ...(domain === undefined ? {} : { domain }),
      ...(before === undefined ? {} : { before }),
      limit,
    });
    if (output.json) output.document(rows);
    else if (rows.length === 0) output.line('Nobody has asked for a decision yet.');
    else {
      output.line(table(COLUMNS, rows));
      if (rows.length === limit) output.note(`older ones: shadowread decisions --before ${rows.at(-1)?.id ?? ''}`);
    }
    return EXIT.yes;
  } finally {
    await reader.close();
  }
}

const COLUMNS = [
  { title: 'id', align: 'right', cell: (row: DecisionRow) => String(row.id) },
  { title: 'when', cell: (row: DecisionRow) => new Date(row.at).toISOString() },
  { title: 'domain', cell: (row: DecisionRow) => row.domain },
  {
    title: 'outcome',
    cell: (row: DecisionRow) => row.outcome,
    tone: (row: DecisionRow) => (row.outcome === 'pass' ? 'good' : row.outcome === 'fail' ? 'bad' : 'warn'),
  },
  { title: 'who', cell: (row: DecisionRow) => row.who },
  { title: 'config', cell: (row: DecisionRow) => row.configDigest },
] as const;
