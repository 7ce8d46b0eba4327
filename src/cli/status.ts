/** `shadowread status`: the cutover table. */

import { count, counted, rateWords } from '../base/figure-words.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import { type CutoverRow, isUnknown, readCutover } from '../service/cutover.ts';
import { apiOrExample } from './api.ts';
import { configOf, isJson, type Options } from './options.ts';
import { type Column, createOutput, millis, type Tone, table } from './output.ts';

/** Exit 0: the table says what is known, and what is not. */
export async function status(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const loaded = configOf(options);
  const output = createOutput(isJson(options));
  const rows = await readCutover({ ...loaded, api: await apiOrExample(loaded) });
  if (output.json) output.document({ domains: rows });
  else {
    output.line(table(COLUMNS, rows));
    for (const reason of reasons(rows)) output.note(reason);
  }
  return EXIT.yes;
}

const COLUMNS: readonly Column<CutoverRow>[] = [
  { title: 'domain', cell: (row) => row.domain },
  { title: 'wired', align: 'right', cell: (row) => counted(row.wired.routes, 'route') },
  { title: 'backfilled', align: 'right', cell: backfilledText, tone: backfilledTone },
  {
    title: 'lag',
    align: 'right',
    cell: ({ dualWritten }) =>
      isUnknown(dualWritten) ? 'unknown' : dualWritten.lagMs === null ? 'no drain' : millis(dualWritten.lagMs),
  },
  {
    title: 'gaps',
    align: 'right',
    cell: ({ dualWritten }) => (isUnknown(dualWritten) ? 'unknown' : count(dualWritten.openGaps)),
    tone: ({ dualWritten }) => (isUnknown(dualWritten) || dualWritten.openGaps === 0 ? 'plain' : 'bad'),
  },
  {
    title: 'compared',
    align: 'right',
    cell: ({ shadowRead }) => (isUnknown(shadowRead) ? 'unknown' : count(shadowRead.compared)),
  },
  {
    title: 'mismatch rate',
    cell: ({ shadowRead }) =>
      isUnknown(shadowRead) ? 'unknown' : rateWords(shadowRead.rate, shadowRead.compared, shadowRead.bound, null),
    tone: ({ shadowRead }) => (isUnknown(shadowRead) || shadowRead.mismatches === 0 ? 'plain' : 'bad'),
  },
  {
    title: 'coverage',
    align: 'right',
    cell: ({ shadowRead }) =>
      isUnknown(shadowRead)
        ? 'unknown'
        : `${shadowRead.routes.seen}/${shadowRead.routes.declared} routes, ${counted(shadowRead.shapes, 'shape')}`,
  },
  {
    title: 'gate',
    cell: ({ gate }) => (isUnknown(gate) ? 'unknown' : gate.outcome),
    tone: ({ gate }) => (isUnknown(gate) ? 'dim' : gateTone(gate.outcome)),
  },
  {
    title: 'stage',
    cell: ({ stage }) =>
      stage.stage === 'flipped' && stage.percent < 100 ? `flipped ${stage.percent} %` : stage.stage,
  },
];

function backfilledText({ backfilled }: CutoverRow): string {
  if (isUnknown(backfilled)) return 'unknown';
  if (backfilled.models === 0) return 'no data of its own';
  const of = backfilled.documents === null ? '?' : count(backfilled.documents);
  const rejects = backfilled.rejects === 0 ? '' : `, ${counted(backfilled.rejects, 'reject')}`;
  return `${count(backfilled.rows)}/${of}${rejects}${backfilled.complete ? '' : ', not complete'}`;
}

function backfilledTone({ backfilled }: CutoverRow): Tone {
  if (isUnknown(backfilled)) return 'dim';
  return backfilled.complete && backfilled.rejects === 0 ? 'plain' : 'warn';
}

function gateTone(outcome: string): Tone {
  return outcome === 'pass' ? 'good' : outcome === 'fail' ? 'bad' : 'warn';
}

/** Each reason once, whatever the number of domains. */
function reasons(rows: readonly CutoverRow[]): readonly string[] {
  const why = new Set<string>();
  for (const row of rows) {
    if (isUnknown(row.backfilled)) why.add(`backfilled unknown: ${row.backfilled.unknown}`);
    else if (row.backfilled.documents === null) why.add('documents unknown: MONGODB_URI is not set');
    if (isUnknown(row.dualWritten)) why.add(`lag and gaps unknown: ${row.dualWritten.unknown}`);
    if (isUnknown(row.shadowRead)) why.add(`shadow reads unknown: ${row.shadowRead.unknown}`);
  }
  return [...why];
}
