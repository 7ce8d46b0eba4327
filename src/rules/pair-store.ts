/** Pairs of ids that rules suppose, as whoever keeps them sees them. */

/** A pair and in how many answers it was met, since it was last told. */
export interface KeptPair {
  readonly collection: string;
  readonly primary: string;
  readonly twin: string;
  readonly sightings: number;
}

/** What a place that keeps pairs needs of whoever meets them. */
export interface PairStore {
  /** Collections whose pairs are hypotheses. */
  readonly kept: readonly string[];
  /** Pairs that were met and not taken yet, at most so many. */
  takeMet(most: number): readonly KeptPair[];
  /** They could not be kept: they are to be taken again. */
  giveBack(pairs: readonly KeptPair[]): void;
  /** Pairs that are kept: whoever was first says which. */
  adopt(pairs: readonly KeptPair[]): void;
}
