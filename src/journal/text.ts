/** Text as Postgres holds it: no NUL, no lone surrogates, and bounded. */
import { createHash } from 'node:crypto';

/** Longer texts are cut: a hostile target must not make rows of any size. */
export function clean(text: string, max = 4_096): string {
  const whole = text.length > max ? text.slice(0, max) : text;
  return whole.toWellFormed().replaceAll('\0', '\ufffd');
}

/** JSON that jsonb takes: every string and key cleaned, what cannot be said in JSON left out. */
export function jsonFor(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'string' ? inner.toWellFormed() : inner,
  );
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

/** Eight bytes for two hashes together. */
export function pairHash(first: string, second: string): string {
  return createHash('sha256').update(`${first}\0${second}`).digest('hex').slice(0, 16);
}
