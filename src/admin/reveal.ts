/** POST /api/mismatches/:id/reveal: the sealed answers of one mismatch, opened for one person, with a reason. */
import { z } from 'zod';
import { ShadowError } from '../errors.ts';
import type { AdminContext } from './context.ts';
import { type Endpoint, endpoint, NO_INPUT } from './endpoint.ts';
import { anyId, prose } from './input.ts';
import { requireJournal } from './journal.ts';

/** Shorter ones are no reasons. */
const LEAST_REASON = 3;

export function revealEndpoints(context: AdminContext): readonly Endpoint[] {
  return [
    endpoint({
      ...NO_INPUT,
      method: 'post',
      path: '/mismatches/:id/reveal',
      what: 'Opens the sealed answers of a mismatch, without secrets. It needs evidence.reveal, the reveal token, and a reason for the audit trail.',
      params: z.strictObject({ id: anyId }),
      body: z.strictObject(
        { reason: prose(500).refine((text) => text.length >= LEAST_REASON, { error: 'expected a reason in words' }) },
        { error: 'expected a reason' },
      ),
      example: '{"reason":"ticket 4711: wrong total"}',
      async answer({ params: { id }, body: { reason }, who }, { response }) {
        if (!context.config.evidence.reveal) {
          throw new ShadowError('SHADOW_REFUSED', 'sealed answers are not opened', {
            expected: 'evidence.reveal: true',
            actual: 'evidence.reveal: false',
          });
        }
        const { reader, writer } = requireJournal(context);
        const found = await reader.mismatch(id);
        if (found === null) {
          throw new ShadowError('SHADOW_NOT_FOUND', 'there is no such mismatch', { actual: id.slice(0, 80) });
        }
        const sealed = found.hasEvidence ? await reader.sealedEvidence(found.id) : null;
        if (sealed === null) {
          throw new ShadowError('SHADOW_KEY', 'nothing was kept that could be opened', {
            expected: 'evidence sealed with evidence.keyFile, within evidence.ttlHours',
            actual: 'none for this mismatch',
          });
        }
        const rounds = context.openedAnswers(sealed.evidence, found.verdict);
        // First the trail, then the values: what cannot be written down is not shown.
        await writer.note({ who, what: 'reveal', subject: `mismatch ${found.id}`, before: null, after: null, reason });
        response.set('Cache-Control', 'no-store');
        return { id: found.id, who, reason, rounds };
      },
    }),
  ];
}
