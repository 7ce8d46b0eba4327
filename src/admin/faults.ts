/** GET /api/faults, GET and PATCH /api/faults/:id: what an engineer repairs. */
import { z } from 'zod';
import { faultName, faultSentence } from '../base/fault-words.ts';
import { ShadowError } from '../errors.ts';
import { FAULT_STATES, type FaultRow } from '../journal/read/faults.ts';
import type { AdminContext } from './context.ts';
import { type Endpoint, endpoint, NO_INPUT } from './endpoint.ts';
import { anyId, cause, domainName, instant, limit, prose } from './input.ts';
import { requireJournal } from './journal.ts';

const reason = prose(300);

const patch = z.discriminatedUnion(
  'state',
  [
    z.strictObject({ state: z.literal('acknowledged'), owner: prose(80), reason, expiresAt: instant }),
    z.strictObject({ state: z.literal('open'), reason: reason.optional() }),
    z.strictObject({ state: z.literal('repaired'), reason: reason.optional() }),
  ],
  { error: 'expected open, repaired, or acknowledged with owner, reason and expiresAt' },
);

const params = z.strictObject({ id: anyId });

export function faultEndpoints(context: AdminContext): readonly Endpoint[] {
  return [
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/faults',
      what: 'what is wrong in the data or the twin, one row a fault, those that nobody answers for first; `after` is the id of the last one of the page before',
      query: z.strictObject({
        domain: domainName.optional(),
        state: z.enum(FAULT_STATES, { error: `expected one of ${FAULT_STATES.join(', ')}` }).optional(),
        cause: cause.optional(),
        after: anyId.optional(),
        limit: limit.default(200),
      }),
      async answer({ query: { domain, state, cause: wanted, after, limit: most } }) {
        const { rows, next } = await requireJournal(context).reader.faults({
          ...(domain === undefined ? {} : { domain }),
          ...(state === undefined ? {} : { state }),
          ...(wanted === undefined ? {} : { cause: wanted }),
          ...(after === undefined ? {} : { after }),
          limit: most,
        });
        return { faults: rows.map(inWords), next };
      },
    }),
    endpoint({
      ...NO_INPUT,
      method: 'get',
      path: '/faults/:id',
      what: 'one fault',
      params,
      async answer({ params: { id } }) {
        const row = await requireJournal(context).reader.fault(id);
        if (row !== null) return inWords(row);
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
      what: 'acknowledges a fault, says that it is repaired, or opens it again',
      params,
      body: patch,
      example:
        '{"state":"acknowledged","owner":"ada","reason":"rounding before 2019","expiresAt":"2026-12-31T00:00:00Z"}',
      async answer({ params: { id }, body, who }) {
        const change =
          body.state === 'acknowledged'
            ? body
            : { state: body.state, ...(body.reason === undefined ? {} : { reason: body.reason }) };
        const row = await requireJournal(context).writer.patchFault(id, change, who);
        context.changed('faults');
        return inWords(row);
      },
    }),
  ];
}

const inWords = (row: FaultRow) => ({ ...row, name: faultName(row), sentence: faultSentence(row) });
