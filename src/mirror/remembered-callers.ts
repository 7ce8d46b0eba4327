import { splitCredentials } from '../base/caller.ts';
import type { RawHeaders } from '../types.ts';

/** Mismatches whose callers are remembered; the longest known is forgotten first. */
const CALLERS = 500;
const REMEMBER_MS = 60 * 60_000;
/** The envelope begins with its key, its end and the exchange's id: these bytes are one read's alone. */
const PREFIX_BYTES = 64;

/**
 * Credentials of the callers of recent mismatches, so that "ask again" asks as they did. In this process's memory only;
 * evidence never has them.
 */
export class RememberedCallers {
  readonly #callers = new Map<string, { readonly credentials: RawHeaders; readonly until: number }>();

  remember(evidence: Uint8Array, headers: RawHeaders, now: number): void {
    const { credentials } = splitCredentials(headers);
    if (credentials.length === 0) return;
    this.forgetOld(now);
    const [oldest] = this.#callers.keys();
    if (this.#callers.size >= CALLERS && oldest !== undefined) this.#callers.delete(oldest);
    this.#callers.set(keyOf(evidence), { credentials, until: now + REMEMBER_MS });
  }

  /** Credentials whose time is over must not stay in memory. */
  forgetOld(now: number): void {
    for (const [key, { until }] of this.#callers) {
      // They are kept in the order of their ends.
      if (until >= now) return;
      this.#callers.delete(key);
    }
  }

  get size(): number {
    return this.#callers.size;
  }

  of(evidence: Uint8Array, now: number): RawHeaders {
    const known = this.#callers.get(keyOf(evidence));
    return known === undefined || known.until < now ? [] : known.credentials;
  }
}

function keyOf(evidence: Uint8Array): string {
  return Buffer.from(evidence.buffer, evidence.byteOffset, Math.min(PREFIX_BYTES, evidence.byteLength)).toString(
    'latin1',
  );
}
