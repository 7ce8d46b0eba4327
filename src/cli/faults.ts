/** `shadowread faults`: what is wrong in the data or the twin, one row a fault. */

import { faultName } from '../base/fault-words.ts';
import { count } from '../base/figure-words.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { FAULT_STATES } from '../journal/fault-states.ts';
import type { FaultRow } from '../journal/read/faults.ts';
import { openReader } from '../journal/reader.ts';
import { CAUSES } from '../types.ts';
import { stateOf } from './fault-state.ts';
import { requireKnownNames } from './known-names.ts';
import { configOf, isJson, journalUrl, numberOption, type Options, textOption } from './options.ts';
import { ago, createOutput, table } from './output.ts';

export async function faults(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const loaded = configOf(options);
  const { config } = loaded;
  const state = oneOf('state', FAULT_STATES, textOption(options, 'state'));
  const cause = oneOf('cause', CAUSES, textOption(options, 'cause'));
  const [domain, after] = ['domain', 'after'].map((name) => textOption(options, name));
  const reader = openReader({ url: journalUrl(config) });
  const output = createOutput(isJson(options));
  try {
    const page = await reader.faults({
      ...(domain === undefined ? {} : { domain }),
      ...(state === undefined ? {} : { state }),
      ...(cause === undefined ? {} : { cause }),
      ...(after === undefined ? {} : { after }),
      limit: numberOption(options, 'limit') ?? 50,
    });
    if (page.rows.length === 0) await requireKnownNames(loaded, { domain });
    if (output.json) output.document({ faults: page.rows, next: page.next });
    else if (page.rows.length === 0) output.line('No fault that fits.');
    else {
      output.line(table(COLUMNS, page.rows));
      if (page.next !== null) output.note(`more: shadowread faults --after ${page.next}`);
    }
    return EXIT.yes;
  } finally {
    await reader.close();
  }
}

function oneOf<Name extends string>(
  what: string,
  known: readonly Name[],
  wanted: string | undefined,
): Name | undefined {
  const found = known.find((name) => name === wanted);
  if (wanted === undefined || found !== undefined) return found;
  throw new ShadowError('SHADOW_USAGE', `there is no such ${what}`, { expected: known.join(', '), actual: wanted });
}

const COLUMNS = [
  { title: 'id', cell: (row: FaultRow) => row.id },
  { title: 'domain', cell: (row: FaultRow) => row.domain },
  { title: 'cause', cell: (row: FaultRow) => row.cause, tone: (row: FaultRow) => (row.fatal ? 'bad' : 'plain') },
  { title: 'what', cell: (row: FaultRow) => faultName(row) },
  { title: 'reads', align: 'right', cell: (row: FaultRow) => count(row.reads) },
  { title: 'routes', align: 'right', cell: (row: FaultRow) => count(row.routes.length) },
  { title: 'first', cell: (row: FaultRow) => ago(row.firstSeen) },
  { title: 'last', cell: (row: FaultRow) => ago(row.lastSeen) },
  { title: 'state', cell: (row: FaultRow) => stateOf(row) },
] as const;
