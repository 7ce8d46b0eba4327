/** Changes of a fault by people and repairs; the audit trail records who and why. */
import type postgres from 'postgres';
import { ShadowError } from '../errors.ts';
import type { JsonValue } from '../types.ts';
import { acknowledgementOf } from './acknowledgement.ts';
import { nextFaultState } from './fault-states.ts';
import { type FaultRow, fault } from './read/faults.ts';
import { wholeId } from './read/ids.ts';
import { iso } from './read/rows.ts';
import { clean } from './text.ts';

export type FaultPatch =
  /** Known and put off until then (epoch ms). */
  | { readonly state: 'acknowledged'; readonly owner: string; readonly reason: string; readonly expiresAt: number }
  | { readonly state: 'open'; readonly reason?: string }
  /** Repaired: a read that is asked later and shows it makes it `returned`. */
  | { readonly state: 'repaired'; readonly reason?: string };

/** What the rechecked reads of a fault said. */
export interface FaultReading {
  readonly found: 'shown' | 'gone';
  readonly reason?: string;
  /** How long ago the first of them was read, ms; a duration, since the clocks of two machines differ. */
  readonly readMsAgo: number;
}

export interface MovedFault {
  readonly before: FaultRow;
  readonly after: FaultRow;
}

const EVENTS = { acknowledged: 'acknowledge', open: 'open', repaired: 'repair' } as const;

/** A person's word. @throws ShadowError SHADOW_NOT_FOUND, SHADOW_USAGE, SHADOW_REFUSED */
export async function patchFault(
  tx: postgres.ISql,
  given: string,
  patch: FaultPatch,
  who: string,
): Promise<MovedFault> {
  const before = await heldFault(tx, given);
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
  const state = nextFaultState(before.state, EVENTS[patch.state]);
  await tx`
    update shadowread.faults set state = ${state},
      owner = ${acknowledged === null ? null : clean(acknowledged.owner, 200)},
      reason = ${patch.reason === undefined ? null : clean(patch.reason, 2_000)},
      expires_at = ${acknowledged === null ? null : iso(acknowledged.expiresAt)},
      repaired_at = case when ${state} = 'repaired' then clock_timestamp() else null end,
      updated_by = ${who}, updated_at = clock_timestamp()
    where fault = ${before.id}`;
  return { before, after: await heldFault(tx, before.id) };
}

/**
 * Moves the fault by what its reads said. A later event counts more: `shown` moves nothing where the fault was repaired
 * after the reads were asked, `gone` nothing where a later read shows it. @throws ShadowError SHADOW_NOT_FOUND
 */
export async function settleFault(
  tx: postgres.ISql,
  given: string,
  { found, reason, readMsAgo }: FaultReading,
  who: string,
): Promise<MovedFault> {
  const before = await heldFault(tx, given);
  const state = nextFaultState(before.state, found);
  // The owner, the reason and the end of an acknowledgement stay with it.
  if (before.others || state === 'acknowledged') return { before, after: before };
  const readAt = tx`clock_timestamp() - ${readMsAgo} * interval '1 ms'`;
  await tx`
    update shadowread.faults set state = ${state}, owner = null, expires_at = null,
      reason = ${reason === undefined ? null : clean(reason, 2_000)},
      repaired_at = ${found === 'gone' ? readAt : tx`repaired_at`}, updated_by = ${who}, updated_at = clock_timestamp()
    where fault = ${before.id}
      and ${found === 'gone' ? tx`last_seen <= ${readAt}` : tx`(repaired_at is null or repaired_at <= ${readAt})`}`;
  return { before, after: await heldFault(tx, before.id) };
}

/** The fault, and nobody else changes it until the transaction ends. */
async function heldFault(tx: postgres.ISql, given: string): Promise<FaultRow> {
  const id = (await wholeId(tx, 'fault', given)) ?? given;
  await tx`select 1 from shadowread.faults where fault = ${id} for update`;
  const row = await fault(tx, id);
  if (row !== null) return row;
  throw new ShadowError('SHADOW_NOT_FOUND', 'there is no such fault', {
    expected: 'an id of `shadowread faults`, or a beginning of one that no other has',
    actual: id,
  });
}

/** What the audit trail keeps of it. */
export function auditedFault({ state, owner, reason, expiresAt }: FaultRow): JsonValue {
  return { state, owner, reason, expiresAt };
}
