/** Opens recorded traffic: a file or stdin, gzip or zstd decompressed, its format detected from its beginning. */
import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { decodedParts, type InParts } from '../base/compressed-parts.ts';
import { messageOf, ShadowError } from '../errors.ts';
import { FORMATS, type Format, formatOf, READERS, SNIFFED } from './formats/format.ts';
import { type Bytes, type ReadOptions, type Told, unusable } from './recorded.ts';

export interface Recording {
  /** As the user named it; `stdin` for `-`. */
  readonly name: string;
  /** Null for an empty file. */
  readonly format: Format | null;
  /** Bytes of the file as it lies there; null where it cannot be known. */
  readonly size: number | null;
  /** Bytes of the file taken so far. */
  readonly taken: () => number;
  /** What it tells. A file that breaks off tells what came before, and that it breaks off. */
  readonly told: AsyncGenerator<Told>;
}

/** `as`: a format that is not to be guessed. @throws ShadowError SHADOW_USAGE */
export async function openRecording(
  file: string,
  options: ReadOptions,
  as: Format | null = null,
  stdin: Readable = process.stdin,
): Promise<Recording> {
  const name = file === '-' ? 'stdin' : file;
  const size = file === '-' ? null : (await statOf(file)).size;
  const source = file === '-' ? stdin : createReadStream(file, { highWaterMark: 256 * 1024 });
  let taken = 0;
  const counted = (async function* () {
    for await (const chunk of source) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      taken += bytes.length;
      yield bytes;
    }
  })();
  const broken = { why: null as string | null };
  const plain = await decompressed(counted, broken, 2);
  const { head, whole, rest } = await peeked(plain, SNIFFED);
  const format = options.logFormat !== null ? 'access-log' : (as ?? formatOf(head, !whole, name));
  const told = format === null ? nothing() : READERS[format](rest, options);
  return { name, format, size, taken: () => taken, told: withBreak(told, broken) };
}

export function isFormat(value: string): value is Format {
  return FORMATS.some((format) => format === value);
}

async function* nothing(): AsyncGenerator<Told> {}

async function statOf(file: string): Promise<Stats> {
  const expected = 'a file of recorded traffic, or - for stdin';
  const example = 'shadowread compare access.log.gz';
  try {
    const stats = await stat(file);
    if (!stats.isDirectory()) return stats;
  } catch (error) {
    throw new ShadowError('SHADOW_USAGE', `${file} cannot be read`, { expected, actual: messageOf(error), example });
  }
  throw new ShadowError('SHADOW_USAGE', `${file} is a folder`, { expected, example });
}

/** Yields everything before the break, then reports the break. */
async function* withBreak(told: AsyncGenerator<Told>, broken: { why: string | null }): AsyncGenerator<Told> {
  let line = 1;
  for await (const one of told) {
    line = one.kind === 'request' ? one.request.line : one.line;
    yield one;
  }
  if (broken.why !== null) yield unusable(line, `the file breaks off after this line: ${broken.why}`);
}

/** gzip and zstd by their first bytes, also one in the other; text with a byte order mark as UTF-8. */
async function decompressed(source: Bytes, broken: { why: string | null }, depth: number): Promise<Bytes> {
  const { head, rest } = await peeked(source, 4);
  const [a, b, c, d] = head;
  const gzip = a === 0x1f && b === 0x8b;
  const zstd = a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd;
  if ((gzip || zstd) && depth > 0) {
    return decompressed(untilBreak(gzip ? 'gzip' : 'zstd', rest, broken), broken, depth - 1);
  }
  if (a === 0x42 && b === 0x5a && c === 0x68) throw compressedOtherwise('bzip2', 'bzcat');
  if (a === 0xfd && b === 0x37 && c === 0x7a) throw compressedOtherwise('xz', 'xzcat');
  if (a === 0xef && b === 0xbb && c === 0xbf) return skipping(rest, 3);
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))
    return fromUtf16(rest, a === 0xff ? 'utf-16le' : 'utf-16be');
  return rest;
}

function compressedOtherwise(what: string, tool: string): ShadowError {
  return new ShadowError('SHADOW_USAGE', `the file is compressed with ${what}`, {
    expected: 'gzip, zstd or no compression',
    example: `${tool} access.log | shadowread compare -`,
  });
}

/** Ends where the compressed data is cut off, damaged or followed by something else, and says why. */
async function* untilBreak(coding: InParts, source: Bytes, broken: { why: string | null }): AsyncGenerator<Uint8Array> {
  try {
    yield* decodedParts(coding, source, () => {
      broken.why = `something else follows the ${coding} data`;
    });
  } catch (error) {
    broken.why = messageOf(error);
  }
}

async function* skipping(source: Bytes, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of source) {
    const part = chunk.subarray(Math.min(left, chunk.length));
    left -= chunk.length - part.length;
    if (part.length > 0) yield part;
  }
}

async function* fromUtf16(source: Bytes, encoding: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

/** The first bytes, at least this many if there are, and the whole stream again. */
async function peeked(source: Bytes, wanted: number): Promise<{ head: Buffer; whole: boolean; rest: Bytes }> {
  const iterator = source[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let size = 0;
  let done = false;
  while (size < wanted && !done) {
    const next = await iterator.next();
    if (next.done === true) done = true;
    else {
      parts.push(next.value);
      size += next.value.length;
    }
  }
  const rest = (async function* () {
    try {
      yield* parts;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      // Else a reader that stops early leaves the file open.
      await iterator.return?.();
    }
  })();
  return { head: Buffer.concat(parts), whole: done, rest };
}
