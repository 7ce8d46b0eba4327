/** `shadowread repair (<fault> | <collection/id> | --all)`: rows made again from their documents. */
import { domainsOf } from '../api/module.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { REPAIR_CAUSES, type RepairCause, repairMany, rowsToRepair, unverified } from '../migration/repair/many.ts';
import type { Repair, RepairOptions } from '../migration/repair/repair.ts';
import { repairRow } from '../migration/repair/row.ts';
import { targetOf } from '../migration/repair/target.ts';
import {
  configOf,
  flagOption,
  isJson,
  listOption,
  numberOption,
  type Options,
  requireDomain,
  textOption,
} from './options.ts';
import { type Column, createOutput, type Output, paint, type Tone, table, thousands } from './output.ts';
import { openRepairDesk, type RepairDesk } from './repair-faults.ts';
import { type Stores, withStores } from './stores.ts';
import { whoActs } from './who.ts';

const RATE = 50;
/** Rows that a table shows; JSON has all. */
const SHOWN = 20;

/**
 * Exit 0 where each row is as its document now, or would be after a dry run; 1 where one was refused or still differs;
 * 2 where `--all` was stopped, or does not know the rows.
 */
export async function repair(args: readonly string[], options: Options): Promise<ExitStatus> {
  const all = flagOption(options, 'all');
  const [written] = args;
  if (all === (written !== undefined)) {
    throw new ShadowError('SHADOW_USAGE', 'repair is told one row, or --all', {
      expected: 'a fault, collection/id, or --all',
      actual: all ? `--all and ${written}` : 'neither',
      example: 'shadowread repair --all --cause data_drift --dry-run',
    });
  }
  const narrowed = ['cause', 'domain'].filter((name) => listOption(options, name).length > 0);
  if (!all && narrowed.length > 0) {
    throw new ShadowError('SHADOW_USAGE', `--${narrowed[0]} chooses among the rows of --all`, {
      expected: '--all with it',
      actual: String(written),
    });
  }
  const output = createOutput(isJson(options));
  return withStores(options, async (stores) => {
    const desk = deskOf(options);
    try {
      const given = {
        ...stores,
        dryRun: flagOption(options, 'dryRun'),
        deleteGone: flagOption(options, 'delete'),
        ...(desk === null ? {} : { onChange: desk.onChange }),
      };
      if (written === undefined) return await repairAll(given, desk, options, output);
      const done = await repairRow(given, await targetOf(stores.sql, stores.mappings, await rowNamed(desk, written)));
      const faults = given.dryRun ? [] : await settled(desk, done);
      if (output.json) output.document({ ...done, faults });
      else printOne(done, output);
      if (faults.length > 0) output.note(`faults repaired by that: ${faults.join(', ')}`);
      return isGood(done) ? EXIT.yes : EXIT.no;
    } finally {
      await desk?.close();
    }
  });
}

const isGood = ({ result }: Repair): boolean => result === 'agrees' || result === 'repaired' || result === 'planned';

async function repairAll(
  given: Stores & RepairOptions,
  desk: RepairDesk | null,
  options: Options,
  output: Output,
): Promise<ExitStatus> {
  const domains = listOption(options, 'domain');
  for (const domain of domains) requireDomain(domain, domainsOf(given.mappings));
  const mappings = given.mappings.filter(({ domain }) => domains.length === 0 || domains.includes(domain));
  const asked = REPAIR_CAUSES.filter((cause) => listOption(options, 'cause').includes(cause));
  const causes: readonly RepairCause[] = asked.length === 0 ? REPAIR_CAUSES : asked;
  // With a journal, faults say what is wrong, whether or not all was verified.
  const unknown =
    desk === null && causes.some((cause) => cause !== 'known_gap') ? await unverified(given.sql, mappings) : [];
  const targets = await rowsToRepair(given.sql, mappings, causes, (await desk?.rows()) ?? []);
  const faults: string[] = [];
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const repairs = await repairMany(
    {
      ...given,
      rate: numberOption(options, 'rate') ?? RATE,
      signal: stopping.signal,
      onProgress: (done, total) => output.progress(`${thousands(done)} of ${thousands(total)} rows`),
      onRepair: async (done) => {
        if (given.dryRun !== true) faults.push(...(await settled(desk, done)));
      },
    },
    targets,
  );
  process.off('SIGINT', stop).off('SIGTERM', stop);
  const left = targets.length - repairs.length;
  if (output.json) output.document({ dryRun: given.dryRun === true, left, unverified: unknown, faults, repairs });
  else printAll(repairs, { left, unknown }, output);
  if (faults.length > 0) output.note(`${thousands(faults.length)} faults repaired by that`);
  if (repairs.some((done) => !isGood(done))) return EXIT.no;
  return left > 0 || unknown.length > 0 ? EXIT.undecided : EXIT.yes;
}

/** Where a journal is configured: each change is kept in its audit trail before it is committed, and faults are repaired. */
function deskOf(options: Options): RepairDesk | null {
  const { url } = configOf(options).config.journal;
  return url === undefined ? null : openRepairDesk(url, whoActs(options), textOption(options, 'reason'));
}

/** The ids of the faults that are repaired by that. */
async function settled(desk: RepairDesk | null, done: Repair): Promise<readonly string[]> {
  return desk !== null && (done.result === 'repaired' || done.result === 'agrees') ? desk.settle(done) : [];
}

async function rowNamed(desk: RepairDesk | null, written: string): Promise<string> {
  return desk === null || written.includes('/') ? written : desk.rowOf(written);
}

const DONE = { none: 'nothing was to be done', insert: 'inserted', update: 'updated', delete: 'deleted' } as const;
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

function printOne(done: Repair, output: Output): void {
  output.line(`${done.collection}/${done.mongoId}: ${paint(TONES[done.result], done.result)}; ${sentenceOf(done)}`);
  noteOrphans(done, output);
}

function noteOrphans(done: Repair, output: Output): void {
  for (const { path, refersTo, missingId } of done.orphans) {
    output.note(`orphan: ${done.collection}/${done.mongoId} ${path} refers to ${refersTo}/${missingId}, which is gone`);
  }
}

function printAll(
  repairs: readonly Repair[],
  rest: { readonly left: number; readonly unknown: readonly string[] },
  output: Output,
): void {
  const changed = repairs.filter(({ result }) => result !== 'agrees');
  // What is left to do is what the reader came for.
  const rows = [...changed.filter((done) => !isGood(done)), ...changed.filter(isGood)];
  if (rows.length > 0) output.line(table(COLUMNS, rows.slice(0, SHOWN)));
  if (rows.length > SHOWN) output.note(`${thousands(rows.length - SHOWN)} more; --json has all`);
  for (const done of rows.slice(0, SHOWN)) noteOrphans(done, output);
  const count = (result: Repair['result']): number => repairs.filter((done) => done.result === result).length;
  const counts = (['repaired', 'planned', 'agrees', 'differs', 'refused'] as const)
    .filter((result) => count(result) > 0)
    .map((result) => `${thousands(count(result))} ${result}`);
  output.line(counts.length === 0 ? 'No row is known to need a repair.' : counts.join(', '));
  if (rest.left > 0) output.note(`stopped; ${thousands(rest.left)} rows are left for the next run`);
  if (rest.unknown.length > 0) {
    output.note(
      `not verified yet, so that nothing is known of their rows: ${rest.unknown.join(', ')} (shadowread verify)`,
    );
  }
}

const COLUMNS: readonly Column<Repair>[] = [
  { title: 'row', cell: (done) => `${done.collection}/${done.mongoId}` },
  { title: 'found', cell: (done) => done.found },
  { title: 'result', cell: (done) => done.result, tone: (done) => TONES[done.result] },
  { title: '', cell: sentenceOf },
];
