/** What `shadowread repair` prints about rows and faults; never their values. */
import { agree, count, counted } from '../base/figure-words.ts';
import { visible } from '../base/plain-text.ts';
import type { Repair } from '../migration/repair/repair.ts';
import type { SettledFault } from '../service/fault-desk.ts';
import { type Column, type Output, paint, type Tone, table } from './output.ts';
import { rechecksSaid } from './recheck.ts';

/** Rows that a table shows; JSON has all. */
const MOST_PRINTED = 20;

export const isGood = ({ result }: Repair): boolean =>
  result === 'agrees' || result === 'repaired' || result === 'planned';

export const isGone = ({ asked }: SettledFault): boolean => asked.every(({ outcome }) => outcome !== 'shows');

/** `faults`: those that are repaired now. `asked`: what each read that showed a fault says now. */
export const documentOf = (faults: readonly SettledFault[]) => ({
  faults: faults.filter(({ state }) => state === 'repaired').map(({ id }) => id),
  asked: faults,
});

/** Faults that some read still shows, with those reads; a line for the rest. */
export function printRechecked(faults: readonly SettledFault[], output: Output): void {
  const open = faults.filter((fault) => !isGone(fault));
  for (const { id, state, asked: reads } of open.slice(0, MOST_PRINTED)) {
    output.line(`${id}: ${paint('bad', `still ${state}`)}`);
    for (const line of rechecksSaid(reads)) output.line(line);
  }
  const repaired = faults.length - open.length;
  if (repaired === 0) return;
  const reads = faults.flatMap((fault) => fault.asked).filter(({ outcome }) => outcome === 'gone').length;
  const why = faults.flatMap((fault) => fault.asked).find(({ outcome }) => outcome === 'not_asked')?.why;
  const told =
    reads === 0
      ? `none of ${agree(repaired, 'its', 'their')} reads could be asked again, so that the next ones will say${why === undefined ? '' : visible(` (${why})`)}`
      : `${count(reads)} of the reads that showed ${agree(repaired, 'it', 'them')} ${agree(reads, 'was', 'were')} asked again and no longer ${agree(reads, 'shows', 'show')} ${agree(repaired, 'it', 'them')}`;
  output.line(`${counted(repaired, 'fault is', 'faults are')} repaired; ${told}`);
}

const DONE = { none: 'nothing to do', insert: 'inserted', update: 'updated', delete: 'deleted' } as const;
const TONES: Readonly<Record<Repair['result'], Tone>> = {
  agrees: 'good',
  repaired: 'good',
  planned: 'plain',
  differs: 'bad',
  refused: 'bad',
};

/** What became of one row, in a sentence. */
function sentenceOf(done: Repair): string {
  const fields = done.fields.join(' ');
  const from = done.revision === null ? '' : ` from revision ${done.revision} of the document`;
  switch (done.result) {
    case 'agrees':
      return 'the row is as its document';
    case 'repaired':
      return `${DONE[done.action]}${from}${fields === '' ? '' : `: ${fields}`}`;
    case 'planned':
      return `would be ${DONE[done.action]}${from}${fields === '' ? '' : `: ${fields}`}`;
    case 'differs':
      return `${DONE[done.action]}${from}, and still differs: ${fields}`;
    case 'refused':
      return done.reason ?? 'refused';
  }
}

export function printOne(done: Repair, output: Output): void {
  output.line(
    `${visible(`${done.collection}/${done.mongoId}`)}: ${paint(TONES[done.result], done.result)}; ${visible(sentenceOf(done))}`,
  );
  noteOrphans(done, output);
}

function noteOrphans(done: Repair, output: Output): void {
  for (const { path, refersTo, missingId } of done.orphans) {
    output.note(
      visible(`orphan: ${done.collection}/${done.mongoId} ${path} refers to ${refersTo}/${missingId}, which is gone`),
    );
  }
}

export function printAll(
  repairs: readonly Repair[],
  rest: { readonly left: number; readonly unknown: readonly string[] },
  output: Output,
): void {
  const changed = repairs.filter(({ result }) => result !== 'agrees');
  // What is left to do is what the reader came for.
  const rows = [...changed.filter((done) => !isGood(done)), ...changed.filter(isGood)];
  if (rows.length > 0) output.line(table(COLUMNS, rows.slice(0, MOST_PRINTED)));
  if (rows.length > MOST_PRINTED) output.note(`${count(rows.length - MOST_PRINTED)} more; --json has all`);
  for (const done of rows.slice(0, MOST_PRINTED)) noteOrphans(done, output);
  const times = (result: Repair['result']): number => repairs.filter((done) => done.result === result).length;
  const counts = (['repaired', 'planned', 'agrees', 'differs', 'refused'] as const)
    .filter((result) => times(result) > 0)
    .map((result) => `${count(times(result))} ${result}`);
  output.line(counts.length === 0 ? 'No row is known to need a repair.' : counts.join(', '));
  if (rest.left > 0) output.note(`stopped; ${counted(rest.left, 'row is', 'rows are')} left for the next run`);
  if (rest.unknown.length > 0) {
    output.note(
      `not verified yet, so wrong rows there are not known: ${rest.unknown.join(', ')} (run shadowread verify)`,
    );
  }
}

const COLUMNS: readonly Column<Repair>[] = [
  { title: 'row', cell: (done) => `${done.collection}/${done.mongoId}` },
  { title: 'found', cell: (done) => done.found },
  { title: 'result', cell: (done) => done.result, tone: (done) => TONES[done.result] },
  { title: '', cell: sentenceOf },
];
