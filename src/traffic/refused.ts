/**
 * Reads that an open breaker refused while it lets others through: one tenant or one route fails. They come again behind
 * what was never asked, until they have been refused for too long.
 */
const PAUSE_MS = 500;
/** More of them are not kept: they count as refused at once. */
const MOST = 10_000;

export class Refused<Read extends { readonly refusedSince: number | null }> {
  readonly #patienceMs: number;
  readonly #waiting: { readonly read: Read & { readonly refusedSince: number }; readonly from: number }[] = [];

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** False where it is not to be asked again: it was refused for as long as one waits, or too many wait. */
  take(read: Read, now: number): boolean {
    const since = read.refusedSince ?? now;
    if (now - since > this.#patienceMs || this.#waiting.length >= MOST) return false;
    this.#waiting.push({ read: { ...read, refusedSince: since }, from: now + PAUSE_MS });
    return true;
  }

  /** The first one, where its pause is over. */
  due(now: number): Read | undefined {
    const [first] = this.#waiting;
    return first !== undefined && first.from <= now ? this.#waiting.shift()?.read : undefined;
  }

  /** Milliseconds until one is due; null where none waits. */
  dueIn(now: number): number | null {
    const [first] = this.#waiting;
    return first === undefined ? null : Math.max(0, first.from - now);
  }
}
