/** Content-Encoding off, with a limit on what may come out: a few kilobytes can be a bomb of gigabytes. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import type { RawHeaders } from '../types.ts';

export type DecodeResult =
  | { readonly ok: true; readonly body: Uint8Array }
  | {
      readonly ok: false;
      /** `unknown`: a coding that is not supported. */
      readonly why: 'oversized' | 'corrupt' | 'unknown';
      readonly detail: string;
    };

const decoders = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
} as const;
const inflateZlib = promisify(inflate);
const inflateBare = promisify(inflateRaw);

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
  for (const coding of [...codings].reverse()) {
    if (bytes.length === 0) break;
    try {
      const decoded = await undo(coding, bytes, limit);
      if (decoded === null) return { ok: false, why: 'unknown', detail: 'a content coding that is not known' };
      bytes = decoded;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      if (code === 'ERR_BUFFER_TOO_LARGE') {
        return { ok: false, why: 'oversized', detail: `more than ${limit} bytes when decoded` };
      }
      return { ok: false, why: 'corrupt', detail: `${coding}: ${code}` };
    }
  }
  return { ok: true, body: bytes };
}

async function undo(coding: string, bytes: Uint8Array, limit: number): Promise<Uint8Array | null> {
  const options = { maxOutputLength: Math.max(1, limit) };
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
    case 'br':
    case 'zstd':
      return decoders[coding](bytes, options);
    case 'deflate':
      // Some servers send bare deflate under this name: a zlib header says which it is (RFC 1950: CM 8, FCHECK).
      return isZlib(bytes) ? inflateZlib(bytes, options) : inflateBare(bytes, options);
    default:
      return null;
  }
}

function isZlib(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  const second = bytes[1] ?? 0;
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}
