/** JSON that is compared as it stands, so that of two bodies that mean the same one is never made values of. */
import { isAscii, isUtf8 } from 'node:buffer';
import { type ParseLimits, withoutMark } from './parse.ts';

/** A JSON body that is not parsed. It may be no JSON. */
export interface UnreadJson {
  /** Valid UTF-8. */
  readonly bytes: Buffer;
  /** One character a byte. */
  readonly text: string;
  readonly ascii: boolean;
  /** True where there are no escapes. */
  readonly plain: boolean;
  /** Deepest nesting that is read. */
  readonly depth: number;
}

/** Null where the bytes are not UTF-8. */
export function unreadJson(body: Uint8Array, { depth }: ParseLimits): UnreadJson | null {
  const bytes = asBuffer(withoutMark(body));
  const ascii = isAscii(bytes);
  if (!ascii && !isUtf8(bytes)) return null;
  // Of ASCII both give the same text, but the second one of a large body lies outside of the heap, which takes longer.
  const text = bytes.toString(ascii ? 'utf8' : 'latin1');
  return { bytes, text, ascii, plain: !bytes.includes(BACKSLASH), depth };
}

/** True where some string in the JSON may have an escape. */
export function hasEscapes(body: Uint8Array): boolean {
  return asBuffer(body).includes(BACKSLASH);
}

const BACKSLASH = 0x5c;

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
