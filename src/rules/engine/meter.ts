/** The steps of a comparison: about one per value, or one per sixteen characters of a long text. */
import { COMPARE_LIMITS } from '../limits.ts';

/** Counts the steps of one comparison. */
export class Meter {
  readonly limit: number;
  spent = 0;

  constructor(limit: number = COMPARE_LIMITS.steps) {
    this.limit = limit;
  }

  /** @throws StepsSpent where the limit is passed */
  spend(steps: number): void {
    this.spent += steps;
    if (this.spent > this.limit) throw new StepsSpent(this.limit);
  }
}

/** Thrown through the engine's closures, and caught where a comparison begins. */
export class StepsSpent extends Error {
  constructor(limit: number) {
    super(`comparing takes more than ${limit} steps`);
  }
}
