import { ShadowError } from '../errors.ts';

/** Who owns a known fault or fingerprint, why it is accepted, and until when (epoch ms). */
export interface Acknowledgement {
  readonly owner: string;
  readonly reason: string;
  readonly expiresAt: number;
}

/** Returns `given`. @throws ShadowError SHADOW_USAGE if the owner, the reason or an expiry in the future is missing */
export function acknowledgementOf<Given extends Acknowledgement>(given: Given): Given {
  if (given.owner.trim() !== '' && given.reason.trim() !== '' && given.expiresAt > Date.now()) return given;
  throw new ShadowError('SHADOW_USAGE', 'an acknowledgement needs an owner, a reason and an expiry', {
    expected: 'an owner, a reason and an expiry in the future',
    example:
      '{"state":"acknowledged","owner":"ada","reason":"rounding before 2019","expiresAt":"2026-07-01T00:00:00Z"}',
  });
}
