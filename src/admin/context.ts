/** What every part of the admin API is given. */

import type { Log } from '../base/log.ts';
import type { Config } from '../config.ts';
import type { RouteDeclaration } from '../gate/evidence.ts';
import type { FaultRow } from '../journal/read/faults.ts';
import type { JournalReader } from '../journal/reader.ts';
import type { Verdict } from '../types.ts';
import type { AdminJournal, EvaluatedGate } from './journal.ts';
import type { DataPlane } from './plane.ts';

/** One node of an answer as people may see it: types, lengths and hashes, values only where the config shows them. */
export interface AnswerNode {
  readonly type: string;
  readonly length: number | null;
  readonly hash: string | null;
  readonly value?: unknown;
  /** A difference lies here, or below. */
  readonly differs: boolean;
  readonly inside: boolean;
  readonly children?: readonly (readonly [string, AnswerNode])[];
  /** Children left out. */
  readonly cut?: number;
}

export interface AnswerRound {
  readonly name: string;
  readonly primary: AnswerNode | null;
  readonly twin: AnswerNode | null;
}

/** What may be done about a fault besides saying something of it. */
export interface FaultWork {
  /** Its row can be repaired from here. */
  mayRepair(fault: FaultRow): boolean;
  /** What came of the row, and of each of its faults. @throws ShadowError SHADOW_REFUSED where it may not be done here */
  repair(
    id: string,
    wish: {
      readonly dryRun: boolean;
      /** Delete a row whose document is gone. */
      readonly deleteGone: boolean;
      readonly reason: string | undefined;
      readonly who: string;
    },
    journal: AdminJournal,
  ): Promise<object>;
  /** Asks the reads again that showed it. */
  recheck(id: string, who: string, journal: AdminJournal): Promise<object>;
  close(): Promise<void>;
}

/** One side's answer as it was kept, less secrets: the values themselves. */
export interface OpenedAnswer {
  readonly status: number;
  /** The fields that are compared. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerNode;
}

export interface OpenedRound {
  readonly name: string;
  readonly primary: OpenedAnswer;
  readonly twin: OpenedAnswer;
}

export interface AdminOptions {
  readonly config: Config;
  readonly configDigest: string;
  readonly tokens: { readonly change: string | null; readonly read: string | null; readonly reveal: string | null };
  readonly plane: DataPlane;
  /** True once it takes no more clients, while those under way are answered. */
  readonly stopping: () => boolean;
  readonly declared: readonly RouteDeclaration[];
  /** Of the API, with that of routes which are found by traffic. */
  readonly domains: readonly string[];
  readonly version: string;
  readonly log: Log;
  readonly evaluate: (domain: string, reader: JournalReader) => Promise<EvaluatedGate>;
  /** Decides for a person, and keeps the decision; `id` is null where it could not be kept. */
  readonly decide: (
    domain: string,
    journal: AdminJournal,
    who: string,
  ) => Promise<EvaluatedGate & { readonly id: number | null }>;
  readonly faultWork: FaultWork;
  /** The cutover table's rows, for `GET /api/cutover`. */
  readonly cutover: () => Promise<readonly object[]>;
  readonly markdown: (decision: EvaluatedGate['decision']) => string;
  /** Sealed evidence as redacted trees; null where it cannot be opened. */
  readonly answersOf: (evidence: Uint8Array, verdict: Omit<Verdict, 'evidence'>) => readonly AnswerRound[] | null;
  /** Sealed evidence with its values. @throws ShadowError SHADOW_KEY where it cannot be opened */
  readonly openedAnswers: (evidence: Uint8Array, verdict: Omit<Verdict, 'evidence'>) => readonly OpenedRound[];
}

export interface AdminContext extends AdminOptions {
  readonly journal: AdminJournal | null;
  changed(what: string): void;
}
