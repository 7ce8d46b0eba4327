/** What a file of recorded traffic tells, whatever its format: one request after the other, or why a piece of it is none. */
import type { RawHeaders } from '../types.ts';

/** An answer that was recorded with its request, its content without any coding. */
export interface RecordedAnswer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  readonly body: Uint8Array;
}

export interface RecordedRequest {
  /** As recorded, in capitals. */
  readonly method: string;
  /** Origin form with the query, as it can be sent: no fragment, no space, nothing beyond latin1. */
  readonly target: string;
  /** Without pseudo-fields; a Host where the file names one. */
  readonly rawHeaders: RawHeaders;
  readonly body: Uint8Array | null;
  /** It had content, and the file does not hold it: a read by its body cannot be asked again. */
  readonly bodyLost?: boolean;
  /** Epoch milliseconds of the request; null where the file does not say. */
  readonly at: number | null;
  readonly answer: RecordedAnswer | null;
  /** 1-based line of the (decompressed) file where the request begins. */
  readonly line: number;
}

/** A piece of the file that is no request: never dropped without being told. */
export interface Unusable {
  readonly line: number;
  /** One sentence, without values of the traffic beyond a name. */
  readonly why: string;
}

export type Told =
  | { readonly kind: 'request'; readonly request: RecordedRequest }
  | ({ readonly kind: 'unusable' } & Unusable);

export type Bytes = AsyncIterable<Uint8Array>;

export interface ReadOptions {
  /** The user's own log format, in nginx's, Apache's or Envoy's words. */
  readonly logFormat: string | null;
  /** Values of a Postman collection's variables; they go before the collection's own. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Reads one format. Never throws for what is in the file; throws what the source throws. */
export type Reader = (bytes: Bytes, options: ReadOptions) => AsyncGenerator<Told>;

export const unusable = (line: number, why: string): Told => ({ kind: 'unusable', line, why });
export const told = (request: RecordedRequest): Told => ({ kind: 'request', request });
