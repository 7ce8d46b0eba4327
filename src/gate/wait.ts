import type { Decision } from './decision.ts';

export interface WaitOptions {
  readonly domains: readonly string[];
  /** Decides now, without keeping it: only the decision that is returned is kept. */
  readonly evaluate: (domain: string) => Promise<Decision>;
  readonly waitMs: number;
  /** Between two looks; the bound allows any number of them. 5 s by default. */
  readonly everyMs?: number;
  /** Told after each look, with what is still missing. */
  readonly onProgress: (decisions: readonly Decision[], leftMs: number) => void;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Looks until no domain is undecided, or the time is over; returns the last decisions in the order of `domains`. */
export async function waitForGates(options: WaitOptions): Promise<readonly Decision[]> {
  const now = options.now ?? Date.now;
  const sleep = options.sleep ?? pause;
  const until = now() + options.waitMs;
  for (;;) {
    const decisions = await Promise.all(options.domains.map(options.evaluate));
    const left = until - now();
    if (decisions.every(({ outcome }) => outcome !== 'undecided') || left <= 0) return decisions;
    options.onProgress(decisions, left);
    await sleep(Math.min(options.everyMs ?? 5_000, left));
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
