/** Pairs of ids that rules suppose, as the store that keeps them sees them. */

/** A pair, and the number of answers that have shown it since the last report. */
export interface KeptPair {
  readonly collection: string;
  readonly primary: string;
  readonly twin: string;
  readonly sightings: number;
}

/** What a store of pairs needs from the comparisons that find them. */
export interface PairStore {
  /** Collections whose pairs are hypotheses. */
  readonly kept: readonly string[];
  /** At most `most` of the pairs that were found and not taken yet. */
  takeMet(most: number): readonly KeptPair[];
  /** The pairs could not be stored: `takeMet` returns them again. */
  giveBack(pairs: readonly KeptPair[]): void;
  /** Takes over the stored pairs. If an id has two partners, the one that was stored first counts. */
  adopt(pairs: readonly KeptPair[]): void;
  /** Somebody said that these are no pairs: the next answers say anew whose partner each id is. */
  forget(pairs: readonly Omit<KeptPair, 'sightings'>[]): void;
}
