/** Changes of a fault by people and repairs; the audit trail records who and why. */
import type postgres from 'postgres';
import { ShadowError } from '../errors.ts';
import type { JsonValue } from '../types.ts';
import { acknowledgementOf } from './acknowledgement.ts';
import { type FaultRow, fault } from './read/faults.ts';
import { wholeId } from './read/ids.ts';
import { iso } from './read/rows.ts';
import { clean } from './text.ts';

export type FaultPatch =
  /** Known and put off until then (epoch ms). */
  | { readonly state: 'acknowledged'; readonly owner: string; readonly reason: string; readonly expiresAt: number }
  | { readonly state: 'open'; readonly reason?: string }
  /** Put right: a read that comes in later and shows it makes it `returned`. */
  | { readonly state: 'repaired'; readonly reason?: string };

/** Gives the fault before and after. @throws ShadowError SHADOW_NOT_FOUND, SHADOW_USAGE, SHADOW_REFUSED */
export async function patchFault(
  tx: postgres.ISql,
  given: string,
  patch: FaultPatch,
  who: string,
): Promise<{ readonly before: FaultRow; readonly after: FaultRow }> {
  const id = (await wholeId(tx, 'fault', given)) ?? given;
  await tx`select 1 from shadowread.faults where fault = ${id} for update`;
  const before = await fault(tx, id);
  if (before === null) {
    throw new ShadowError('SHADOW_NOT_FOUND', 'there is no such fault', {
      expected: 'an id of `shadowread faults`, or a beginning of one that no other has',
      actual: id,
    });
  }
  if (before.others && patch.state !== 'open') {
    throw new ShadowError(
      'SHADOW_REFUSED',
      'a row that stands for many faults can be neither acknowledged nor repaired',
      {
        expected: 'one fault, not the row of all further ones; repair the cause of so many',
        actual: `all further ones of ${before.domain}`,
      },
    );
  }
  const acknowledged = patch.state === 'acknowledged' ? acknowledgementOf(patch) : null;
  await tx`
    update shadowread.faults set state = ${patch.state},
      owner = ${acknowledged === null ? null : clean(acknowledged.owner, 200)},
      reason = ${patch.reason === undefined ? null : clean(patch.reason, 2_000)},
      expires_at = ${acknowledged === null ? null : iso(acknowledged.expiresAt)},
      repaired_at = case when ${patch.state} = 'repaired' then clock_timestamp() else null end,
      updated_by = ${who}, updated_at = clock_timestamp()
    where fault = ${id}`;
  const after = await fault(tx, id);
  if (after === null) throw new ShadowError('SHADOW_INTERNAL', 'the fault vanished');
  return { before, after };
}

/** What the audit trail keeps of it. */
export function shownFault({ state, owner, reason, expiresAt }: FaultRow): JsonValue {
  return { state, owner, reason, expiresAt };
}
