/** What a decision is made from: the journal's sums for one domain, and what its routes declare. All values are plain. */

/** What the route table declares about one route. */
export interface RouteDeclaration {
  readonly key: string;
  readonly domain: string;
  /** The number of different answers that exist, where it is small. */
  readonly fewAnswers: number | null;
  /**
   * Only few different questions are possible: no path parameter, no body, and only query parameters with a fixed
   * set of values. There the same question counts again when its answer is a new one.
   */
  readonly fewQuestions?: boolean;
  /** Its answers depend on who asks, as a config or a module says. */
  readonly perCaller?: boolean;
  /** Query parameters that it declares, those to be ignored included; absent where they are not known. */
  readonly parameters?: readonly string[];
  /** Redirects (3xx) are its good answers. Where it says nothing, they are where it gives no 2xx at all. */
  readonly redirects?: boolean;
  /** Query shapes (or features of shapes) that the route declares; those never seen are named in the answer. */
  readonly shapes: readonly string[];
  /** The declared shapes or features that one seen shape shows; by default the shape itself. */
  readonly shows?: (shape: string) => readonly string[];
}

export interface ShapeEvidence {
  readonly shape: string;
  readonly compared: number;
  readonly mismatches: number;
  readonly entities: number;
  readonly answers: number;
  /** Distinct comparisons: those that brought a question and an answer that no other had brought. */
  readonly distinct: number;
  /** Comparisons since the last one that was not seen before. */
  readonly sinceLastNew: number;
  /** Epoch ms. */
  readonly firstSeen: number;
  readonly lastSeen: number;
}

export interface LatencyEvidence {
  /** Timed pairs. */
  readonly samples: number;
  /** Both sides were asked by the same client code (control reads), so that the ratio is of the sides alone. */
  readonly sameClient: boolean;
  /** Milliseconds to the headers, over the same reads on both sides. */
  readonly primary: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly twin: { readonly p50: number; readonly p95: number; readonly p99: number };
}

/** Counts are over good answers; the shapes tell of every answer. */
export interface RouteEvidence {
  readonly key: string;
  readonly compared: number;
  /** Comparisons by the primary's status, good and other: `{ '401': 400 }`. */
  readonly statuses?: Readonly<Record<string, number>>;
  /** Query parameters that were seen and that the route did not declare when they were. */
  readonly undeclared?: readonly string[];
  /** Different callers, by their credentials, who got a good answer compared; counted only where answers depend on them. */
  readonly callers?: number;
  readonly mismatches: number;
  /** Distinct comparisons, and the comparisons of any status that ever mismatched without being acknowledged. */
  readonly distinct: number;
  readonly distinctMismatches: number;
  readonly entities: number;
  readonly answers: number;
  readonly shapes: readonly ShapeEvidence[];
  readonly latency: LatencyEvidence | null;
}

/** Reads of one window: those in the representation that counts and served by the primary; skips of all. */
export interface WindowCounts {
  /** Agreed in a good answer; the same holds for `settled`. */
  readonly match: number;
  readonly settled: number;
  /** Agreed in an answer that is not good (4xx, 5xx): no evidence of the domain. */
  readonly agreedInError?: number;
  /** Without those that are acknowledged. */
  readonly mismatch: number;
  /** Mismatches whose fingerprint is acknowledged and not expired. */
  readonly acknowledged: number;
  /** Mismatches on a path whose rule is money or identity, acknowledged or not. */
  readonly fatal: number;
  readonly unstable: number;
  readonly twinErrors: number;
  readonly twinTimeouts: number;
  /** Skips, whatever representation the twin would have been asked for. */
  readonly skippedByChoice: number;
  readonly skippedByForce: number;
  /** 304, and a primary in trouble. */
  readonly skippedBlameless?: number;
  /** Of the skips against our will: a rule that threw, a worker that died. */
  readonly verifierErrors: number;
}

export interface FingerprintEvidence {
  readonly fingerprint: string;
  readonly route: string;
  readonly kinds: readonly string[];
  readonly state: 'open' | 'acknowledged' | 'fixed';
  readonly owner: string | null;
  readonly reason: string | null;
  /** Epoch ms. */
  readonly expiresAt: number | null;
  /** Mismatches in this epoch; 0 where it was only seen before. */
  readonly count: number;
  readonly lastSeen: number;
}

export interface EpochEvidence {
  readonly id: number;
  /** Number of this domain's try, from 1: epoch k is tested at alpha / (k (k + 1)). */
  readonly ordinal: number;
  readonly backfill: string | null;
  readonly twinBuild: string | null;
  readonly rules: string | null;
  readonly beganAt: number;
}

/** Faults of the domain that reads have shown and that are neither repaired nor acknowledged. */
export interface FaultsOfDomain {
  readonly open: number;
  /** The first few of them in words, those of money and identity first: `payments/66d4f0a2…b8c9 amount`. */
  readonly names: readonly string[];
}

export interface DomainEvidence {
  readonly domain: string;
  /** Epoch ms by the journal's clock. */
  readonly at: number;
  /** Null where nothing of the domain was ever journalled. */
  readonly epoch: EpochEvidence | null;
  readonly counts: WindowCounts;
  readonly lastDay: WindowCounts;
  /** Comparisons in the representation that does not count: shown, never counted. */
  readonly otherRepresentation: number;
  /** Comparisons of reads that the twin served: shown, never counted. */
  readonly servedByTwin: number;
  readonly routes: readonly RouteEvidence[];
  readonly settleP99Ms: number | null;
  readonly fingerprints: readonly FingerprintEvidence[];
  /** Absent in evidence that was kept before there were faults. */
  readonly faults?: FaultsOfDomain;
  /** Ids of the domain's answers that are paired by consistency; absent where there are none. */
  readonly ids?: readonly IdEvidence[];
  readonly journal: JournalHealth;
}

/** Ids of one collection whose partners are hypotheses. */
export interface IdEvidence {
  readonly collection: string;
  readonly ids: number;
  /** Of those: shown by one answer alone, so that nothing has confirmed the partner yet. */
  readonly once: number;
}

/** Whether the journal holds everything that the replicas saw. */
export interface JournalHealth {
  /** Replicas of the last day. */
  readonly replicas: number;
  /** Stretches of time in which a replica was at work and its counts are missing. */
  readonly gaps: readonly { readonly instance: string; readonly from: number; readonly seconds: number }[];
  /** The widest difference between two replicas' clocks, or to the journal's, ms. */
  readonly clockSkewMs: number;
  /** Epochs of the domain that were written to within the last two minutes: more than one while a deployment is under way. */
  readonly activeEpochs: number;
}
