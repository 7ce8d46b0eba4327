import type { IdTable } from './id-table.ts';
import type { OriginStats } from './origin-stats.ts';

/** What was seen of one pair of answers, before it counts. */
export class Observation {
  readonly #changes: (() => void)[] = [];
  /** Agreements that held so far and that this pair would end. */
  ends = 0;

  later(change: () => void): void {
    this.#changes.push(change);
  }

  /** Makes what was seen count. */
  keep(): void {
    for (const change of this.#changes) change();
    this.#changes.length = 0;
  }
}

export interface Looking {
  readonly observation: Observation;
  /** Partners of ObjectIds and uuids of the primary, wherever they were seen: each is of one entity. */
  readonly known: IdTable;
  /** Under which origins each side names itself. */
  readonly origins: OriginStats;
  readonly query: ReadonlyMap<string, string>;
}
