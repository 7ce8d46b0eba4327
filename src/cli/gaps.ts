/** `shadowread gaps`: writes that reached MongoDB and not Postgres. */
import { count, counted } from '../base/figure-words.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import { type Gap, openGaps, repairGaps } from '../migration/gaps.ts';
import { flagOption, isJson, type Options } from './options.ts';
import { ago, createOutput, table } from './output.ts';
import { withStores } from './stores.ts';

/** Gaps that are printed; JSON has all. */
const MOST_PRINTED = 20;

/** Exit 0 where no gap is open, 1 where some are; with `--repair` after trying each again. */
export async function gaps(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const output = createOutput(isJson(options));
  return withStores(options, async (stores) => {
    const repaired = flagOption(options, 'repair') ? await repairGaps(stores) : null;
    const open = await openGaps(stores.sql);
    if (output.json) output.document({ repaired: repaired?.repaired ?? null, open });
    else {
      if (repaired !== null) output.line(`${counted(repaired.repaired, 'gap')} repaired`);
      if (open.length === 0) output.line('No gap is open.');
      else output.line(table(GAP_COLUMNS, open.slice(0, MOST_PRINTED)));
      if (open.length > MOST_PRINTED) output.note(`${count(open.length - MOST_PRINTED)} more; --json has all`);
    }
    return open.length === 0 ? EXIT.yes : EXIT.no;
  });
}

const GAP_COLUMNS = [
  { title: 'collection', cell: (gap: Gap) => gap.collection },
  { title: 'document', cell: (gap: Gap) => gap.mongoId },
  { title: 'in', cell: (gap: Gap) => gap.operation },
  { title: 'tries', align: 'right', cell: (gap: Gap) => String(gap.attempts) },
  { title: 'last tried', cell: (gap: Gap) => ago(gap.at.getTime()) },
  { title: 'reason', cell: (gap: Gap) => gap.error },
] as const;
