/** Whether the failures of a while are those of one caller, such as one whose token a side cannot read, or of many. */
import { callerKeyOf } from '../base/caller.ts';
import { placeOf } from '../base/hash.ts';
import type { RawHeaders } from '../types.ts';
import { Outcomes } from './breaker.ts';

/** A caller, or a few that share a place; `NOBODY` where the caller cannot be identified. */
export type CallerPlace = number;

export const NOBODY: CallerPlace = 0;
/** Bounded, however many callers there are. */
const PLACES = 64;

export function callerPlace(rawHeaders: RawHeaders): CallerPlace {
  const key = callerKeyOf(rawHeaders);
  return key === '' ? NOBODY : 1 + Math.floor(placeOf(key) * PLACES);
}

export class FailingCallers {
  readonly #windowMs: number;
  readonly #failureShare: number;
  readonly #byPlace = new Map<CallerPlace, Outcomes>();

  /** A caller fails where this share of the caller's requests does. */
  constructor(windowMs: number, failureShare: number) {
    this.#windowMs = windowMs;
    this.#failureShare = failureShare;
  }

  count(caller: CallerPlace, ok: boolean, now: number): void {
    const outcomes = this.#byPlace.get(caller) ?? new Outcomes(this.#windowMs);
    this.#byPlace.set(caller, outcomes);
    outcomes.count(ok, now);
  }

  /** True if most recent callers fail, and these are several or of unknown number. */
  areMany(now: number): boolean {
    let callers = 0;
    let failing = 0;
    let nobodyFails = false;
    for (const [caller, outcomes] of this.#byPlace) {
      const { all, bad } = outcomes.sums(now);
      if (all === 0) continue;
      callers += 1;
      if (bad / all < this.#failureShare) continue;
      failing += 1;
      nobodyFails ||= caller === NOBODY;
    }
    return (failing >= 2 || nobodyFails) && failing * 2 > callers;
  }
}
