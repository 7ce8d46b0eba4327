/** `shadowread repair (<collection/id> | --all)`: rows made again from their documents. */
import { domainsOf } from '../api/module.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { openWriter } from '../journal/writer.ts';
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
      expected: 'collection/id, or --all',
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
    const audit = auditOf(options);
    try {
      const given = {
        ...stores,
        dryRun: flagOption(options, 'dryRun'),
        deleteGone: flagOption(options, 'delete'),
        ...(audit === null ? {} : { onChange: audit.onChange }),
      };
      if (written === undefined) return await repairAll(given, options, output);
      const done = await repairRow(given, await targetOf(stores.sql, stores.mappings, written));
      if (output.json) output.document(done);
      else printOne(done, output);
      return isGood(done) ? EXIT.yes : EXIT.no;
    } finally {
      await audit?.close();
    }
  });
}

const isGood = ({ result }: Repair): boolean => result === 'agrees' || result === 'repaired' || result === 'planned';

async function repairAll(given: Stores & RepairOptions, options: Options, output: Output): Promise<ExitStatus> {
  const domains = listOption(options, 'domain');
  for (const domain of domains) requireDomain(domain, domainsOf(given.mappings));
  const mappings = given.mappings.filter(({ domain }) => domains.length === 0 || domains.includes(domain));
  const asked = REPAIR_CAUSES.filter((cause) => listOption(options, 'cause').includes(cause));
  const causes: readonly RepairCause[] = asked.length === 0 ? REPAIR_CAUSES : asked;
  const unknown = causes.some((cause) => cause !== 'known_gap') ? await unverified(given.sql, mappings) : [];
  const targets = await rowsToRepair(given.sql, mappings, causes);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const repairs = await repairMany(
    {
      ...given,
      rate: numberOption(options, 'rate') ?? RATE,
      signal: stopping.signal,
      onProgress: (done, total) => output.progress(`${thousands(done)} of ${thousands(total)} rows`),
    },
    targets,
  );
  process.off('SIGINT', stop).off('SIGTERM', stop);
  const left = targets.length - repairs.length;
  if (output.json) output.document({ dryRun: given.dryRun === true, left, unverified: unknown, repairs });
  else printAll(repairs, { left, unknown }, output);
  if (repairs.some((done) => !isGood(done))) return EXIT.no;
  return left > 0 || unknown.length > 0 ? EXIT.undecided : EXIT.yes;
}

interface Audit {
  readonly onChange: (repair: Repair) => Promise<void>;
  close(): Promise<void>;
}

/** Keeps each change in the journal's audit trail, before it is committed; null where no journal is configured. */
function auditOf(options: Options): Audit | null {
  const { url } = configOf(options).config.journal;
  if (url === undefined) return null;
  const writer = openWriter({ url });
  const reason = textOption(options, 'reason');
  return {
    onChange: ({ collection, mongoId, found, action, result, fields, revision }) =>
      writer.note({
        who: whoActs(options),
        what: 'repair',
        subject: `${collection}/${mongoId}`,
        before: { found, fields: [...fields] },
        after: { action, result, revision },
        ...(reason === undefined ? {} : { reason }),
      }),
    close: () => writer.close(),
  };
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
