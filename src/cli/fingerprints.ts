/** `shadowread fingerprints`: what differs, one row a place, the heaviest first. */
import { count } from '../base/figure-words.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import type { FingerprintRow, FingerprintState } from '../journal/read/fingerprints.ts';
import { openReader } from '../journal/reader.ts';
import { requireKnownNames } from './known-names.ts';
import { configOf, isJson, journalUrl, numberOption, type Options, textOption } from './options.ts';
import { ago, createOutput, table } from './output.ts';

const STATES: readonly FingerprintState[] = ['open', 'acknowledged', 'fixed'];

export async function fingerprints(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const loaded = configOf(options);
  const { config } = loaded;
  const wanted = textOption(options, 'state');
  const state = STATES.find((known) => known === wanted);
  if (wanted !== undefined && state === undefined)
    throw new ShadowError('SHADOW_USAGE', 'there is no such state', { expected: STATES.join(', '), actual: wanted });
  const [domain, route, after] = ['domain', 'route', 'after'].map((name) => textOption(options, name));
  const reader = openReader({ url: journalUrl(config) });
  const output = createOutput(isJson(options));
  try {
    const page = await reader.fingerprints({
      ...(domain === undefined ? {} : { domain }),
      ...(route === undefined ? {} : { route }),
      ...(after === undefined ? {} : { after }),
      ...(state === undefined ? {} : { state }),
      limit: numberOption(options, 'limit') ?? 20,
    });
    if (page.rows.length === 0) await requireKnownNames(loaded, { domain, route });
    if (output.json) output.document({ fingerprints: page.rows, next: page.next });
    else if (page.rows.length === 0) output.line('No fingerprint that fits.');
    else {
      output.line(table(COLUMNS, page.rows));
      if (page.next !== null) output.note(`more: shadowread fingerprints --after ${page.next}`);
    }
    return EXIT.yes;
  } finally {
    await reader.close();
  }
}

const COLUMNS = [
  { title: 'id', cell: (row: FingerprintRow) => row.fingerprint },
  { title: 'route', cell: (row: FingerprintRow) => row.route },
  {
    title: 'differs at',
    cell: (row: FingerprintRow) => row.sample.map(({ path, kind }) => `${path} ${kind}`).join(', '),
    tone: (row: FingerprintRow) => (row.fatal ? 'bad' : 'plain'),
  },
  { title: 'times', align: 'right', cell: (row: FingerprintRow) => count(row.count) },
  { title: '24 h', align: 'right', cell: (row: FingerprintRow) => count(row.lastDay) },
  { title: 'last', cell: (row: FingerprintRow) => ago(row.lastSeen) },
  {
    title: 'state',
    cell: (row: FingerprintRow) => `${row.state}${row.expired ? ', expired' : ''}${row.regressed ? ', came back' : ''}`,
  },
] as const;
