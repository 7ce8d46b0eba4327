/** Mismatches with their patterns and faults. */
import { otherFaults } from '../../base/fault-of.ts';
import { OTHERS, othersFingerprint } from '../../rules/digest.ts';
import type { Fault, MismatchPattern, Verdict } from '../../types.ts';
import type { Batch, CombinationEntry, EvidenceKey, FaultEntry, FingerprintEntry, MismatchEntry } from '../batch.ts';
import { HOUR } from '../coarser.ts';
import { faultsOf } from '../faults-of.ts';
import { hash64, jsonFor } from '../text.ts';
import { patternsOf } from './patterns.ts';

const MOST_FINGERPRINTS = 5_000;
/** Of one route in one batch; the journal bounds them over all batches. */
const MOST_FINGERPRINTS_OF_ROUTE = 500;
const MOST_COMBINATIONS = 5_000;
/** Faults of one batch, each once a route; the journal bounds them over all batches. */
const MOST_FAULTS = 5_000;
const BATCH_MISMATCHES = 1_000;

/** What differed: patterns, the sets they came in, faults, and the mismatches themselves. */
export class Differing {
  readonly #evidenceRows: number;
  #fingerprints = new Map<string, FingerprintEntry>();
  #fingerprintsOfRoute = new Map<string, number>();
  #combinations = new Map<string, CombinationEntry>();
  #faults = new Map<string, FaultEntry>();
  readonly #mismatches: MismatchEntry[] = [];
  #dropped = 0;

  /** Mismatch rows held at most; further ones are counted as dropped. */
  constructor(evidenceRows: number) {
    this.#evidenceRows = evidenceRows;
  }

  /** Mismatch rows held. */
  get rows(): number {
    return this.#mismatches.length;
  }

  /** Mismatch rows that found the buffer full, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  take(): Pick<Batch, 'fingerprints' | 'combinations' | 'faults' | 'mismatches'> {
    const taken = {
      fingerprints: [...this.#fingerprints.values()],
      combinations: [...this.#combinations.values()],
      faults: [...this.#faults.values()],
      mismatches: this.#mismatches.splice(0, BATCH_MISMATCHES),
    };
    this.#fingerprints = new Map();
    this.#fingerprintsOfRoute = new Map();
    this.#combinations = new Map();
    this.#faults = new Map();
    return taken;
  }

  add(verdict: Verdict, about: EvidenceKey, scope: string): void {
    const id = mismatchId(verdict);
    const cause = verdict.cause?.cause ?? 'unknown';
    const { route, served, representation } = verdict;
    const fingerprints = new Set(patternsOf(verdict).map((pattern) => this.#seen(pattern, verdict, id)));
    this.#combine([...fingerprints].sort(), verdict, about, scope);
    for (const fault of faultsOf(verdict, patternsOf(verdict))) this.#fault(fault, verdict, id);
    if (this.#mismatches.length >= this.#evidenceRows) {
      this.#dropped += 1;
      return;
    }
    const { evidence, ...kept } = verdict;
    this.#mismatches.push({
      id,
      at: verdict.at,
      exchangeId: verdict.exchangeId,
      about,
      route: route.key,
      served,
      representation,
      fingerprint: [...fingerprints][0] ?? othersFingerprint(route.key),
      fingerprints: [...fingerprints],
      cause,
      fatal: verdict.fatal,
      traceId: verdict.trace.traceId,
      differenceCount: verdict.differenceCount,
      verdict: jsonFor(kept),
      evidence,
    });
  }

  /** Notes that a pattern was seen; gives the fingerprint that it counts under. */
  #seen(pattern: MismatchPattern, verdict: Verdict, id: string): string {
    const { domain, key: route } = verdict.route;
    const others = othersFingerprint(route);
    let { fingerprint } = pattern;
    if (!this.#fingerprints.has(fingerprint) && fingerprint !== others) {
      const ofRoute = this.#fingerprintsOfRoute.get(route) ?? 0;
      if (ofRoute >= MOST_FINGERPRINTS_OF_ROUTE || this.#fingerprints.size >= MOST_FINGERPRINTS) fingerprint = others;
      else this.#fingerprintsOfRoute.set(route, ofRoute + 1);
    }
    const { path, kind, rule, measure, fatal } = pattern;
    const entry = this.#fingerprints.get(fingerprint) ?? {
      fingerprint,
      domain,
      route,
      sample:
        fingerprint === others ? { path: OTHERS, kind, rule, measure: { of: 'none' } } : { path, kind, rule, measure },
      fatal,
      firstAt: verdict.at,
      lastAt: verdict.at,
      lastMismatch: id,
    };
    this.#fingerprints.set(fingerprint, entry);
    entry.fatal ||= fatal;
    entry.firstAt = Math.min(entry.firstAt, verdict.at);
    if (verdict.at >= entry.lastAt) {
      entry.lastAt = verdict.at;
      entry.lastMismatch = id;
    }
    return fingerprint;
  }

  #fault(given: Fault, verdict: Verdict, id: string): void {
    const onRoute = verdict.route.key;
    const known = this.#faults.has(`${given.id}|${onRoute}`);
    const fault = known || this.#faults.size < MOST_FAULTS ? given : otherFaults(given.domain);
    const key = `${fault.id}|${onRoute}`;
    const { at } = verdict;
    const entry = this.#faults.get(key) ?? { fault, onRoute, n: 0, firstAt: at, lastAt: at, lastMismatch: id };
    this.#faults.set(key, entry);
    entry.n += 1;
    entry.firstAt = Math.min(entry.firstAt, at);
    if (at < entry.lastAt) return;
    entry.lastAt = at;
    entry.lastMismatch = id;
  }

  #combine(fingerprints: readonly string[], verdict: Verdict, about: EvidenceKey, scope: string): void {
    const { route, served, representation } = verdict;
    const hour = Math.floor(verdict.at / HOUR) * HOUR;
    const cause = verdict.cause?.cause ?? 'unknown';
    const place = `${hour}|${scope}|${route.key}|${served}|${representation}|${cause}`;
    const whole = `${place}|${fingerprints.join(' ')}`;
    const room = this.#combinations.has(whole) || this.#combinations.size < MOST_COMBINATIONS;
    const kept = room ? fingerprints : [othersFingerprint(route.key)];
    const key = room ? whole : `${place}|${kept.join(' ')}`;
    const entry = this.#combinations.get(key) ?? {
      hour,
      about,
      route: route.key,
      fingerprints: kept,
      served,
      representation,
      cause,
      n: 0,
      lastAt: verdict.at,
    };
    this.#combinations.set(key, entry);
    entry.n += 1;
    entry.lastAt = Math.max(entry.lastAt, verdict.at);
  }
}

/** Time ordered and unique, so that a page of mismatches and one mismatch are both found by the partition's key. */
function mismatchId(verdict: Pick<Verdict, 'at' | 'exchangeId'>): string {
  return `${Math.floor(verdict.at).toString(36).padStart(9, '0')}-${hash64(`mismatch ${verdict.exchangeId}`).slice(0, 12)}`;
}
