/** What the data plane's front is told; nothing here is read from files or the environment. */
import type { ExchangeRequest, RawHeaders, ReadGate, Route, ServeDecision, Side } from '../types.ts';
import type { LoopTrust } from './loop-claims.ts';

export interface ProxyOptions {
  /** Base URL of the primary; a path in it is put before every target. */
  readonly primary: string;
  /** Base URL of the twin, asked by the front only for flipped reads; null: no read is ever served by it. */
  readonly twin: string | null;
  /** The known route of a request target (query included), or null. HEAD is matched as GET. Must not throw. */
  readonly match: (method: string, target: string) => Route | null;
  readonly gate: ReadGate;
  /** Who answers this read; null: always the primary. A decision that throws is the primary. */
  readonly serve?: ServeDecision | null;
  /** Whether a caller's writes are of interest: while any domain is flipped. Default: always, where `serve` is given. */
  readonly mindsWrites?: () => boolean;
  /** Adds `X-Shadow-Trace-Id` to the client's answers of known reads. Default false: nothing is added. */
  readonly exposeTraceId?: boolean;
  /** Sends the primary's own authority as Host. Default false: the Host of the client. */
  readonly changeOrigin?: boolean;
  /** Reads of known routes go through undici (see short-way.ts). Default true; false: all through http-proxy-middleware. */
  readonly shortWay?: boolean;
  /** Rewrites the fields of a flipped read for the twin, such as credentials; default: the client's own. */
  readonly twinFields?: ((fields: RawHeaders) => RawHeaders) | null;
  /** Gives fields to set on a flipped read for the twin, over those of `twinFields`; the primary answers where it rejects. */
  readonly twinCredentials?: ((request: ExchangeRequest) => Promise<Readonly<Record<string, string>>>) | null;
  /** Rewrites the fields of whatever goes to the primary; default: as the client sent them. */
  readonly primaryFields?: ((fields: RawHeaders) => RawHeaders) | null;
  /** Whose X-Shadow-Read is believed. Default: this machine's. */
  readonly loop?: LoopTrust;
  readonly timeouts?: ProxyTimeouts;
  readonly limits?: ProxyLimits;
  /** A twin that answers 5xx to a flipped read is replaced by the primary. Default true. */
  readonly fallBackOn5xx?: boolean;
  /** Each side's TLS options where it is behind TLS, such as `ca` or `rejectUnauthorized`. */
  readonly tls?: Readonly<Partial<Record<Side, Readonly<Record<string, unknown>>>>>;
  /** Clients are served by TLS with it. Default null: plain HTTP. */
  readonly certificate?: ServedCertificate | null;
  readonly hooks?: ProxyHooks;
}

/** PEM, as Node's TLS takes it. */
export interface ServedCertificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Milliseconds. */
export interface ProxyTimeouts {
  /** From asking to a connected socket of the primary; 504 afterwards. Default 5,000. */
  readonly connectMs?: number;
  /** How long the primary may send nothing, and take nothing, before its answer's head; 504 afterwards. Default 60,000. */
  readonly silentMs?: number;
  /** From asking the twin for a flipped read to its first byte to the client; the primary answers afterwards. Default 2,000. */
  readonly twinMs?: number;
  /** How long a client may take over the head of a request; 408 afterwards. Default 60,000, as in Node. */
  readonly clientHeadMs?: number;
  /** How long an idle client connection is kept. Default 75,000: longer than usual load balancers keep theirs. */
  readonly keepAliveMs?: number;
}

export interface ProxyLimits {
  /** Sockets to each side at once; more requests wait their turn. Default 4,096. */
  readonly sockets?: number;
  /** Idle sockets kept to each side. Default 512. */
  readonly idleSockets?: number;
  /** Bytes of one message's head in either direction. Default 128 KB. */
  readonly headBytes?: number;
  /** Bytes of a twin's answer to a flipped read held back, so that the primary can still replace it. Default 1 MB. */
  readonly heldTwinBytes?: number;
}

/** Called on the main thread, never awaited; one that throws is reported to `onFault` and changes nothing. */
export interface ProxyHooks {
  /** A read of a known route has been answered, or its client has left. */
  readonly onServed?: (read: ServedRead) => void;
  /** Seconds that the proxy itself added to one read of a known route. */
  readonly onOverhead?: (seconds: number) => void;
  /** A caller writes: when the request arrived and again when it was answered. Epoch milliseconds. */
  readonly onWrite?: (caller: string, at: number) => void;
  /** Gate, decision or hook threw; `stage` says which. */
  readonly onFault?: (stage: string, thrown: unknown) => void;
}

export interface ServedRead {
  readonly route: Route;
  /** Who answered in the end. */
  readonly side: Side;
  /** True where the twin was asked first and the primary had to answer. */
  readonly fellBack: boolean;
  /** Null where the client left, or was cut off, before an answer began. */
  readonly status: number | null;
  /** Why the answer, or the twin's try before it, failed; null where nothing did. */
  readonly error: string | null;
  /** Milliseconds from asking that side to its head, and to the end; 0 where it never came so far. */
  readonly headersMs: number;
  readonly totalMs: number;
  /** See caller.ts. */
  readonly caller: string;
}

/**
 * When the system first asks whether the other end of a silent connection is still there. One that has vanished without a
 * word (its power or its network is gone) would hold an event stream or a tunnel for ever, on both sides.
 */
export const PROBE_AFTER_MS = 60_000;

/** Options with every default filled in. */
export interface FullOptions extends Required<Omit<ProxyOptions, 'timeouts' | 'limits' | 'hooks'>> {
  readonly timeouts: Required<ProxyTimeouts>;
  readonly limits: Required<ProxyLimits>;
  readonly hooks: ProxyHooks;
}

export function fullOptions(options: ProxyOptions): FullOptions {
  return {
    primary: options.primary,
    twin: options.twin,
    match: options.match,
    gate: options.gate,
    serve: options.serve ?? null,
    mindsWrites: options.mindsWrites ?? (() => options.serve != null),
    exposeTraceId: options.exposeTraceId ?? false,
    changeOrigin: options.changeOrigin ?? false,
    shortWay: options.shortWay ?? true,
    twinFields: options.twinFields ?? null,
    twinCredentials: options.twinCredentials ?? null,
    primaryFields: options.primaryFields ?? null,
    fallBackOn5xx: options.fallBackOn5xx ?? true,
    tls: options.tls ?? {},
    loop: options.loop ?? { trust: 'loopback', secret: null },
    certificate: options.certificate ?? null,
    timeouts: {
      connectMs: 5_000,
      silentMs: 60_000,
      twinMs: 2_000,
      clientHeadMs: 60_000,
      keepAliveMs: 75_000,
      ...options.timeouts,
    },
    limits: {
      sockets: 4_096,
      idleSockets: 512,
      headBytes: 128 * 1024,
      heldTwinBytes: 1024 * 1024,
      ...options.limits,
    },
    hooks: options.hooks ?? {},
  };
}
