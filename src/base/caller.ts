/** Who asks, as far as a data plane can tell: by credentials, in memory only. */
import type { RawHeaders } from '../types.ts';
import { fieldOf } from './fields.ts';

/**
 * The key that makes a caller's reads stick to one side. Credentials first, then the session's cookie, then the address
 * that a load balancer reported; the empty string for callers who cannot be told apart. Never stored or exported.
 */
export function callerKeyOf(raw: RawHeaders): string {
  return fieldOf(raw, 'authorization') ?? fieldOf(raw, 'cookie') ?? fieldOf(raw, 'x-forwarded-for') ?? '';
}
