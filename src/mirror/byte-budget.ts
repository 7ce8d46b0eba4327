/** One budget for the bodies of all reads together. Every byte held is released exactly once, by the read that holds it. */
export class ByteBudget {
  #limit: number;
  #held = 0;
  #peak = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  /** The most that was ever held at once. */
  get peak(): number {
    return this.#peak;
  }

  get limit(): number {
    return this.#limit;
  }

  /** A lower limit releases nothing: it refuses until enough has been released. */
  setLimit(limit: number): void {
    this.#limit = limit;
  }

  hold(bytes: number): boolean {
    if (this.#held + bytes > this.#limit) return false;
    this.#held += bytes;
    if (this.#held > this.#peak) this.#peak = this.#held;
    return true;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}
