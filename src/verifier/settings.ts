import type { ApiSource } from '../api/load.ts';
import type { TlsTrust } from '../base/tls-trust.ts';
import type { CompareLimits } from '../rules/limits.ts';
import type { Side } from '../types.ts';
import type { HeaderChanges } from './headers.ts';
import type { IdKind } from './ids/related-ids.ts';

/** All settings of a verifier at its start: plain data, so that it can be handed to a thread. */
export interface VerifierSettings {
  readonly primaryUrl: string;
  readonly twinUrl: string;
  /** Further origins that are the side itself in the URLs of its answers. */
  readonly origins?: Readonly<Record<Side, readonly string[]>>;
  /** The API by reference: functions do not cross threads. */
  readonly api: ApiSource;
  readonly redaction: {
    /** Key of the hashes; processes whose evidence is counted together need the same. */
    readonly key: Uint8Array;
    /** JSON pointers (with `*` for positions) whose values may be told. */
    readonly showPaths: readonly string[];
    /** What of a request's parameters may be told. */
    readonly show: ShownParameters;
  };
  /** 32 bytes; null: nothing is kept for a replay. */
  readonly evidenceKey: Uint8Array | null;
  readonly evidenceTtlMs: number;
  readonly migrationPgUrl: string | null;
  /** Where pairs of ids that were found by consistency are kept for all replicas; null: nowhere. */
  readonly journalUrl?: string | null;
  /** Collections whose pairs are not looked up in `id_map`, by name. */
  readonly ids: Readonly<Record<string, IdKind>>;
  readonly mongodbUri: string | null;
  readonly settle: SettleSettings;
  readonly headers: { readonly primary?: HeaderChanges; readonly twin?: HeaderChanges };
  /** Further header fields that tell callers apart. */
  readonly callerFields?: readonly string[];
  /** Module that gives the twin's credentials, see credentials.ts; null: the client's own. */
  readonly credentials: string | null;
  /** Sent as X-Shadow-Loop; null or left out: nothing is. */
  readonly loopSecret?: string | null;
  readonly niceness: number;
  /** From asking to the last byte, milliseconds. */
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  /** The same for the primary, which may be slower than a twin may be. Left out: as the twin's. */
  readonly primaryTimeouts?: PrimaryTimeouts;
  readonly connections: number;
  /** Largest body of an asked side, before and after its content decoding, bytes. */
  readonly bodyBytes: number;
  /** What one comparison may cost, and how deep a body may nest. */
  readonly compare: CompareLimits;
  /** Left out: MEMORY_DEFAULTS. */
  readonly memory?: MemorySettings;
  /** Whom each side's connections trust. */
  readonly tls: Readonly<Record<Side, TlsTrust>>;
}

/** How long the primary may take, ms: from asking to the last byte, and for a connection. */
export interface PrimaryTimeouts {
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
}

/** `names`: no values but words of the API; `declared`: those of declared parameters; `all`: all. */
export type ShownParameters = 'names' | 'declared' | 'all';

/** Bounds of the memory of matches of one worker; no entries: it is off. */
export interface MemorySettings {
  readonly entries: number;
  readonly bytes: number;
}

export const MEMORY_DEFAULTS: MemorySettings = Object.freeze({ entries: 50_000, bytes: 33_554_432 });

export interface SettleSettings {
  /** When to read both sides again, milliseconds after the first answer; growing. */
  readonly delaysMs: readonly number[];
  /** Most further re-reads of one read, in addition to `delaysMs`: within long pauses, and while rows keep changing. */
  readonly busyRounds: number;
}
