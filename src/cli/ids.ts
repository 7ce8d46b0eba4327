/** `shadowread ids <collection>`: the pairs of ids that answers have shown, and the way to take a wrong one back. */
import { count } from '../base/figure-words.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import type { IdPairRow } from '../journal/read/id-pairs.ts';
import { openReader } from '../journal/reader.ts';
import { openWriter } from '../journal/writer.ts';
import { configOf, isJson, journalUrl, numberOption, type Options, textOption } from './options.ts';
import { ago, createOutput, table } from './output.ts';
import { whoActs } from './who.ts';

export async function ids([collection = '']: readonly string[], options: Options): Promise<ExitStatus> {
  const forgotten = textOption(options, 'forget');
  const { config } = configOf(options);
  const kept = Object.entries(config.ids).flatMap(([name, { by }]) => (by === 'consistent' ? [name] : []));
  if (!kept.includes(collection)) {
    throw new ShadowError('SHADOW_USAGE', 'no pairs of this collection are kept', {
      expected: `a collection that the config pairs by consistency: ${kept.join(', ') || 'it has none'}`,
      actual: collection,
      example: 'shadowread ids orders --config shadowread.yaml',
    });
  }
  return forgotten === undefined
    ? shown(collection, options, journalUrl(config))
    : taken(collection, forgotten, options, journalUrl(config));
}

async function shown(collection: string, options: Options, url: string): Promise<ExitStatus> {
  const output = createOutput(isJson(options));
  const reader = openReader({ url });
  try {
    const id = textOption(options, 'id') ?? null;
    const pairs = await reader.pairsOfIds({ collection, id, limit: numberOption(options, 'limit') ?? 20 });
    if (output.json) output.document({ collection, pairs });
    else if (pairs.length === 0) output.line(id === null ? 'No pair was seen yet.' : `No pair of ${id} was seen yet.`);
    else output.line(table(COLUMNS, pairs));
    return EXIT.yes;
  } finally {
    await reader.close();
  }
}

async function taken(collection: string, id: string, options: Options, url: string): Promise<ExitStatus> {
  const reason = textOption(options, 'reason')?.trim() ?? '';
  if (reason === '') {
    throw new ShadowError('SHADOW_USAGE', 'forgetting a pair needs a reason', {
      expected: '--reason, which the audit trail keeps',
      example: `shadowread ids ${collection} --forget ${id} --reason "the twin had the wrong row"`,
    });
  }
  const output = createOutput(isJson(options));
  const writer = openWriter({ url });
  try {
    const pairs = await writer.forgetIds(collection, id, whoActs(options), reason);
    if (output.json) output.document({ collection, forgotten: pairs });
    else {
      for (const { primary, twin } of pairs)
        output.line(`${collection}: ${primary} and ${twin} are not a pair any more`);
      output.line('The next answers that agree in all else set new partners; running proxies know it within seconds.');
    }
    return EXIT.yes;
  } finally {
    await writer.close();
  }
}

const COLUMNS = [
  { title: 'primary', cell: (row: IdPairRow) => row.primary },
  { title: 'twin', cell: (row: IdPairRow) => row.twin },
  { title: 'seen', align: 'right', cell: (row: IdPairRow) => count(row.sightings) },
  { title: 'last', cell: (row: IdPairRow) => ago(row.seenAt) },
] as const;
