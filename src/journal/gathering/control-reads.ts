/** Control reads: the noise floor by route and path. */
import type { Verdict } from '../../types.ts';
import type { Batch, ControlEntry, ControlPathEntry } from '../batch.ts';
import { coarser, MINUTE } from '../coarser.ts';
import { clean } from '../text.ts';

/** Counters held apart by minute; more of them and the oldest are summed by hour, as in a long outage of the journal. */
const MOST_COUNTERS = 20_000;
const MOST_CONTROL_PATHS = 500;

/** Whether and where the primary agreed with itself, where it was read twice. */
export class ControlReads {
  #control = new Map<string, ControlEntry>();
  #controlPaths = new Map<string, ControlPathEntry>();

  take(): Pick<Batch, 'control' | 'controlPaths'> {
    const taken = { control: [...this.#control.values()], controlPaths: [...this.#controlPaths.values()] };
    this.#control = new Map();
    this.#controlPaths = new Map();
    return taken;
  }

  add(verdict: Verdict, control: NonNullable<Verdict['control']>): void {
    const minute = Math.floor(verdict.at / MINUTE) * MINUTE;
    const { key: route, domain } = verdict.route;
    const key = `${minute}|${route}`;
    if (!this.#control.has(key) && this.#control.size >= MOST_COUNTERS) {
      this.#control = coarser(this.#control, (into, from) => {
        into.n += from.n;
        into.disagreed += from.disagreed;
      });
    }
    const entry = this.#control.get(key) ?? { minute, domain, route, n: 0, disagreed: 0 };
    this.#control.set(key, entry);
    entry.n += 1;
    if (control.agreed) return;
    entry.disagreed += 1;
    this.#note(verdict, control.paths);
  }

  /** A read that was read again and found the primary itself at odds: where, so that a person can write a rule for it. */
  unstable(verdict: Verdict): void {
    this.#note(verdict, [...new Set(verdict.patterns.map(({ path }) => path))]);
  }

  #note({ route: { key: route }, at: lastAt }: Verdict, paths: readonly string[]): void {
    for (const path of paths.slice(0, 20)) {
      const name = clean(path, 512);
      const at = `${route}|${name}`;
      const seen = this.#controlPaths.get(at);
      if (seen === undefined && this.#controlPaths.size >= MOST_CONTROL_PATHS) continue;
      this.#controlPaths.set(at, { route, path: name, n: (seen?.n ?? 0) + 1, lastAt });
    }
  }
}
