/**
 * `shadowread repair (<fault> | <collection/id> | --all)`: rows made again from their documents, and the reads that showed
 * their faults asked again.
 */

import { domainsOf } from '../api/module.ts';
import { agree, count, counted } from '../base/figure-words.ts';
import { EXIT, type ExitStatus, ShadowError } from '../errors.ts';
import { REPAIR_CAUSES, type RepairCause, repairMany, rowsToRepair, unverified } from '../migration/repair/many.ts';
import type { Repair, RepairOptions } from '../migration/repair/repair.ts';
import { repairRow } from '../migration/repair/row.ts';
import { targetOf } from '../migration/repair/target.ts';
import type { FaultDesk, SettledFault } from '../service/fault-desk.ts';
import { flagOption, isJson, listOption, numberOption, type Options, requireDomain } from './options.ts';
import { createOutput, type Output } from './output.ts';
import { withFaultDesk } from './repair-desk.ts';
import { documentOf, isGone, isGood, printAll, printOne, printRechecked } from './repair-report.ts';
import { onStopSignal } from './stop-signals.ts';
import { type Stores, withStores } from './stores.ts';

const RATE = 50;

/**
 * Exit 0 where each row is as its document now, or would be after a dry run; 1 where one was refused or still differs;
 * 2 where `--all` was stopped, or does not know the rows.
 */
export async function repair(args: readonly string[], options: Options): Promise<ExitStatus> {
  const all = flagOption(options, 'all');
  const [written] = args;
  if (all === (written !== undefined)) {
    throw new ShadowError('SHADOW_USAGE', 'repair needs one row, or --all', {
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
  return withStores(options, (stores) =>
    withFaultDesk(options, async (desk) => {
      const given = {
        ...stores,
        dryRun: flagOption(options, 'dryRun'),
        deleteGone: flagOption(options, 'delete'),
        ...(desk === null ? {} : { onChange: desk.onChange }),
      };
      if (written === undefined) return repairAll(given, desk, options, output);
      const done = await repairRow(given, await targetOf(stores.sql, stores.mappings, await rowNamed(desk, written)));
      const faults = await settled(given, desk, [done], output);
      if (output.json) output.document({ ...done, ...documentOf(faults) });
      else {
        printOne(done, output);
        printRechecked(faults, output);
      }
      return isGood(done) && faults.every(isGone) ? EXIT.yes : EXIT.no;
    }),
  );
}

async function repairAll(
  given: Stores & RepairOptions,
  desk: FaultDesk | null,
  options: Options,
  output: Output,
): Promise<ExitStatus> {
  const domains = listOption(options, 'domain');
  for (const domain of domains) requireDomain(domain, domainsOf(given.mappings));
  const mappings = given.mappings.filter(({ domain }) => domains.length === 0 || domains.includes(domain));
  const wanted = REPAIR_CAUSES.filter((cause) => listOption(options, 'cause').includes(cause));
  const causes: readonly RepairCause[] = wanted.length === 0 ? REPAIR_CAUSES : wanted;
  // With a journal, faults say what is wrong, whether or not all was verified.
  const unknown =
    desk === null && causes.some((cause) => cause !== 'known_gap') ? await unverified(given.sql, mappings) : [];
  const targets = await rowsToRepair(given.sql, mappings, causes, (await desk?.rows()) ?? []);
  const stopping = new AbortController();
  const listened = onStopSignal(() => stopping.abort());
  const repairs = await repairMany(
    {
      ...given,
      rate: numberOption(options, 'rate') ?? RATE,
      signal: stopping.signal,
      onProgress: (done, total) => output.progress(`${count(done)} of ${counted(total, 'row')}`),
    },
    targets,
  );
  listened();
  const faults = await settled(given, desk, repairs, output);
  const left = targets.length - repairs.length;
  if (output.json) {
    output.document({ dryRun: given.dryRun === true, left, unverified: unknown, ...documentOf(faults), repairs });
  } else {
    printAll(repairs, { left, unknown }, output);
    printRechecked(faults, output);
  }
  if (!repairs.every(isGood) || !faults.every(isGone)) return EXIT.no;
  return left > 0 || unknown.length > 0 ? EXIT.undecided : EXIT.yes;
}

/** What the reads say that showed faults of the rows that are as their documents now; nothing after a dry run. */
async function settled(
  { dryRun }: RepairOptions,
  desk: FaultDesk | null,
  repairs: readonly Repair[],
  output: Output,
): Promise<readonly SettledFault[]> {
  if (desk === null || dryRun === true) return [];
  const rows = repairs.filter(({ result }) => result === 'repaired' || result === 'agrees');
  return desk.settle(rows, (done, total) =>
    output.progress(
      `${count(done)} of ${counted(total, 'fault')}: the reads that showed ${agree(total, 'it', 'them')} are asked again`,
    ),
  );
}

async function rowNamed(desk: FaultDesk | null, written: string): Promise<string> {
  return desk === null || written.includes('/') ? written : desk.rowOf(written);
}
