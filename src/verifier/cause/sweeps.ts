/** Walks through whole collections, one at a time: a burst of mismatches must not become a burst of walks. */
export class Sweeps<T> {
  readonly #waiting = new Map<string, Promise<T>>();
  #last: Promise<unknown> = Promise.resolve();

  /** A walk that begins after this call. Those who ask for the same one before it begins share it. */
  share(key: string, walk: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting;
    const mine = this.#last.then(() => {
      this.#waiting.delete(key);
      return walk();
    });
    this.#waiting.set(key, mine);
    // The next one runs even if this one failed.
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
