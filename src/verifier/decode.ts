/** Content-Encoding off, with a limit on what may come out: a few kilobytes can be a bomb of gigabytes. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { decodedParts, type InParts } from '../base/compressed-parts.ts';
import type { RawHeaders } from '../types.ts';

export type DecodeResult =
  | {
      readonly ok: true;
      readonly body: Uint8Array;
      /** Something follows the compressed data that is no part of it: browsers leave it out, curl and Node end with an error. */
      readonly followed: boolean;
    }
  | {
      readonly ok: false;
      /** `unknown`: a coding that is not supported. */
      readonly why: 'oversized' | 'corrupt' | 'unknown';
      readonly detail: string;
    };

const gunzipWhole = promisify(gunzip);
const decodeBrotli = promisify(brotliDecompress);
const inflateZlib = promisify(inflate);
const inflateBare = promisify(inflateRaw);

/** Of Node's error for more than `maxOutputLength`. */
const TOO_LARGE = 'ERR_BUFFER_TOO_LARGE';

/** More codings than this in one answer is no honest answer. */
const CODINGS = 3;

/** The codings of an answer in the order they were applied; `identity` left out. */
export function codingsOf(headers: RawHeaders): string[] {
  const codings: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (name.length !== 16 || name.toLowerCase() !== 'content-encoding') continue;
    for (const part of (headers[i + 1] ?? '').split(',')) {
      const coding = part.trim().toLowerCase();
      if (coding !== '' && coding !== 'identity') codings.push(coding);
    }
  }
  return codings;
}

/** Undoes the codings, last applied first. */
export async function decodeBody(body: Uint8Array, codings: readonly string[], limit: number): Promise<DecodeResult> {
  if (body.length > limit) return { ok: false, why: 'oversized', detail: `more than ${limit} bytes` };
  if (codings.length > CODINGS) return { ok: false, why: 'unknown', detail: `${codings.length} content codings` };
  let bytes = body;
  let followed = false;
  for (const coding of [...codings].reverse()) {
    if (bytes.length === 0) break;
    try {
      const decoded = await undo(coding, bytes, limit);
      if (decoded === null) return { ok: false, why: 'unknown', detail: 'a content coding that is not known' };
      bytes = decoded.bytes;
      followed ||= decoded.followed;
    } catch (error) {
      const code = codeOf(error);
      if (code === TOO_LARGE) {
        return { ok: false, why: 'oversized', detail: `more than ${limit} bytes when decoded` };
      }
      return { ok: false, why: 'corrupt', detail: `${coding}: ${code}` };
    }
  }
  return { ok: true, body: bytes, followed };
}

interface Undone {
  readonly bytes: Uint8Array;
  readonly followed: boolean;
}

async function undo(coding: string, bytes: Uint8Array, limit: number): Promise<Undone | null> {
  const options = { maxOutputLength: Math.max(1, limit) };
  const whole = async (decoded: Promise<Uint8Array>): Promise<Undone> => ({ bytes: await decoded, followed: false });
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return whole(gunzipWhole(bytes, options)).catch((error: unknown) => {
        // What follows the data looks to Node like data that is damaged.
        if (codeOf(error) === 'Z_DATA_ERROR') return inParts('gzip', bytes, limit);
        throw error;
      });
    case 'zstd':
      return inParts('zstd', bytes, limit);
    case 'br':
      return whole(decodeBrotli(bytes, options));
    case 'deflate':
      // Some servers send bare deflate under this name: a zlib header says which it is (RFC 1950: CM 8, FCHECK).
      return whole(isZlib(bytes) ? inflateZlib(bytes, options) : inflateBare(bytes, options));
    default:
      return null;
  }
}

async function inParts(coding: InParts, bytes: Uint8Array, limit: number): Promise<Undone> {
  const pieces: Uint8Array[] = [];
  let [size, followed] = [0, false];
  const note = (): void => {
    followed = true;
  };
  for await (const piece of decodedParts(coding, [bytes], note)) {
    size += piece.length;
    if (size > limit) throw Object.assign(new Error('too large'), { code: TOO_LARGE });
    pieces.push(piece);
  }
  return { bytes: pieces.length === 1 ? (pieces[0] ?? bytes) : Buffer.concat(pieces), followed };
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.message : 'unknown';

function isZlib(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  const second = bytes[1] ?? 0;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}
