/** Text as Postgres holds it: no NUL, no lone surrogates, and bounded. */
import { createHash } from 'node:crypto';

/** Longer texts are cut: a hostile target must not make huge rows. */
export function clean(text: string, max = 4_096): string {
  const whole = text.length > max ? text.slice(0, max) : text;
  return whole.toWellFormed().replaceAll('\0', '\ufffd');
}

/** JSON that jsonb takes: no NUL and no lone surrogate in any string or key. */
export function jsonFor(value: unknown): string {
  const text = JSON.stringify(value);
  // An escaped NUL or lone surrogate of a key; a doubled backslash before it means the letters themselves.
  return text.replace(/\\\\|\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})/g, (found) =>
    found === '\\\\' ? found : '\\ufffd',
  );
}

/** Eight bytes of a hash as 16 hex digits: a keyed hash is cut, anything else is hashed first. */
export function hash64(text: string): string {
  return /^[0-9a-f]{16,}$/.test(text)
    ? text.slice(0, 16)
    : createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * Eight bytes for two eight-byte hashes together, in this order. Both are keyed and even already, so that mixing
 * their words (the finalizer of MurmurHash3, public domain) is enough; a digest would cost more than the rest of a
 * record.
 */
export function pairHash(first: string, second: string): string {
  const [a, b] = words(first);
  const [c, d] = words(second);
  const high = mixed(mixed(mixed(a ^ 0x9e3779b9) ^ b) ^ Math.imul(c, 0x85ebca6b)) ^ mixed(d ^ 0x27d4eb2f);
  const low = mixed(mixed(mixed(d ^ 0x165667b1) ^ c) ^ Math.imul(b, 0xc2b2ae35)) ^ mixed(a ^ 0x2545f491);
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');
}

function words(hash: string): [high: number, low: number] {
  return [Number.parseInt(hash.slice(0, 8), 16), Number.parseInt(hash.slice(8, 16), 16)];
}

function mixed(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
