import { createHash, hash, randomBytes } from 'node:crypto';
import { credentialsOf } from '../base/caller.ts';
import { fieldOf } from '../base/fields.ts';
import type { Answer, RawHeaders } from '../types.ts';
import { HashInput } from './hash-input.ts';
import type { Reading } from './reading.ts';
import type { MemorySettings } from './settings.ts';
import type { VerdictBody } from './verdict-body.ts';

/** What a match says beyond its timings: the same question with the same two answers says it again. */
export type Match = Pick<
  VerdictBody,
  'shape' | 'entityHash' | 'answerHash' | 'callerHash' | 'undeclared' | 'twinBuild' | 'request'
>;

/** Fields in addition to those that rules compare: how to read a body, and which build of the twin it is from. */
const READ_BY = ['content-type', 'content-encoding', 'x-twin-build'];
/** Bytes of an entry without its texts: those of the map, the object and their keys. */
const ENTRY_BYTES = 400;
/** What is longer is hashed where it lies. */
const SHORT = 64 * 1024;

/**
 * A memory of matches. The same question, statuses, compared fields and body bytes under the same rules and id pairs have
 * the same verdict, so that a repeated pair costs the digest of its bytes. Only `match` is remembered: whatever differs is
 * compared again each time. Bounded in entries and bytes; the least recently used goes first.
 */
export class MatchMemory {
  readonly #settings: MemorySettings;
  /** By digest, the longest unused first. */
  readonly #matches = new Map<string, Match>();
  /** Nobody outside knows it: bodies that were made to collide, should SHA-256 ever allow that, would not do so here. */
  readonly #secret = randomBytes(32);
  readonly #input = new HashInput(this.#secret, SHORT);
  #bytes = 0;
  /** Of the id pairs that all entries were found with. */
  #ids = 0;

  constructor(settings: MemorySettings) {
    this.#settings = settings;
  }

  get entries(): number {
    return this.#matches.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The digest of all that the verdict of this pair depends on, except id pairs; null where nothing may be remembered:
   * the memory is off, or a rule is a function that is not declared pure.
   */
  keyOf(reading: Reading, shadowed: Answer): string | null {
    const { route, exchange, representation } = reading;
    if (this.#settings.entries === 0 || route.remembered === null) return null;
    const { request, answer } = exchange;
    const same = Buffer.compare(answer.body, shadowed.body) === 0;
    const said = JSON.stringify([
      route.entry.key,
      route.digest,
      representation,
      exchange.served,
      request.method,
      request.target,
      fieldOf(request.rawHeaders, 'host'),
      route.entry.perCaller ? credentialsOf(request.rawHeaders) : '',
      request.body?.length ?? -1,
      answer.status,
      fieldsOf(answer.rawHeaders, route.remembered),
      answer.body.length,
      shadowed.status,
      fieldsOf(shadowed.rawHeaders, route.remembered),
      same ? 'the same' : shadowed.body.length,
    ]);
    // The text contains every length, so no two pairs make the same text.
    const parts = [`${Buffer.byteLength(said)}:${said}`, request.body, answer.body, same ? null : shadowed.body];
    return this.#short(parts) ?? this.#long(parts);
  }

  #short(parts: readonly (string | Uint8Array | null)[]): string | null {
    const input = this.#input;
    input.begin();
    for (const part of parts) {
      if (part !== null && !(typeof part === 'string' ? input.text(part) : input.bytes(part))) return null;
    }
    return hash('sha256', input.input, 'base64');
  }

  #long(parts: readonly (string | Uint8Array | null)[]): string {
    const digest = createHash('sha256').update(this.#secret);
    for (const part of parts) if (part !== null) digest.update(part);
    return digest.digest('base64');
  }

  /** `ids`: how often known pairs have changed; other ones than those of the entries empty the memory. */
  get(key: string, ids: number): Match | undefined {
    this.#under(ids);
    const match = this.#matches.get(key);
    if (match === undefined) return undefined;
    this.#matches.delete(key);
    this.#matches.set(key, match);
    return match;
  }

  /** `ids`: as it was when the comparison began. */
  put(key: string, said: Match, ids: number): void {
    if (ids < this.#ids) return;
    this.#under(ids);
    this.#drop(key);
    const { shape, entityHash, answerHash, callerHash, undeclared, twinBuild, request } = said;
    const match = {
      ...{ shape, entityHash, answerHash, twinBuild, request },
      ...(callerHash !== undefined && { callerHash }),
      ...(undeclared && { undeclared }),
    };
    this.#matches.set(key, match);
    this.#bytes += bytesOf(match);
    for (const oldest of this.#matches.keys()) {
      if (this.#matches.size <= this.#settings.entries && this.#bytes <= this.#settings.bytes) break;
      this.#drop(oldest);
    }
  }

  forget(): void {
    this.#matches.clear();
    this.#bytes = 0;
  }

  #under(ids: number): void {
    if (ids !== this.#ids) this.forget();
    this.#ids = ids;
  }

  #drop(key: string): void {
    const match = this.#matches.get(key);
    if (match !== undefined && this.#matches.delete(key)) this.#bytes -= bytesOf(match);
  }
}

/** The fields that count, by name, each value as it came. */
function fieldsOf(headers: RawHeaders, compared: ReadonlySet<string>): string[] {
  const found: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] ?? '').toLowerCase();
    if (compared.has(name) || READ_BY.includes(name)) found.push(name, headers[i + 1] ?? '');
  }
  return found;
}

function bytesOf({ shape, entityHash, answerHash, callerHash, undeclared, twinBuild, request }: Match): number {
  const hashes = [entityHash, answerHash, callerHash ?? ''];
  const texts = [shape, ...hashes, twinBuild ?? '', request.method, request.target, ...(undeclared ?? [])];
  return texts.reduce((sum, text) => sum + 2 * text.length, ENTRY_BYTES);
}
