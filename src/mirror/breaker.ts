export type BreakerState = 'closed' | 'open' | 'half_open';

export interface BreakerOptions {
  /** Share of failures in the window that opens it. */
  readonly failureShare: number;
  /** Fewer outcomes in the window than this open nothing. */
  readonly minimum: number;
  /** Outcomes are forgotten after this many milliseconds. */
  readonly windowMs: number;
  /** First time open; doubled each time a probe fails, up to `maxOpenMs`. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** Probes that must all succeed before it closes. */
  readonly probes: number;
}

export const BREAKER_DEFAULTS: BreakerOptions = Object.freeze({
  failureShare: 0.5,
  minimum: 20,
  windowMs: 10_000,
  openMs: 2_000,
  maxOpenMs: 60_000,
  probes: 3,
});

/** Leave to send one request; a probe's ticket is the number of its half-open time. */
export type Ticket = number;
const ORDINARY: Ticket = 0;

/** Slices of the window: an outcome is forgotten within a tenth of the window of when it should be. */
const SLICES = 10;

/**
 * Keeps a failing side from being asked. Closed until the share of errors and timeouts in the window is too high; open
 * for a while; then half open, where a few probes decide. Where nobody asks for a whole window after that while, it closes
 * by itself: what is known is then as old as what a closed one forgets. Time is monotonic milliseconds.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #state: BreakerState = 'closed';
  #openUntil = 0;
  #openFor: number;
  /** When its last probe went out or came back. */
  #probedAt = 0;
  #probesOut = 0;
  #probesGood = 0;
  /** Counts the half-open times, so that a probe of an earlier one that comes late is not taken for one of this. */
  #epoch = 0;
  readonly #outcomes: Outcomes;
  #opened = 0;

  constructor(options: BreakerOptions = BREAKER_DEFAULTS) {
    this.#options = options;
    this.#openFor = options.openMs;
    this.#outcomes = new Outcomes(options.windowMs);
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** How often it has opened since the start. */
  get opened(): number {
    return this.#opened;
  }

  /** Closes what nobody has asked for a window since probes may go; to be called before its state is shown. */
  lapse(now: number): void {
    const since = this.#state === 'open' ? this.#openUntil : this.#probedAt;
    if (this.#state === 'closed' || this.#probesOut > 0 || now < since + this.#options.windowMs) return;
    this.#close();
  }

  /** True where it knows no more than a new one: closed, and without outcomes in its window. */
  knowsNothing(now: number): boolean {
    this.lapse(now);
    return this.#state === 'closed' && this.#outcomes.sums(now).all === 0;
  }

  /** Milliseconds until probes may go; 0 where it is not open. */
  opensIn(now: number): number {
    return this.#state === 'open' ? Math.max(0, this.#openUntil - now) : 0;
  }

  /** True where a read need not even queue. Takes nothing. */
  refuses(now: number): boolean {
    return this.#state === 'open' && now < this.#openUntil;
  }

  /** Asks to send one request. A ticket must be followed by exactly one of `report` and `giveBack`; null is no. */
  acquire(now: number): Ticket | null {
    this.lapse(now);
    if (this.#state === 'closed') return ORDINARY;
    if (this.#state === 'open') {
      if (now < this.#openUntil) return null;
      this.#state = 'half_open';
      this.#epoch += 1;
      this.#probesOut = 0;
      this.#probesGood = 0;
    }
    if (this.#probesOut + this.#probesGood >= this.#options.probes) return null;
    this.#probesOut += 1;
    this.#probedAt = now;
    return this.#epoch;
  }

  /** A probe without an outcome: it was never sent, or its outcome is unknown. */
  giveBack(ticket: Ticket): void {
    if (this.#state === 'half_open' && ticket === this.#epoch) this.#probesOut -= 1;
  }

  /** Opens it, whatever its own outcomes say. */
  trip(now: number): void {
    if (this.#state === 'closed') this.#open(now);
  }

  /** `mayOpen`: false where something else says that the side is not to blame. */
  report(ok: boolean, ticket: Ticket, now: number, mayOpen = true): void {
    switch (this.#state) {
      case 'closed':
        this.#count(ok, now, mayOpen);
        break;
      case 'half_open':
        // What was sent before it opened says nothing about now.
        if (ticket === this.#epoch) this.#probed(ok, now);
        break;
      case 'open':
        break;
    }
  }

  #probed(ok: boolean, now: number): void {
    if (!ok) {
      this.#openFor = Math.min(this.#openFor * 2, this.#options.maxOpenMs);
      this.#open(now);
      return;
    }
    this.#probesOut -= 1;
    this.#probesGood += 1;
    this.#probedAt = now;
    if (this.#probesGood >= this.#options.probes) this.#close();
  }

  #close(): void {
    this.#state = 'closed';
    this.#openFor = this.#options.openMs;
    this.#outcomes.clear();
  }

  #count(ok: boolean, now: number, mayOpen: boolean): void {
    this.#outcomes.count(ok, now);
    if (ok || !mayOpen) return;
    const { all, bad } = this.#outcomes.sums(now);
    if (all >= this.#options.minimum && bad / all >= this.#options.failureShare) this.#open(now);
  }

  #open(now: number): void {
    this.#state = 'open';
    this.#openUntil = now + this.#openFor;
    this.#probesOut = 0;
    this.#opened += 1;
  }
}

/** How many requests went well and how many did not, within the last while. */
export class Outcomes {
  readonly #windowMs: number;
  readonly #good = new Array<number>(SLICES).fill(0);
  readonly #bad = new Array<number>(SLICES).fill(0);
  #slice = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  count(ok: boolean, now: number): void {
    this.#advance(now);
    const slices = ok ? this.#good : this.#bad;
    const at = this.#slice % SLICES;
    slices[at] = (slices[at] ?? 0) + 1;
  }

  sums(now: number): { readonly all: number; readonly bad: number } {
    this.#advance(now);
    const bad = sum(this.#bad);
    return { all: bad + sum(this.#good), bad };
  }

  clear(): void {
    this.#good.fill(0);
    this.#bad.fill(0);
  }

  #advance(now: number): void {
    const slice = Math.floor((now * SLICES) / this.#windowMs);
    for (let i = Math.max(this.#slice + 1, slice - SLICES + 1); i <= slice; i += 1) {
      this.#good[i % SLICES] = 0;
      this.#bad[i % SLICES] = 0;
    }
    if (slice > this.#slice) this.#slice = slice;
  }
}

function sum(slices: readonly number[]): number {
  let total = 0;
  for (const slice of slices) total += slice;
  return total;
}
