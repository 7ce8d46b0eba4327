/** `shadowread mismatches`: the reads that differ, the newest first. */
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import type { MismatchRow } from '../journal/read/mismatches.ts';
import { openReader } from '../journal/reader.ts';
import { CAUSES } from '../types.ts';
import { requireKnownNames } from './known-names.ts';
import { configOf, isJson, journalUrl, numberOption, type Options, textOption } from './options.ts';
import { ago, createOutput, shortened, table } from './output.ts';

export async function mismatches(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const loaded = configOf(options);
  const { config } = loaded;
  const wanted = textOption(options, 'cause');
  const cause = CAUSES.find((known) => known === wanted);
  if (wanted !== undefined && cause === undefined) {
    throw new ShadowError('SHADOW_USAGE', 'there is no such cause', {
      expected: `one of ${CAUSES.join(', ')}`,
      actual: wanted,
    });
  }
  const reader = openReader({ url: journalUrl(config) });
  const output = createOutput(isJson(options));
  try {
    const [domain, route, fingerprint, before] = ['domain', 'route', 'fingerprint', 'before'].map((name) =>
      textOption(options, name),
    );
    const page = await reader.mismatches({
      ...(domain === undefined ? {} : { domain }),
      ...(route === undefined ? {} : { route }),
      ...(fingerprint === undefined ? {} : { fingerprint }),
      ...(before === undefined ? {} : { before }),
      ...(cause === undefined ? {} : { cause }),
      limit: numberOption(options, 'limit') ?? 20,
    });
    if (page.rows.length === 0) await requireKnownNames(loaded, { domain, route });
    if (output.json) output.document({ mismatches: page.rows, next: page.next });
    else if (page.rows.length === 0) output.line('No mismatch that fits.');
    else {
      output.line(table(COLUMNS, page.rows));
      const filters = Object.entries({ domain, route, fingerprint, cause }).flatMap(([name, value]) =>
        value === undefined ? [] : [` --${name} ${/\s/.test(value) ? `"${value}"` : value}`],
      );
      if (page.next !== null) output.note(`older ones: shadowread mismatches${filters.join('')} --before ${page.next}`);
    }
    return EXIT.yes;
  } finally {
    await reader.close();
  }
}

const COLUMNS = [
  { title: 'id', cell: (row: MismatchRow) => row.id },
  { title: 'when', cell: (row: MismatchRow) => ago(row.at) },
  { title: 'request', cell: ({ request }: MismatchRow) => shortened(`${request.method} ${request.target}`, 60) },
  {
    title: 'differs at',
    cell: (row: MismatchRow) =>
      `${row.paths[0] ?? ''}${row.differenceCount > 1 ? ` and ${row.differenceCount - 1} more` : ''}`,
  },
  { title: 'cause', cell: (row: MismatchRow) => row.cause },
  { title: 'fingerprint', cell: (row: MismatchRow) => row.fingerprint },
] as const;
