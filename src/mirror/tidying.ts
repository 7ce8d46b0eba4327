/** Between two looks, ms. */
const EVERY_MS = 50;

/** Calls `tidy` again and again until it returns false: there is nothing left whose time could run out. */
export class Tidying {
  readonly #tidy: () => boolean;
  #timer: NodeJS.Timeout | null = null;

  constructor(tidy: () => boolean) {
    this.#tidy = tidy;
  }

  /** There is something now. A process without reads must not wake up twenty times a second. */
  wake(): void {
    this.#timer ??= setInterval(() => {
      if (!this.#tidy()) this.stop();
    }, EVERY_MS).unref();
  }

  /** Until it is woken again. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
