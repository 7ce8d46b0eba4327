/** What a verifier is made of, what it is given for one read, and what it calls. */
import type { RouteEntry } from '../api/route.ts';
import type { CauseFinding, Exchange, Representation, Side } from '../types.ts';
import type { ReadAnswer } from './answers.ts';
import type { Compared } from './comparing.ts';
import type { CredentialsFor } from './credentials.ts';
import type { Hashes } from './hashes.ts';
import type { KnownIds } from './ids/known-ids.ts';
import type { RelatedIds } from './ids/related-ids.ts';
import type { MatchMemory } from './memory.ts';
import type { RequestOutcome } from './protocol.ts';
import type { Reading } from './reading.ts';
import type { Redactor } from './redactor.ts';
import type { Settled } from './reread.ts';
import type { VerifierSettings } from './settings.ts';
import type { SideClient } from './side-client.ts';
import type { RouteTable } from './table.ts';

/** One read to verify. */
export interface Job {
  readonly exchange: Exchange;
  readonly representation: Representation;
  /** True: the primary is also read once more, as a control. */
  readonly control: boolean;
  /** The client got 304: the primary is asked for the whole answer first, and that is what is compared. */
  readonly whole?: boolean;
}

/** Calls by which a verifier keeps to its limits. */
export interface Hooks {
  /** A request to the shadowed side has come to its end; `ms` to its headers. `none`: it was never sent. */
  requestEnded(outcome: RequestOutcome, ms: number, resent: boolean): void;
  /** Leave to read both sides again; false: not within `waitMs`. `bytes` more are held from the first time on. */
  readAgain(round: number, bytes: number, waitMs: number): Promise<boolean>;
}

/** Two answers that differ and keep differing, for those who look into it. */
export interface Pair {
  readonly reading: Reading;
  readonly primary: ReadAnswer;
  readonly twin: ReadAnswer;
  readonly compared: Compared;
}

export interface VerifierParts {
  readonly settings: VerifierSettings;
  readonly table: RouteTable;
  readonly clients: Readonly<Record<Side, SideClient>>;
  readonly hashes: Hashes;
  readonly ids: KnownIds | null;
  /** Collections whose pairs are not looked up in `id_map`. */
  readonly related: RelatedIds;
  /** Fields that the twin is asked with in place of the client's; null: the client's own. */
  readonly credentials: CredentialsFor | null;
  readonly redactor: Redactor;
  /** Null: every pair is compared again. */
  readonly memory: MatchMemory | null;
  /** Why a pair differs; null where it cannot be looked for. */
  readonly causeOf: ((pair: Pair) => Promise<CauseFinding>) | null;
  /** Where it is not looked for: what is missing. */
  readonly noCause: keyof typeof NO_CAUSE;
  /** How far the sync is behind in what a route's answers come from, ms; null without access to the stores. */
  readonly lagOf: ((entry: RouteEntry) => Promise<number>) | null;
  /** Seals what a replay needs; null without a key. */
  readonly seal: ((pair: Pair, settled: Settled) => Uint8Array) | null;
  /** The sync's lag as known now, ms. */
  readonly lagMs: () => number;
  /** A pair has settled after this time, ms. */
  readonly onSettled: (ms: number) => void;
}

export const NO_CAUSE = Object.freeze({
  mappings: 'no mapping for this API',
  stores: 'the verifier has no access to both stores',
});
