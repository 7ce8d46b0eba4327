/** Sums verdicts into what the next batch carries. Bounded whatever comes in; every additive count stays exact. */
import { isCompared, type Verdict } from '../../types.ts';
import type { Batch, EvidenceKey, FailureEntry, HashEntry } from '../batch.ts';
import { MINUTE } from '../coarser.ts';
import { clean } from '../text.ts';
import { ControlReads } from './control-reads.ts';
import { Counters } from './counters.ts';
import { Covered } from './covered.ts';
import { Differing } from './differing.ts';
import { scopeOf } from './scope.ts';

export interface GatheringOptions {
  /** Mismatch rows held at most; further ones are counted as dropped. */
  readonly evidenceRows: number;
  /** The digest over all rules of the verdict's domain; null while unknown. */
  readonly rulesOf: ((verdict: Verdict) => string | null) | undefined;
  /** The id of the backfill that the twin's data came from; null while unknown. */
  readonly backfillOf: ((domain: string) => string | null) | undefined;
}

export class Gathering {
  readonly #options: GatheringOptions;
  readonly #counters = new Counters();
  readonly #covered = new Covered();
  readonly #differing: Differing;
  readonly #control = new ControlReads();
  #failures = new Map<string, FailureEntry>();
  #verdicts = 0;
  #since = 0;
  /**
   * Histograms may wait some seconds longer than counts, because merging them is the most expensive part of a batch.
   */
  #histogramsSince = 0;

  constructor(options: GatheringOptions) {
    this.#options = options;
    this.#differing = new Differing(options.evidenceRows);
  }

  /** Verdicts not handed out yet. */
  get verdicts(): number {
    return this.#verdicts;
  }

  /** Epoch ms of the oldest verdict not handed out; 0 without any. */
  get since(): number {
    return this.#since;
  }

  get evidenceRows(): number {
    return this.#differing.rows;
  }

  /** Mismatch rows that found the buffer full, since the start. */
  get dropped(): number {
    return this.#differing.dropped;
  }

  /** Sends all hashes again when they are next seen: a new epoch has begun that has none of them. */
  sendAgain(): void {
    this.#covered.sendAgain();
  }

  add(verdict: Verdict, now: number): void {
    if (this.#verdicts === 0) this.#since = now;
    if (this.#histogramsSince === 0) this.#histogramsSince = now;
    this.#verdicts += 1;
    const about = this.#about(verdict);
    const scope = scopeOf(about);
    this.#counters.count(verdict, about, scope);
    this.#counters.time(verdict, about, scope);
    if (verdict.kind !== 'skipped' && verdict.served === 'primary') this.#covered.add(verdict, about, scope);
    if (verdict.kind === 'mismatch') this.#differing.add(verdict, about, scope);
    if (verdict.control !== null) this.#control.add(verdict, verdict.control);
    if (verdict.kind === 'unstable') this.#control.unstable(verdict);
    if (verdict.detail !== null || verdict.reason === 'verifier_error') this.#failure(verdict);
  }

  /**
   * Returns what was gathered and starts empty. `withHistograms`: false leaves histograms for a later batch; rows beyond
   * the size of a batch are left for the next one too. `wall` is the time of day, `now` is a monotonic clock.
   */
  take(now: number, withHistograms: boolean, wall = now): Batch {
    const batch: Batch = {
      counts: this.#counters.takeCounts(),
      histograms: withHistograms ? this.#counters.takeHistograms() : [],
      ...this.#covered.take(now),
      ...this.#differing.take(),
      ...this.#control.take(),
      failures: [...this.#failures.values()],
      verdicts: this.#verdicts,
      since: this.#since,
      watermark: Math.floor(wall / MINUTE) * MINUTE,
    };
    if (withHistograms) this.#histogramsSince = 0;
    this.#failures = new Map();
    this.#verdicts = 0;
    this.#since = 0;
    return batch;
  }

  /** True where histograms wait longer than `ms`. */
  histogramsDue(now: number, ms: number): boolean {
    return this.#histogramsSince > 0 && now - this.#histogramsSince >= ms;
  }

  /** The journal keeps no more hashes beside these, unless they mismatch. */
  full(entries: readonly HashEntry[]): void {
    this.#covered.full(entries);
  }

  get hasHistograms(): boolean {
    return this.#counters.hasHistograms;
  }

  /** True where rows were left by the last batch, whose counts are written already. */
  get hasRows(): boolean {
    return this.#differing.rows > 0 || this.#covered.hasHashes;
  }

  #about(verdict: Verdict): EvidenceKey {
    const { domain } = verdict.route;
    const answered = isCompared(verdict.kind) || verdict.kind === 'unstable';
    return {
      domain,
      backfill: this.#options.backfillOf?.(domain) ?? null,
      twinBuild: verdict.twinBuild ?? (answered ? '' : null),
      rules: this.#options.rulesOf?.(verdict) ?? null,
    };
  }

  #failure(verdict: Verdict): void {
    const { key: route, domain } = verdict.route;
    const reason = verdict.reason ?? '';
    const key = `${route}|${verdict.kind}|${reason}`;
    const n = (this.#failures.get(key)?.n ?? 0) + 1;
    const detail = verdict.detail === null ? null : clean(verdict.detail, 1_000);
    const { kind, at, trace } = verdict;
    this.#failures.set(key, { domain, route, verdict: kind, reason, n, lastAt: at, detail, traceId: trace.traceId });
  }
}
