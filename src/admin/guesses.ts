/**
 * Keeps an address from guessing tokens. Only different wrong tokens count: a page that is left open with a replaced
 * token sends the same one for hours, which is no guess. A right token does not reset the count: otherwise a caller with
 * the read-only token could guess the other one without limit.
 */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { plainAddress } from '../base/plain-address.ts';

export interface Guesses {
  /** Seconds that this address has to wait; 0 where it may go on. */
  waits(address: string): number;
  /** Notes something wrong; the same thing counts once in the window. */
  wrong(address: string, what: string): void;
}

export interface GuessLimits {
  /** Different wrong things in the window before an address has to wait. */
  readonly atMost: number;
  readonly windowMs: number;
  /** Milliseconds of a clock. */
  readonly now: () => number;
}

/** Addresses remembered; the oldest is forgotten first, else a scan would fill the memory. */
const ADDRESSES_AT_MOST = 1_000;

export function createGuesses({ atMost, windowMs, now }: GuessLimits): Guesses {
  const held = new Map<string, Map<string, number>>();
  const recent = (name: string): Map<string, number> => {
    const tries = held.get(name) ?? new Map<string, number>();
    for (const [what, at] of tries) if (now() - at >= windowMs) tries.delete(what);
    return tries;
  };
  return {
    waits(address) {
      const tries = recent(networkOf(address));
      if (tries.size < atMost) return 0;
      const oldest = Math.min(...tries.values());
      return Math.max(1, Math.ceil((oldest + windowMs - now()) / 1_000));
    },
    wrong(address, what) {
      const name = networkOf(address);
      const tries = recent(name);
      const digest = createHash('sha256').update(what).digest('base64');
      if (!tries.has(digest)) tries.set(digest, now());
      held.delete(name);
      held.set(name, tries);
      const oldest = held.keys().next().value;
      if (held.size > ADDRESSES_AT_MOST && oldest !== undefined) held.delete(oldest);
    },
  };
}

/** Who has one IPv6 address has its whole /64; an IPv4 address may come written as IPv6. */
function networkOf(address: string): string {
  const [plain = ''] = plainAddress(address).split('%', 1);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array.from({ length: gap }, () => '0'), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
