import { agree, count } from '../../base/figure-words.ts';

/** How far it is and how long it will take, by the pace so far. */
export class ProgressLine {
  readonly #total: number | null;
  readonly #before: number;
  readonly #began = performance.now();
  #judged = 0;
  #mismatches = 0;

  /** `total`: null where it cannot be known; `before`: judged by an earlier run. */
  constructor(total: number | null, before: number) {
    this.#total = total;
    this.#before = before;
  }

  judged(mismatch: boolean): void {
    this.#judged += 1;
    if (mismatch) this.#mismatches += 1;
  }

  text(): string {
    const done = this.#before + this.#judged;
    const of = this.#total === null ? '' : ` of ${count(this.#total)}`;
    return `${count(done)}${of} ${agree(this.#total ?? done, 'read', 'reads')} judged, ${count(this.#mismatches)} ${agree(this.#mismatches, 'differs', 'differ')}${this.#left(done)}`;
  }

  #left(done: number): string {
    const pace = this.#judged / (performance.now() - this.#began);
    if (this.#total === null || this.#judged < 10 || pace === 0) return '';
    return `, about ${span(Math.max(0, this.#total - done) / pace)} left`;
  }
}

/** `40 s`, `12 min`, `3.5 h` */
function span(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
