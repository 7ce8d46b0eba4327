import { decode, decodeFields } from '../bson/decode.ts';
import type { Doc } from '../bson/values.ts';
import type { Needs } from '../query/needs.ts';

/** Decoded documents are kept while they fit in this many bytes of BSON; then all are forgotten at once. */
const BUDGET = 32 * 1024 * 1024;
let spent = 0;
let kept: Record[] = [];

/** One stored document: the received bytes, decoded when they are first needed. */
export class Record {
  readonly id: number;
  bytes: Buffer;
  /** Set when the document is deleted while a cursor may still come to it. */
  gone = false;
  #document: Doc | undefined;

  constructor(id: number, bytes: Buffer) {
    this.id = id;
    this.bytes = bytes;
  }

  /** Shared: copy it before a change. */
  get document(): Doc {
    if (this.#document !== undefined) return this.#document;
    const document = decode(this.bytes);
    this.keep(document);
    return document;
  }

  /** The document, or at least the named fields of it. */
  look(needs: Needs): Doc {
    if (this.#document !== undefined) return this.#document;
    return needs === undefined ? this.document : decodeFields(this.bytes, needs);
  }

  replace(bytes: Buffer, document: Doc): void {
    this.bytes = bytes;
    if (this.#document === undefined) this.keep(document);
    else this.#document = document;
  }

  /** The same bytes in other memory. */
  move(): void {
    this.bytes = Buffer.from(this.bytes);
  }

  forget(): void {
    this.#document = undefined;
  }

  private keep(document: Doc): void {
    if (spent > BUDGET) {
      for (const record of kept) record.forget();
      kept = [];
      spent = 0;
    }
    spent += this.bytes.length;
    kept.push(this);
    this.#document = document;
  }
}
