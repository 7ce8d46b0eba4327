import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import { credentialsOf } from '../base/caller.ts';
import { HashInput } from './hash-input.ts';
import type { Reading } from './reading.ts';

/** Hex digits of a keyed hash: 64 bits, enough to tell the distinct ones of an epoch apart. */
const DIGITS = 16;

/** Bytes of a block of SHA-256, and of what it gives. */
const BLOCK = 64;
const SIZE = 32;
/** Texts up to so many bytes are hashed in place; what a longer one costs is its length and not its call. */
const SHORT = 16 * 1024;

/** Keyed hashes (HMAC-SHA-256), so that nothing that leaves the process can be guessed back from a list of candidates. */
export class Hashes {
  /** Made once: with plain bytes Node makes a key of them for every hash, which costs five times the hash. */
  readonly #key: KeyObject;
  /** RFC 2104 by hand for short texts. */
  readonly #inner: HashInput;
  readonly #outer: HashInput;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
    const block = new Uint8Array(BLOCK);
    block.set(key.length > BLOCK ? hash('sha256', key, 'buffer') : key);
    this.#inner = new HashInput(
      block.map((byte) => byte ^ 0x36),
      SHORT,
    );
    this.#outer = new HashInput(
      block.map((byte) => byte ^ 0x5c),
      SIZE,
    );
  }

  of(...parts: readonly (string | Uint8Array)[]): string {
    this.#inner.begin();
    for (const part of parts) {
      const fits =
        this.#inner.text(`${part.length}:`) &&
        (typeof part === 'string' ? this.#inner.text(part) : this.#inner.bytes(part));
      if (!fits) return this.#long(parts);
    }
    this.#outer.begin();
    // As a text: a buffer for 32 bytes takes longer than the hash.
    this.#outer.text(hash('sha256', this.#inner.input, 'binary'), 'binary');
    return hash('sha256', this.#outer.input, 'hex').slice(0, DIGITS);
  }

  #long(parts: readonly (string | Uint8Array)[]): string {
    const hmac = createHmac('sha256', this.#key);
    for (const part of parts) {
      // The length before each part, else ("ab", "c") and ("a", "bc") were one.
      hmac.update(`${part.length}:`);
      hmac.update(part);
    }
    return hmac.digest('hex').slice(0, DIGITS);
  }

  /**
   * The question: the route, its parameters, the query parameters that it declares, the body of a POST, and who asked
   * where that matters. A parameter that the route does not declare makes no other question.
   */
  entity(reading: Reading): string {
    const { entry } = reading.route;
    const params = Object.entries(reading.params).sort(byName);
    const query = [...reading.query].filter(([name]) => Object.hasOwn(entry.query, name)).sort(byName);
    const caller = entry.perCaller ? credentialsOf(reading.exchange.request.rawHeaders) : '';
    const { body } = reading.exchange.request;
    return this.of('entity', entry.key, JSON.stringify(params), JSON.stringify(query), caller, body ?? '');
  }

  /** Who asked, where that matters; all who show no credentials are one. Null elsewhere. */
  caller({ route: { entry }, exchange }: Reading): string | null {
    return entry.perCaller ? this.of('caller', credentialsOf(exchange.request.rawHeaders)) : null;
  }

  /**
   * The answer: what the rules compare of it, fields included: a redirect is where it leads. One API prints one meaning
   * one way, so the decoded bytes stand for it where the rules ignore nothing and every order counts.
   */
  answer(status: number, fields: string, said: string | Uint8Array): string {
    return this.of('answer', String(status), fields, said);
  }
}

function byName(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
