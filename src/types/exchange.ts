/** One request with its answer: what travels from the proxy to the verifier. */

/** The Mongo-served API is the primary; the Postgres-backed one is the twin. */
export type Side = 'primary' | 'twin';

/** Where a domain stands: not mirrored, mirrored, or served by the twin with the primary shadowed. */
export type Stage = 'off' | 'shadow' | 'flipped';

/** In whose forms the twin was asked to answer: its own (uuid, decimal strings, null) or the primary's. */
export type Representation = 'primary' | 'twin';

/** Node's `rawHeaders`: names and values alternating, spelling, order and repeats as received, latin1. */
export type RawHeaders = readonly string[];

/** A known endpoint as the data plane needs it: no code, only names. `key` is `METHOD pattern`. */
export interface Route {
  readonly key: string;
  readonly method: 'GET' | 'POST';
  readonly pattern: string;
  readonly domain: string;
  /** Which of its requests are reads; without it all are, unless the path ends in /graphql. */
  readonly reads?: Reads;
  /** Path on the twin where that is another, with parameters of the pattern; without it the client's own. */
  readonly twinPath?: string;
}

/** All that is given must hold. */
export interface Reads {
  /** Only GraphQL queries. */
  readonly graphql: boolean;
  /** Ids of persisted GraphQL queries that are reads. */
  readonly persisted: readonly string[];
  /** By JSON pointer into the request's body: the values with which it is a read. */
  readonly body: Readonly<Record<string, readonly (string | number | boolean | null)[]>>;
}

export interface ExchangeRequest {
  /** As received: GET, HEAD, or POST on a route that is declared to be a read. */
  readonly method: string;
  /** Origin-form request target with the query string, byte for byte as the client sent it. */
  readonly target: string;
  readonly rawHeaders: RawHeaders;
  /** Only for POST reads. */
  readonly body: Uint8Array | null;
}

/** One side's answer. `body` holds the content bytes as sent (still in their Content-Encoding). */
export interface Answer {
  readonly status: number;
  readonly rawHeaders: RawHeaders;
  readonly body: Uint8Array;
  /** Epoch milliseconds when this side was asked. */
  readonly askedAt: number;
  /** Milliseconds from asking to the answer's headers. */
  readonly headersMs: number;
  /** Milliseconds from asking to the last content byte. */
  readonly totalMs: number;
}

/** One request with the serving side's answer, as the tap hands it over. */
export interface Exchange {
  /** Unique over all processes: instance and sequence. */
  readonly id: string;
  readonly route: Route;
  /** Which side answered the client: `primary` in stage shadow, `twin` for flipped reads. */
  readonly served: Side;
  readonly request: ExchangeRequest;
  readonly answer: Answer;
  /** W3C trace context of the read: the client's trace continued, or a new one. */
  readonly trace: TraceIds;
  /** Milliseconds that the proxy itself added before asking the primary and after its headers. */
  readonly overheadMs: number;
}

export interface TraceIds {
  /** 32 hex digits. */
  readonly traceId: string;
  /** The client's span id (16 hex digits), where the request carried a valid traceparent. */
  readonly parentSpanId: string | null;
  /** Span id of `shadow.read`, decided at the start so that it can be handed on. */
  readonly spanId: string;
  /** Span id of the `twin` span: the other side is asked with it in `traceparent`. */
  readonly twinSpanId: string;
  /** The client's sampled flag; true where there was no traceparent. */
  readonly sampled: boolean;
}
