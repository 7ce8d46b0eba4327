/** The other end of `elsewhere.ts`: has the twin's reads sent by another process. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromElsewhere, ToElsewhere } from './elsewhere.ts';
import type { Repeats } from './entities.ts';

/** Reads that it may be behind before the load waits for it: as many as wait in a proxy at its ease. */
const BEHIND = 256;
/** How often it is told of more reads, ms. */
const SLICE_MS = 4;

export class SomebodyElse {
  readonly #child: ChildProcess;
  #sent = 0;
  #done = 0;
  #failed = 0;
  #over: (() => void) | null = null;
  #held: (() => void)[] = [];

  constructor(twinPort: number) {
    this.#child = fork(fileURLToPath(new URL('./elsewhere.ts', import.meta.url)), [String(twinPort)]);
    this.#child.on('message', (told: FromElsewhere) => {
      this.#done += told.done;
      this.#failed += told.failed;
      const held = this.#held;
      this.#held = [];
      for (const each of held) each();
      if (told.over) this.#over?.();
    });
  }

  /** Reads so far that failed. */
  get failed(): number {
    return this.#failed;
  }

  /** Sends reads at a pace, to the end. */
  async atRate(rate: number, seconds: number, kb: number, repeats: Repeats): Promise<void> {
    await this.#told({ do: 'rate', rate, seconds, kb, repeats });
  }

  /**
   * `work` with, for each request it begins, `share` reads of the twin; it is held back where those fall behind. Resolves
   * when both are at rest.
   */
  async beside<T>(
    share: number,
    kb: number,
    repeats: Repeats,
    work: (before: () => Promise<boolean> | boolean) => Promise<T>,
  ): Promise<T> {
    this.#child.send({ do: 'begin', kb, repeats } satisfies ToElsewhere);
    [this.#sent, this.#done] = [0, 0];
    let owed = 0;
    let more = 0;
    const timer = setInterval(() => {
      if (more > 0) this.#child.send({ do: 'credit', more } satisfies ToElsewhere);
      this.#sent += more;
      more = 0;
    }, SLICE_MS);
    const result = await work(() => {
      owed += share;
      const due = Math.floor(owed);
      owed -= due;
      more += due;
      return this.#sent + more - this.#done < BEHIND || this.#caughtUp(() => more);
    });
    clearInterval(timer);
    await this.#told({ do: 'end' });
    return result;
  }

  async #caughtUp(more: () => number): Promise<boolean> {
    while (this.#sent + more() - this.#done >= BEHIND) await new Promise<void>((resolve) => this.#held.push(resolve));
    return true;
  }

  #told(message: ToElsewhere): Promise<void> {
    return new Promise((resolve) => {
      this.#over = resolve;
      this.#child.send(message);
    });
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
