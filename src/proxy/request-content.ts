/**
 * The content of one request after its head (RFC 9112 sections 6 and 7.1), for a connection that Node's parser no longer
 * reads. As strict as Node's parser, with its error codes; decoded content gets new framing for the other side, so that no
 * two readers can take one message for two.
 */

import { validateHeaderName, validateHeaderValue } from 'node:http';
import { withoutBlanks } from '../base/blanks.ts';
import type { RawHeaders } from '../types.ts';

/** Bytes of chunk extensions in one request, as in Node. */
const EXTENSIONS_AT_MOST = 16 * 1024;
const CR = 13;
const LF = 10;
const BEGINS_SIZE = /^[0-9A-Fa-f]{0,13}(?:(?<=.);[^\r]*)?\r?$/;
const SIZE = /^([0-9A-Fa-f]{1,13})(;[^\r]*)?$/;

type Mode = 'length' | 'size' | 'chunk' | 'chunk-end' | 'trailers' | 'done';

export class ContentReader {
  readonly trailers: string[] = [];
  readonly #lineAtMost: number;
  #mode: Mode;
  #left: number;
  #line = '';
  #extensions = 0;
  #trailerBytes = 0;

  constructor(length: number | 'chunked', lineAtMost: number) {
    this.#lineAtMost = lineAtMost;
    this.#mode = length === 'chunked' ? 'size' : length === 0 ? 'done' : 'length';
    this.#left = length === 'chunked' ? 0 : length;
  }

  get done(): boolean {
    return this.#mode === 'done';
  }

  /**
   * Takes bytes and gives those of the content on. Returns how many it took: fewer than all where the request ended
   * before. @throws Error with the code that Node's parser would give
   */
  take(chunk: Uint8Array, give: (content: Uint8Array) => void): number {
    let at = 0;
    while (at < chunk.length && this.#mode !== 'done') {
      if (this.#mode === 'length' || this.#mode === 'chunk') {
        const content = chunk.subarray(at, at + this.#left);
        at += content.length;
        this.#left -= content.length;
        if (this.#left === 0) this.#mode = this.#mode === 'chunk' ? 'chunk-end' : 'done';
        give(content);
      } else {
        at = this.#takeLine(chunk, at);
      }
    }
    return at;
  }

  /** Takes up to the end of a line, or as much of one as has come. */
  #takeLine(chunk: Uint8Array, from: number): number {
    const end = chunk.indexOf(LF, from);
    const to = end < 0 ? chunk.length : end;
    for (let i = from; i < to; i += 1) this.#line += String.fromCharCode(chunk[i] ?? 0);
    if (this.#line.length > this.#lineAtMost)
      throw refused(this.#mode === 'size' ? 'HPE_CHUNK_EXTENSIONS_OVERFLOW' : 'HPE_HEADER_OVERFLOW');
    if (end < 0) {
      // What cannot become right is not waited for.
      if (this.#mode === 'chunk-end' && this.#line !== '\r' && this.#line !== '') throw refused('HPE_STRICT');
      if (this.#mode === 'size' && !BEGINS_SIZE.test(this.#line)) throw refused('HPE_INVALID_CHUNK_SIZE');
      return to;
    }
    const line = this.#line;
    this.#line = '';
    if (line.charCodeAt(line.length - 1) !== CR) throw refused('HPE_CR_EXPECTED');
    this.#readLine(line.slice(0, -1));
    return end + 1;
  }

  #readLine(line: string): void {
    if (this.#mode === 'size') {
      const found = SIZE.exec(line);
      if (found === null) throw refused('HPE_INVALID_CHUNK_SIZE');
      this.#extensions += found[2]?.length ?? 0;
      if (this.#extensions > EXTENSIONS_AT_MOST) throw refused('HPE_CHUNK_EXTENSIONS_OVERFLOW');
      this.#left = Number.parseInt(found[1] ?? '0', 16);
      this.#mode = this.#left === 0 ? 'trailers' : 'chunk';
    } else if (this.#mode === 'chunk-end') {
      if (line !== '') throw refused('HPE_STRICT');
      this.#mode = 'size';
    } else if (line === '') {
      this.#mode = 'done';
    } else {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > this.#lineAtMost) throw refused('HPE_HEADER_OVERFLOW');
      this.trailers.push(...trailerOf(line));
    }
  }
}

function trailerOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  if (colon <= 0) throw refused('HPE_INVALID_HEADER_TOKEN');
  const name = line.slice(0, colon);
  const value = withoutBlanks(line.slice(colon + 1));
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    throw refused('HPE_INVALID_HEADER_TOKEN');
  }
  return [name, value];
}

/**
 * How the request's head frames its content. @throws Error with the code that Node's parser would give: it lets a head
 * with Upgrade pass that it would otherwise refuse
 */
export function contentOf(raw: RawHeaders, lineAtMost: number): ContentReader {
  let coding: string | null = null;
  let length: string | null = null;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]?.toLowerCase();
    const value = raw[i + 1] ?? '';
    if (name === 'transfer-encoding') coding = coding === null ? value : `${coding},${value}`;
    else if (name === 'content-length') {
      if (length !== null) throw refused('HPE_UNEXPECTED_CONTENT_LENGTH');
      length = value.trim();
    }
  }
  if (coding !== null) {
    if (length !== null) throw refused('HPE_INVALID_CONTENT_LENGTH');
    if (!/(?:^|[,\s])chunked\s*$/i.test(coding)) throw refused('HPE_INVALID_TRANSFER_ENCODING');
    return new ContentReader('chunked', lineAtMost);
  }
  if (length === null) return new ContentReader(0, lineAtMost);
  const bytes = Number(length);
  if (!/^\d+$/.test(length) || !Number.isSafeInteger(bytes)) throw refused('HPE_INVALID_CONTENT_LENGTH');
  return new ContentReader(bytes, lineAtMost);
}

function refused(code: string): Error {
  return Object.assign(new Error('the content cannot be read'), { code });
}
