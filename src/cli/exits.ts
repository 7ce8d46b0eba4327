/** What the exit status of each command means; 64 is wrong usage or config everywhere. */
export interface Exits {
  readonly 0: string;
  readonly 1?: string;
  readonly 2?: string;
}

const SERVING: Exits = { 0: 'it was stopped in order', 1: 'it was stopped at once, by a second signal' };
const PRINTED: Exits = { 0: 'shown' };

export const EXITS: Readonly<Record<string, Exits>> = {
  demo: {
    0: 'every injected fault was found, and nothing else was reported',
    1: 'one was missed, or too much was reported',
  },
  proxy: SERVING,
  sink: SERVING,
  twin: SERVING,
  reference: SERVING,
  backfill: {
    0: 'every document has its row',
    1: 'Postgres refused some documents; each is listed with its reason',
    2: 'it was stopped; the next run continues',
  },
  verify: {
    0: 'all rows agree with their documents, or are known rejects or gaps',
    1: 'rows are missing, too many, different or behind',
    2: 'it was stopped, or some documents changed at every look',
  },
  reconcile: { 0: 'every sum agrees', 1: 'a sum does not agree; its entries are named' },
  drain: { 0: 'every waiting write was applied', 1: 'Postgres refused some writes; `shadowread gaps` lists them' },
  gaps: { 0: 'no gap is open', 1: 'gaps are open' },
  repair: {
    0: 'each row is as its document; with --dry-run, it would be',
    1: 'a row was refused or still differs',
    2: '--all was stopped, or some rows could not be checked',
  },
  status: PRINTED,
  gate: { 0: 'every named domain may flip', 1: 'at least one may not', 2: 'evidence is missing, and none fails' },
  decisions: PRINTED,
  epoch: { 0: 'new evidence has begun' },
  ids: { 0: 'shown, or forgotten', 1: 'there is no pair of this id' },
  flip: { 0: 'the stage is changed', 1: 'the gate does not pass', 2: 'the gate cannot decide' },
  rollback: { 0: 'the primary serves the domain' },
  compare: {
    0: 'all comparisons agree',
    1: 'at least one differs',
    2: 'too few comparisons, or it was stopped; the next run continues',
  },
  report: PRINTED,
  mismatches: PRINTED,
  mismatch: { 0: 'shown', 1: 'there is no such mismatch' },
  faults: PRINTED,
  fault: { 0: 'shown', 1: 'there is no such fault' },
  fingerprints: PRINTED,
  recheck: { 0: 'the sides agree now', 1: 'they still differ', 2: 'nothing was kept, or a side did not answer' },
  replay: { 0: 'every stored pair was compared', 2: 'some could not be opened, or there is no key' },
  watch: { 0: 'it was stopped', 2: 'the admin port does not answer' },
  init: { 0: 'a draft was written', 2: 'the document has no read to draft' },
  learn: { 0: 'a draft was written', 2: 'no read was seen' },
  config: { 0: 'the config is valid' },
  prune: { 0: 'deleted' },
  simulate: { 0: 'measured' },
};

/** The lines of a command's help. */
export function exitText(command: string): string {
  const exits = EXITS[command];
  if (exits === undefined) return '';
  const lines = Object.entries({ ...exits, 64: 'wrong usage or config' });
  return `\nExit status:\n${lines.map(([status, meaning]) => `  ${status.padEnd(2)}  ${meaning}`).join('\n')}`;
}
