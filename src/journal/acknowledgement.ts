import { ShadowError } from '../errors.ts';

/** Who answers for something known, why, and until when (epoch ms). */
export interface Acknowledgement {
  readonly owner: string;
  readonly reason: string;
  readonly expiresAt: number;
}

/** The same. @throws ShadowError SHADOW_USAGE where somebody, a reason or a future end is lacking */
export function acknowledgementOf<Given extends Acknowledgement>(given: Given): Given {
  if (given.owner.trim() !== '' && given.reason.trim() !== '' && given.expiresAt > Date.now()) return given;
  throw new ShadowError('SHADOW_USAGE', 'an acknowledgement needs someone who answers for it', {
    expected: 'an owner, a reason and an expiry in the future',
    example:
      '{"state":"acknowledged","owner":"ada","reason":"rounding before 2019","expiresAt":"2026-07-01T00:00:00Z"}',
  });
}
