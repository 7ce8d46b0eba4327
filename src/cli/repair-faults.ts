/** What the journal has to do with repairs: which rows open faults blame, and that one is repaired now. */
import { EXIT, ShadowError } from '../errors.ts';
import type { FaultRow } from '../journal/read/faults.ts';
import { openReader } from '../journal/reader.ts';
import { openWriter } from '../journal/writer.ts';
import type { KnownRow } from '../migration/repair/many.ts';
import type { Repair } from '../migration/repair/repair.ts';

export interface RepairDesk {
  /** `collection/id` of the row that a fault blames. @throws ShadowError SHADOW_NOT_FOUND, SHADOW_REFUSED where it blames none */
  rowOf(fault: string): Promise<string>;
  /** The rows that faults blame which nobody has repaired. */
  rows(): Promise<readonly KnownRow[]>;
  /** Keeps a change in the audit trail. */
  onChange(repair: Repair): Promise<void>;
  /** Calls the faults of this row repaired; a read that comes in later and shows one makes it `returned`. Gives their ids. */
  settle(repair: Repair): Promise<readonly string[]>;
  close(): Promise<void>;
}

export function openRepairDesk(url: string, who: string, reason: string | undefined): RepairDesk {
  const reader = openReader({ url });
  const writer = openWriter({ url });
  const said = reason === undefined ? {} : { reason };
  let known: Promise<readonly FaultRow[]> | undefined;
  const unrepaired = (): Promise<readonly FaultRow[]> => {
    known ??= readUnrepaired(reader);
    return known;
  };
  return {
    async rowOf(id) {
      const fault = await reader.fault(id);
      if (fault === null) {
        throw new ShadowError('SHADOW_NOT_FOUND', 'there is no such fault', {
          expected: 'an id of `shadowread faults`, a beginning of one that no other has, or collection/id',
          actual: id,
          exit: EXIT.no,
        });
      }
      if (fault.collection === null || fault.entity === null) {
        throw new ShadowError('SHADOW_REFUSED', 'no row is to blame for this fault', {
          expected: 'a fault of a row; what the rows do not explain is repaired in the code of the twin',
          actual: `${fault.cause}${fault.route === null ? '' : ` on ${fault.route}`}`,
          exit: EXIT.no,
        });
      }
      return `${fault.collection}/${fault.entity}`;
    },
    async rows() {
      return (await unrepaired()).flatMap(({ collection, entity, cause }) =>
        collection === null || entity === null ? [] : [{ collection, mongoId: entity, cause }],
      );
    },
    onChange: ({ collection, mongoId, found, action, result, fields, revision }) =>
      writer.note({
        who,
        what: 'repair',
        subject: `${collection}/${mongoId}`,
        before: { found, fields: [...fields] },
        after: { action, result, revision },
        ...said,
      }),
    async settle({ collection, mongoId }) {
      const mine = (await unrepaired()).filter((fault) => fault.collection === collection && fault.entity === mongoId);
      for (const { id } of mine) await writer.patchFault(id, { state: 'repaired', ...said }, who);
      return mine.map(({ id }) => id);
    },
    async close() {
      await Promise.all([reader.close(), writer.close()]);
    },
  };
}

async function readUnrepaired(reader: ReturnType<typeof openReader>): Promise<readonly FaultRow[]> {
  const found: FaultRow[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof reader.faults>> = await reader.faults({
      ...(after === null ? {} : { after }),
      limit: 1_000,
    });
    found.push(...page.rows.filter(({ state, others }) => state !== 'repaired' && !others));
    after = page.next;
  } while (after !== null);
  return found;
}
