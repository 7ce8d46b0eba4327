/** Splits bytes into lines without ever holding more than one line's limit. */
import type { Bytes } from '../recorded.ts';

export interface Line {
  /** 1-based. */
  readonly number: number;
  /** Without its end; null where it is longer than the limit. */
  readonly bytes: Buffer | null;
}

/** One line may be so long: a JSON line carries a body. */
const LONGEST_LINE = 16 * 1024 * 1024;

export async function* linesOf(source: Bytes, longest: number = LONGEST_LINE): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let held = 0;
  let tooLong = false;
  let number = 1;
  const keep = (part: Uint8Array): void => {
    held += part.length;
    if (held > longest) {
      tooLong = true;
      parts = [];
    } else if (part.length > 0) parts.push(part);
  };
  const take = (): Line => {
    const bytes = tooLong ? null : withoutReturn(Buffer.concat(parts));
    const line = { number, bytes };
    parts = [];
    held = 0;
    tooLong = false;
    number += 1;
    return line;
  };
  for await (const chunk of source) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, end));
      yield take();
      from = end + 1;
    }
    keep(chunk.subarray(from));
  }
  if (held > 0) yield take();
}

function withoutReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
}

/** Text of a line: UTF-8 where it is that, else one character a byte. */
export function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}
