/** Under which origins each side names itself: in URLs that are the same but for them. */

/** Pairs of origins that are kept. */
const PAIRS = 20;

export class OriginStats {
  readonly #seen = new Map<string, number>();

  /** Two URLs that mean the same place. */
  see(primary: string, twin: string): void {
    const [mine, its] = [originIn(primary), originIn(twin)];
    if (mine === null || its === null || mine === its) return;
    const pair = `${mine} ${its}`;
    if (this.#seen.has(pair) || this.#seen.size < PAIRS) this.#seen.set(pair, (this.#seen.get(pair) ?? 0) + 1);
  }

  /** Those that were seen so often. */
  atLeast(times: number): SeenOrigins {
    const pairs = [...this.#seen].filter(([, seen]) => seen >= times).map(([pair]) => pair.split(' '));
    const of = (at: 0 | 1): readonly string[] => [...new Set(pairs.flatMap((pair) => pair[at] ?? []))].sort();
    return { primary: of(0), twin: of(1) };
  }
}

export interface SeenOrigins {
  readonly primary: readonly string[];
  readonly twin: readonly string[];
}

function originIn(url: string): string | null {
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? new URL(url).origin : null;
}
