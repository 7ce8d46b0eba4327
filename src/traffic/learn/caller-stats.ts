/** Whether an answer depends on who asks: one target, two callers, two answers. */

const TARGETS = 300;

export class CallerStats {
  /** Reads with credentials. */
  known = 0;
  /** Questions that two callers asked, and of them those that were answered differently. */
  shared = 0;
  different = 0;
  readonly #answers = new Map<string, { caller: string; answer: string }>();

  see(target: string, caller: string | null, answer: string): void {
    if (caller === null) return;
    this.known += 1;
    const held = this.#answers.get(target);
    if (held === undefined) {
      if (this.#answers.size < TARGETS) this.#answers.set(target, { caller, answer });
      return;
    }
    if (held.caller !== caller) {
      this.shared += 1;
      if (held.answer !== answer) this.different += 1;
    }
    this.#answers.set(target, { caller, answer });
  }

  /** Half of the questions that two callers asked were answered differently: more than writes in between explain. */
  get perCaller(): boolean {
    return this.different > 0 && this.different * 2 >= this.shared;
  }

  merge(other: CallerStats): void {
    this.known += other.known;
    this.shared += other.shared;
    this.different += other.different;
    for (const [target, held] of other.#answers) {
      if (this.#answers.size < TARGETS && !this.#answers.has(target)) this.#answers.set(target, held);
    }
  }
}
