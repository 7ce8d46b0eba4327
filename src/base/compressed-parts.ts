/**
 * Compressed data in parts that follow each other, as joined logs have it and servers that compress piece by piece: gzip's
 * members (RFC 1952, 2.2) and zstd's frames (RFC 8878, 3). Node by itself loses the end of what came out before something
 * else follows a member, and the later frames of zstd where they come in the same piece.
 */
import { crc32, createInflateRaw, createZstdDecompress, type InflateRaw, type ZstdDecompress } from 'node:zlib';

export type InParts = 'gzip' | 'zstd';

/**
 * What the parts hold, to the end of the last; `followed` is called where something follows that is no part. Zeros after
 * gzip are padding, as gzip(1) has it. @throws Error what is wrong with a part that is cut off, damaged or not there
 */
export async function* decodedParts(
  coding: InParts,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  followed: () => void,
): AsyncGenerator<Uint8Array> {
  const input = new Input(source);
  try {
    for (let parts = 0; ; parts += 1) {
      const head = await input.head(4);
      if (parts > 0 && (head.length === 0 || (coding === 'gzip' && head[0] === 0))) return;
      if (!BEGINS[coding](head)) {
        if (parts === 0) throw new Error(`no ${coding} data`);
        return followed();
      }
      if (coding === 'gzip') yield* gzipMember(input);
      else if (yield* zstdFrames(input)) return followed();
    }
  } finally {
    input.close();
  }
}

const BEGINS: Readonly<Record<InParts, (head: Uint8Array) => boolean>> = {
  gzip: ([a, b]) => a === 0x1f && b === 0x8b,
  // A frame, or one that is to be skipped.
  zstd: ([a = 0, b, c, d]) =>
    (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) || (a >> 4 === 5 && b === 0x2a && c === 0x4d && d === 0x18),
};

const DEFLATE = 8;
const [FHCRC, FEXTRA, FNAME, FCOMMENT, RESERVED] = [2, 4, 8, 16, 0xe0];

async function* gzipMember(input: Input): AsyncGenerator<Uint8Array> {
  const [, , method, flags = 0] = await input.take(10);
  if (method !== DEFLATE) throw new Error('unknown compression method');
  if ((flags & RESERVED) !== 0) throw new Error('unknown header flags set');
  if ((flags & FEXTRA) !== 0) await input.take((await input.take(2)).readUInt16LE());
  for (const text of [FNAME, FCOMMENT]) if ((flags & text) !== 0) while ((await input.take(1))[0] !== 0);
  if ((flags & FHCRC) !== 0) await input.take(2);
  let [sum, size] = [0, 0];
  for await (const piece of through(createInflateRaw(), input)) {
    sum = crc32(piece, sum);
    size = (size + piece.length) >>> 0;
    yield piece;
  }
  const end = await input.take(8);
  if (end.readUInt32LE(0) !== sum) throw new Error('incorrect data check');
  if (end.readUInt32LE(4) !== size) throw new Error('incorrect length check');
}

/** One frame, or more where they come in pieces of their own; true where the engine met what is none. */
async function* zstdFrames(input: Input): AsyncGenerator<Uint8Array, boolean> {
  try {
    yield* through(createZstdDecompress(), input);
    return false;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ZSTD_error_prefix_unknown') return true;
    throw error;
  }
}

/** Gives the engine input until its data ends; what it did not take goes back. */
async function* through(engine: InflateRaw | ZstdDecompress, input: Input): AsyncGenerator<Uint8Array> {
  let given = 0;
  let last: Uint8Array = new Uint8Array();
  const over = new Promise<void>((resolve) => engine.once('end', resolve).once('close', resolve));
  const feeding = (async () => {
    // The engine takes all of a piece but of that in which its data ends.
    while (!engine.destroyed && engine.bytesWritten === given) {
      const piece = await input.next();
      if (piece === null) return void engine.end();
      given += piece.length;
      last = piece;
      // That it took the last piece it does not always say.
      await Promise.race([new Promise((resolve) => engine.write(piece, resolve)), over]);
    }
  })();
  // A source that fails does not end the engine by itself.
  feeding.catch((error: Error) => engine.destroy(error));
  try {
    for await (const piece of engine) if (piece instanceof Uint8Array) yield piece;
    await feeding;
    input.giveBack(last.subarray(last.length - (given - engine.bytesWritten)));
  } finally {
    engine.destroy();
  }
}

/** Bytes by pieces, of which some may be given back. */
class Input {
  readonly #pieces: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #back: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#pieces = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  /** Null at the end. */
  async next(): Promise<Uint8Array | null> {
    const back = this.#back;
    this.#back = new Uint8Array();
    if (back.length > 0) return back;
    const next = await this.#pieces.next();
    return next.done === true ? null : next.value;
  }

  /** The end of what was taken last. */
  giveBack(bytes: Uint8Array): void {
    this.#back = bytes;
  }

  /** The next bytes without taking them; fewer at the end. */
  async head(length: number): Promise<Buffer> {
    while (this.#back.length < length) {
      const next = await this.#pieces.next();
      if (next.done === true) break;
      this.#back = this.#back.length === 0 ? next.value : Buffer.concat([this.#back, next.value]);
    }
    const { buffer, byteOffset } = this.#back;
    return Buffer.from(buffer, byteOffset, Math.min(length, this.#back.length));
  }

  /** @throws Error where there are fewer */
  async take(length: number): Promise<Buffer> {
    const bytes = await this.head(length);
    if (bytes.length < length) throw new Error('unexpected end of file');
    this.#back = this.#back.subarray(length);
    return bytes;
  }

  /** Not waited for: a source that nobody sends anything to would hold up whoever stops early. */
  close(): void {
    Promise.resolve(this.#pieces.return?.()).catch(() => undefined);
  }
}
