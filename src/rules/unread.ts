/** JSON that is compared as it stands, so that of two bodies that mean the same no values are made. */
import { isAscii, isUtf8 } from 'node:buffer';
import { type ParseLimits, withoutMark } from './parse.ts';

/** A JSON body that is not parsed. It may be no JSON. */
export interface UnreadJson {
  /** Valid UTF-8. */
  readonly bytes: Buffer;
  /** One character a byte. */
  readonly text: string;
  readonly ascii: boolean;
  /** Deepest nesting that is read. */
  readonly depth: number;
}

/** Null where the bytes are not UTF-8. */
export function unreadJson(body: Uint8Array, { depth }: ParseLimits): UnreadJson | null {
  const own = withoutMark(body);
  const bytes = Buffer.isBuffer(own) ? own : Buffer.from(own.buffer, own.byteOffset, own.byteLength);
  const ascii = isAscii(bytes);
  if (!ascii && !isUtf8(bytes)) return null;
  // Of ASCII both give the same text, but the second one of a large body lies outside of the heap, which takes longer.
  const text = bytes.toString(ascii ? 'utf8' : 'latin1');
  return { bytes, text, ascii, depth };
}
