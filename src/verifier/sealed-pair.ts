/**
 * What a replay or an asking again needs, sealed: AES-256-GCM under a key from a file or the environment. The envelope
 * says in the clear only which key sealed it, whose exchange it is and until when it may be opened; all three are
 * authenticated. Callers' credentials are never in it.
 *
 *     "SR1\n" | key id, 8 bytes | until, 8 bytes, epoch ms | exchange id, length byte and text | IV, 12 | sealed | tag, 16
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ShadowError } from '../errors.ts';
import type { RawHeaders, Representation, Route, Side, TraceIds } from '../types.ts';

/** One answer as kept: decoded content, so that a replay needs no decoding. */
export interface KeptAnswer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  readonly body: Uint8Array;
  /** Epoch ms when that side was asked. */
  readonly askedAt: number;
}

export interface Evidence {
  readonly exchangeId: string;
  readonly route: Route;
  readonly served: Side;
  readonly representation: Representation;
  /** Less the caller's credentials. */
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly rawHeaders: RawHeaders;
    readonly body: Uint8Array | null;
  };
  /** True where the request carried credentials that were left out. */
  readonly withoutCredentials: boolean;
  readonly trace: TraceIds;
  readonly at: number;
  /** Every pair that was read: the first, then each reading again. */
  readonly pairs: readonly { readonly primary: KeptAnswer; readonly twin: KeptAnswer }[];
}

const MAGIC = Buffer.from('SR1\n', 'latin1');
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** @throws ShadowError SHADOW_KEY where the key is not 32 bytes */
export function sealEvidence(evidence: Evidence, key: Uint8Array, untilMs: number): Uint8Array {
  const cipherKey = checkedKey(key);
  const header = headerOf(keyId(cipherKey), untilMs, evidence.exchangeId);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', cipherKey, iv).setAAD(header);
  const plain = deflateRawSync(pack(evidence), { level: 1 });
  return Buffer.concat([header, iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws ShadowError SHADOW_KEY without the right key, past its time to live, or where it was tampered with */
export function openEvidence(sealed: Uint8Array, key: Uint8Array | null, now: number): Evidence {
  if (key === null) {
    throw new ShadowError('SHADOW_KEY', 'sealed evidence cannot be opened', {
      expected: 'the key it was sealed with',
      actual: 'no key',
      example: 'SHADOWREAD_EVIDENCE_KEY=$(openssl rand -base64 32)',
      exit: 2,
    });
  }
  const cipherKey = checkedKey(key);
  const envelope = readEnvelope(sealed);
  if (envelope.keyId !== keyId(cipherKey)) {
    throw new ShadowError('SHADOW_KEY', 'sealed evidence cannot be opened', {
      expected: `the key with the id ${envelope.keyId}`,
      actual: `a key with the id ${keyId(cipherKey)}`,
      exit: 2,
    });
  }
  if (now > envelope.untilMs) {
    throw new ShadowError('SHADOW_KEY', 'the evidence is past its time to live', {
      expected: 'evidence that may still be opened',
      actual: `evidence that ended ${new Date(envelope.untilMs).toISOString()}`,
      exit: 2,
    });
  }
  const bytes = Buffer.from(sealed);
  const iv = bytes.subarray(envelope.headerBytes, envelope.headerBytes + IV_BYTES);
  const body = bytes.subarray(envelope.headerBytes + IV_BYTES, bytes.length - TAG_BYTES);
  try {
    const decipher = createDecipheriv('aes-256-gcm', cipherKey, iv)
      .setAAD(bytes.subarray(0, envelope.headerBytes))
      .setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    const plain = Buffer.concat([decipher.update(body), decipher.final()]);
    return unpack(inflateRawSync(plain));
  } catch (error) {
    throw new ShadowError('SHADOW_KEY', 'sealed evidence does not open: it has been changed', {
      exit: 2,
      cause: error,
    });
  }
}

export interface Envelope {
  readonly keyId: string;
  /** Epoch ms. */
  readonly untilMs: number;
  readonly exchangeId: string;
  readonly headerBytes: number;
}

/** What the envelope says in the clear. @throws ShadowError SHADOW_KEY where it is no envelope */
export function readEnvelope(sealed: Uint8Array): Envelope {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const idBytes = bytes[MAGIC.length + 16] ?? 0;
  const headerBytes = MAGIC.length + 17 + idBytes;
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || bytes.length < headerBytes + IV_BYTES + TAG_BYTES) {
    throw new ShadowError('SHADOW_KEY', 'this is no sealed evidence', { exit: 2 });
  }
  return {
    keyId: bytes.toString('hex', MAGIC.length, MAGIC.length + 8),
    untilMs: Number(bytes.readBigInt64BE(MAGIC.length + 8)),
    exchangeId: bytes.toString('utf8', MAGIC.length + 17, headerBytes),
    headerBytes,
  };
}

/** 16 hex digits that identify a key without revealing it. */
export function keyId(key: Uint8Array): string {
  return createHash('sha256').update('shadowread evidence key\n').update(key).digest('hex').slice(0, 16);
}

function checkedKey(key: Uint8Array): Uint8Array {
  if (key.length === 32) return key;
  throw new ShadowError('SHADOW_KEY', 'the evidence key has the wrong length', {
    expected: '32 bytes in base64 or hex',
    actual: `${key.length} bytes`,
    example: 'openssl rand -base64 32',
  });
}

function headerOf(id: string, untilMs: number, exchangeId: string): Buffer {
  const name = Buffer.from(exchangeId, 'utf8').subarray(0, 255);
  const until = Buffer.alloc(8);
  until.writeBigInt64BE(BigInt(Math.floor(untilMs)));
  return Buffer.concat([MAGIC, Buffer.from(id, 'hex'), until, Buffer.from([name.length]), name]);
}

/** JSON, then the bodies one after another: bytes are not text. */
function pack(evidence: Evidence): Buffer {
  const bodies: Uint8Array[] = [];
  // `this[key]`, since a Buffer's toJSON has run by the time `value` is given.
  const json = JSON.stringify(evidence, function (this: Record<string, unknown>, key: string, value: unknown) {
    const raw = this[key];
    if (!(raw instanceof Uint8Array)) return value;
    bodies.push(raw);
    return { bytes: raw.length };
  });
  const head = Buffer.from(json, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, ...bodies]);
}

function unpack(plain: Buffer): Evidence {
  const length = plain.readUInt32BE(0);
  let at = 4 + length;
  return JSON.parse(plain.toString('utf8', 4, at), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('bytes' in value) || typeof value.bytes !== 'number') {
      return value;
    }
    const body = Buffer.from(plain.subarray(at, at + value.bytes));
    at += value.bytes;
    return body;
  });
}
