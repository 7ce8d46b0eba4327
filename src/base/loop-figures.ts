/** Figures of reads that said they were shadow reads. */
export interface LoopCaller {
  /** Address of the connection. */
  readonly address: string;
  /** Keyed hash of the credentials, cookie or forwarded address; null without any. */
  readonly caller: string | null;
  readonly believed: number;
  readonly doubted: number;
}

export interface LoopFigures {
  /** Reads of known routes that said they were shadow reads, and were not verified. */
  readonly believed: number;
  /** Reads that said so by callers who are not believed; they were verified like any other read. */
  readonly doubted: number;
  /** The callers with most of them. With more callers than are kept, a figure may include some of a caller before it. */
  readonly callers: readonly LoopCaller[];
}

const MOST_LISTED = 20;

type Counted = { -readonly [Key in keyof LoopCaller]: LoopCaller[Key] };

/** Of several processes as of one. */
export function sumLoops(all: readonly LoopFigures[]): LoopFigures {
  const callers = new Map<string, Counted>();
  for (const one of all.flatMap((figures) => figures.callers)) {
    const name = `${one.address} ${one.caller ?? ''}`;
    const kept = callers.get(name) ?? { address: one.address, caller: one.caller, believed: 0, doubted: 0 };
    kept.believed += one.believed;
    kept.doubted += one.doubted;
    callers.set(name, kept);
  }
  return {
    believed: all.reduce((sum, one) => sum + one.believed, 0),
    doubted: all.reduce((sum, one) => sum + one.doubted, 0),
    callers: mostOf([...callers.values()]),
  };
}

/** Those with most of them first, as many as are shown. */
export function mostOf(callers: readonly LoopCaller[]): LoopCaller[] {
  return callers
    .toSorted((one, other) => sumOf(other) - sumOf(one))
    .slice(0, MOST_LISTED)
    .map((kept) => ({ ...kept }));
}

function sumOf({ believed, doubted }: LoopCaller): number {
  return believed + doubted;
}
