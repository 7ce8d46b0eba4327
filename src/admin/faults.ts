/** GET /api/faults, GET and PATCH /api/faults/:id: what an engineer repairs. */
import { z } from 'zod';
import { ShadowError } from '../errors.ts';
import { FAULT_STATES } from '../journal/fault-states.ts';
import type { FaultRow } from '../journal/read/faults.ts';
import { tellFault } from '../journal/told.ts';
import type { AdminContext } from './context.ts';
import { type Endpoint, endpoint, NO_INPUT } from './endpoint.ts';
import { faultView } from './fault-view.ts';
import { anyId, cause, domainName, limit, prose, STATE_CHANGE_EXAMPLE, stateChange } from './input.ts';
import { requireJournal } from './journal.ts';

const reason = prose(300);
const flag = z.boolean({ error: 'expected true or false' });

const repairBody = z.union(
  [
    z.undefined(),
    z.strictObject({
      dryRun: flag.optional(),
      delete: flag.optional(),
      reason: reason.optional(),
    }),
  ],
  { error: 'expected dryRun and delete as true or false, and a reason' },
);

const params = z.strictObject({ id: anyId });

export function faultEndpoints(context: AdminContext): readonly Endpoint[] {
  const view = (row: FaultRow) => faultView(row, context);
  return [
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/faults',
      what: 'Lists what is wrong in the data or the twin, one row per fault; faults without an owner come first. `after` is the `id` of the last row of the previous page.',
      query: z.strictObject({
        domain: domainName.optional(),
        state: z.enum(FAULT_STATES, { error: `expected one of ${FAULT_STATES.join(', ')}` }).optional(),
        cause: cause.optional(),
        after: anyId.optional(),
        limit: limit.default(200),
      }),
      async answer({ query: { domain, state, cause: wanted, after, limit: most } }) {
        const { rows, next, total } = await requireJournal(context).reader.faults({
          ...(domain === undefined ? {} : { domain }),
          ...(state === undefined ? {} : { state }),
          ...(wanted === undefined ? {} : { cause: wanted }),
          ...(after === undefined ? {} : { after }),
          limit: most,
        });
        return { faults: rows.map(view), next, total };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/faults/:id',
      what: 'Shows one fault: what is wrong, since when, and which routes show it. `told` says it in one sentence.',
      params,
      async answer({ params: { id } }) {
        const { reader } = requireJournal(context);
        const row = await reader.fault(id);
        if (row !== null) return { ...view(row), told: await tellFault(row, reader) };
        throw new ShadowError('SHADOW_NOT_FOUND', 'there is no such fault', {
          expected: 'an id of /api/faults, or a beginning of one that no other has',
          actual: id,
        });
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'patch',
      path: '/faults/:id',
      what: 'Acknowledges a fault, marks it as repaired, or opens it again.',
      params,
      body: stateChange('repaired'),
      example: STATE_CHANGE_EXAMPLE,
      async answer({ params: { id }, body, who }) {
        const row = await requireJournal(context).writer.patchFault(id, body, who);
        context.changed('faults');
        return view(row);
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'post',
      path: '/faults/:id/repair',
      what: 'Repairs the row of a fault from its document, then asks again for the reads that showed the fault. It needs repair.enabled.',
      params,
      body: repairBody,
      example: '{"dryRun":true}',
      async answer({ params: { id }, body, who }) {
        const journal = requireJournal(context);
        const wish = { dryRun: body?.dryRun ?? false, deleteGone: body?.delete ?? false, reason: body?.reason, who };
        const done = await context.faultWork.repair(id, wish, journal);
        if (!wish.dryRun) context.changed('faults');
        return done;
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'post',
      path: '/faults/:id/recheck',
      what: 'Asks again for the reads that showed the fault; it is repaired if none of them shows it any more.',
      params,
      async answer({ params: { id }, who }) {
        const rechecked = await context.faultWork.recheck(id, who, requireJournal(context));
        context.changed('faults');
        return rechecked;
      },
    }),
  ];
}
