/** What a target of the fuzz runner is: something driven at random, that names its seed when it fails. */
export interface FuzzTarget {
  /** One line for the help. */
  readonly what: string;
  /** Runs of the long run, where none are asked for. */
  readonly runs: number;
  fuzz(options: FuzzOptions): Promise<FuzzOutcome>;
}

export interface FuzzOptions {
  readonly runs: number;
  /** The same seed and number of runs give the same inputs to what does not depend on time. */
  readonly seed: number;
  /** True when the time that was asked for is over: then it ends, however many runs are left. */
  readonly over: () => boolean;
  /** Says how far it is, for people who wait. */
  readonly tell: (line: string) => void;
}

export interface FuzzOutcome {
  /** In words, with what brings each back; none where all held. */
  readonly failures: readonly string[];
  /** What was counted, for the report. */
  readonly figures: Readonly<Record<string, number>>;
}
