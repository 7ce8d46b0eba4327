/** Counts of verdicts and histograms of times, each by minute. */
import type { Verdict } from '../../types.ts';
import type { CountEntry, EvidenceKey, HistogramEntry, Timed } from '../batch.ts';
import { coarser, HOUR, MINUTE, mergeCounts, mergeHistograms } from '../coarser.ts';
import { Histogram } from '../histogram.ts';

/** Counters held apart by minute; more of them and the oldest are summed by hour, as in a long outage of the journal. */
const MOST_COUNTERS = 20_000;

/** Verdicts by minute, and how long they took. */
export class Counters {
  #counts = new Map<string, CountEntry>();
  #histograms = new Map<string, HistogramEntry>();

  get hasHistograms(): boolean {
    return this.#histograms.size > 0;
  }

  takeCounts(): CountEntry[] {
    const taken = [...this.#counts.values()];
    this.#counts = new Map();
    return taken;
  }

  takeHistograms(): HistogramEntry[] {
    const taken = [...this.#histograms.values()];
    this.#histograms = new Map();
    return taken;
  }

  count(verdict: Verdict, about: EvidenceKey, scope: string): void {
    const minute = Math.floor(verdict.at / MINUTE) * MINUTE;
    const reason = verdict.reason ?? agreedIn(verdict);
    const { route, served, representation, kind, fatal } = verdict;
    const key = `${minute}|${scope}|${route.key}|${served}|${representation}|${kind}|${reason}|${fatal}`;
    const entry = this.#counts.get(key);
    if (entry !== undefined) {
      entry.n += 1;
      entry.firstAt = Math.min(entry.firstAt, verdict.at);
      entry.lastAt = Math.max(entry.lastAt, verdict.at);
      return;
    }
    if (this.#counts.size >= MOST_COUNTERS) this.#counts = coarser(this.#counts, mergeCounts);
    const made: CountEntry = {
      minute,
      about,
      route: route.key,
      served,
      representation,
      verdict: kind,
      reason,
      fatal,
      n: 1,
      firstAt: verdict.at,
      lastAt: verdict.at,
    };
    this.#counts.set(key, made);
  }

  time(verdict: Verdict, about: EvidenceKey, scope: string): void {
    // Only pairs, so that both sides are timed over the same reads. The time of an error says nothing about answers.
    const good = !isError(verdict.primary?.status) && !isError(verdict.twin?.status);
    if (good && verdict.primary !== null && verdict.twin !== null && verdict.kind !== 'twin_timeout') {
      this.#sample(verdict, about, scope, 'primary', verdict.primary.headersMs);
      this.#sample(verdict, about, scope, 'twin', verdict.twin.headersMs);
    }
    const alike = verdict.control?.timing;
    if (good && alike !== undefined && alike.twin !== null && verdict.kind !== 'twin_timeout') {
      this.#sample(verdict, about, scope, 'primary_control', alike.primary.headersMs);
      this.#sample(verdict, about, scope, 'twin_control', alike.twin.headersMs);
    }
    if (verdict.settleMs !== null) this.#sample(verdict, about, scope, 'settle', verdict.settleMs);
    if (verdict.overheadMs > 0) this.#sample(verdict, about, scope, 'overhead', verdict.overheadMs);
  }

  #sample(verdict: Verdict, about: EvidenceKey, scope: string, measure: Timed, ms: number): void {
    // One row per hour: with rows per minute, a page over a day would have to merge a million arrays.
    const minute = Math.floor(verdict.at / HOUR) * HOUR;
    const { route, served, representation } = verdict;
    const key = `${minute}|${scope}|${route.key}|${served}|${representation}|${measure}`;
    let entry = this.#histograms.get(key);
    if (entry === undefined) {
      if (this.#histograms.size >= MOST_COUNTERS) this.#histograms = coarser(this.#histograms, mergeHistograms);
      entry = { minute, about, route: route.key, measure, served, representation, histogram: new Histogram() };
      this.#histograms.set(key, entry);
    }
    entry.histogram.add(ms);
  }
}

/**
 * Sides that agree in an answer that is no 2xx count under a reason of their own: they are no evidence for good
 * answers.
 */
function agreedIn({ kind, primary }: Verdict): string {
  const status = primary?.status ?? 200;
  return (kind === 'match' || kind === 'settled') && status >= 300 ? `${Math.floor(status / 100)}xx` : '';
}

function isError(status: number | null | undefined): boolean {
  return status != null && status >= 400;
}
