/** Sums verdicts into what the next batch carries. Bounded whatever comes in; every additive count stays exact. */
import { statusOfShape } from '../api/shape.ts';
import { otherFaults } from '../base/fault-of.ts';
import { OTHERS, othersFingerprint } from '../rules/digest.ts';
import { type Fault, isCompared, type MismatchPattern, type Verdict } from '../types.ts';
import {
  type Batch,
  type CombinationEntry,
  type ControlEntry,
  type ControlPathEntry,
  type CountEntry,
  type CoverageEntry,
  DISTINCT,
  type EvidenceKey,
  type FailureEntry,
  type FaultEntry,
  type FingerprintEntry,
  type HashEntry,
  type HistogramEntry,
  type MismatchEntry,
  type Timed,
} from './batch.ts';
import { coarser, HOUR, MINUTE, mergeCounts, mergeHistograms } from './coarser.ts';
import { faultsOf } from './faults-of.ts';
import { Histogram } from './histogram.ts';
import { OVERFLOW } from './room.ts';
import { clean, hash64, jsonFor, pairHash } from './text.ts';

/** Counters held apart by minute; more of them and the oldest are summed by hour, as in a long outage of the journal. */
const MOST_COUNTERS = 20_000;
const MOST_FINGERPRINTS = 5_000;
/** Of one route in one batch; the journal bounds them over all batches. */
const MOST_FINGERPRINTS_OF_ROUTE = 500;
const MOST_COMBINATIONS = 5_000;
/** Faults of one batch, each once a route; the journal bounds them over all batches. */
const MOST_FAULTS = 5_000;
const MOST_HASHES = 50_000;
/** Rows of one batch: a database that was away for an hour must not be met with one statement of an hour. */
const BATCH_HASHES = 20_000;
const BATCH_MISMATCHES = 1_000;
const MOST_SHAPES = 10_000;
const MOST_CONTROL_PATHS = 500;
/** Undeclared parameters of one batch. */
const MOST_UNDECLARED = 500;
/** Hashes that were handed out before are not sent again, until so many or so long (an epoch may have begun elsewhere). */
const MOST_KNOWN = 200_000;
const KNOWN_FOR = 10 * MINUTE;

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
  #counts = new Map<string, CountEntry>();
  #histograms = new Map<string, HistogramEntry>();
  #coverage = new Map<string, CoverageEntry>();
  #undeclaredNames = 0;
  readonly #hashes = new Map<string, HashEntry>();
  readonly #known = new Set<string>();
  /** Scopes that hold as many hashes as are kept: only mismatching ones are still sent. */
  readonly #full = new Set<string>();
  #knownSince = 0;
  #fingerprints = new Map<string, FingerprintEntry>();
  #fingerprintsOfRoute = new Map<string, number>();
  #combinations = new Map<string, CombinationEntry>();
  #faults = new Map<string, FaultEntry>();
  #control = new Map<string, ControlEntry>();
  #controlPaths = new Map<string, ControlPathEntry>();
  #failures = new Map<string, FailureEntry>();
  readonly #mismatches: MismatchEntry[] = [];
  #verdicts = 0;
  #since = 0;
  /** Histograms may wait some seconds longer than counts: merging them is the dearest part of a batch. */
  #histogramsSince = 0;
  #dropped = 0;

  constructor(options: GatheringOptions) {
    this.#options = options;
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
    return this.#mismatches.length;
  }

  /** Mismatch rows that found the buffer full, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Hashes that were handed out before go out again when they come: an epoch has begun that has none of them. */
  sendAgain(): void {
    this.#known.clear();
    this.#full.clear();
  }

  add(verdict: Verdict, now: number): void {
    if (this.#verdicts === 0) this.#since = now;
    if (this.#histogramsSince === 0) this.#histogramsSince = now;
    this.#verdicts += 1;
    const about = this.#about(verdict);
    const scope = of(about);
    this.#count(verdict, about, scope);
    this.#time(verdict, about, scope);
    if (verdict.kind !== 'skipped' && verdict.served === 'primary') {
      this.#cover(verdict, about, scope);
      for (const name of verdict.undeclared ?? []) this.#undeclared(name, verdict, about, scope);
    }
    if (verdict.kind === 'mismatch') this.#mismatch(verdict, about, scope);
    if (verdict.control !== null) this.#controlRead(verdict, verdict.control);
    if (verdict.detail !== null || verdict.reason === 'verifier_error') this.#failure(verdict);
  }

  /**
   * Hands out what was gathered and begins anew. `withHistograms`: false leaves them for a later batch; rows beyond a
   * batch's size are left for the next as well. `wall` is the time of day, where `now` is a clock that nobody sets.
   */
  take(now: number, withHistograms: boolean, wall = now): Batch {
    const hashes = firstOf(this.#hashes, BATCH_HASHES);
    const batch: Batch = {
      counts: [...this.#counts.values()],
      histograms: withHistograms ? [...this.#histograms.values()] : [],
      coverage: [...this.#coverage.values()],
      hashes: hashes.map(([, entry]) => entry),
      fingerprints: [...this.#fingerprints.values()],
      combinations: [...this.#combinations.values()],
      faults: [...this.#faults.values()],
      control: [...this.#control.values()],
      controlPaths: [...this.#controlPaths.values()],
      failures: [...this.#failures.values()],
      mismatches: this.#mismatches.splice(0, BATCH_MISMATCHES),
      verdicts: this.#verdicts,
      since: this.#since,
      watermark: Math.floor(wall / MINUTE) * MINUTE,
    };
    if (this.#known.size + hashes.length > MOST_KNOWN || now - this.#knownSince > KNOWN_FOR) {
      this.sendAgain();
      this.#knownSince = now;
    }
    for (const [key, { differs }] of hashes) {
      this.#hashes.delete(key);
      this.#known.add(key);
      if (differs !== null) this.#known.add(`${key}!`);
    }
    this.#counts = new Map();
    if (withHistograms) {
      this.#histograms = new Map();
      this.#histogramsSince = 0;
    }
    this.#coverage = new Map();
    this.#undeclaredNames = 0;
    this.#fingerprints = new Map();
    this.#fingerprintsOfRoute = new Map();
    this.#combinations = new Map();
    this.#faults = new Map();
    this.#control = new Map();
    this.#controlPaths = new Map();
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
    for (const { kind, about, route, shape } of entries) this.#full.add(`${kind}|${of(about)}|${route}|${shape}`);
  }

  get hasHistograms(): boolean {
    return this.#histograms.size > 0;
  }

  /** True where rows were left by the last batch, whose counts are written already. */
  get hasRows(): boolean {
    return this.#mismatches.length > 0 || this.#hashes.size > 0;
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

  #count(verdict: Verdict, about: EvidenceKey, scope: string): void {
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

  #time(verdict: Verdict, about: EvidenceKey, scope: string): void {
    // Only pairs: both sides are then timed over the same reads. How fast an error comes says nothing of the answers.
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
    // A row an hour: of a day's minutes a page would have to merge a million arrays.
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

  #cover(verdict: Verdict, about: EvidenceKey, scope: string): void {
    const route = verdict.route.key;
    const form = verdict.representation === 'twin' ? TWIN_FORMS : '';
    let shape = `${form}${clean(verdict.shape, 512)}`;
    let key = `${scope}|${route}|${shape}`;
    if (!this.#coverage.has(key) && this.#coverage.size >= MOST_SHAPES) {
      // With its status: an error must not come to count as a good answer.
      shape = `${form}${OVERFLOW} ${statusOfShape(verdict.shape) ?? ''}`.trimEnd();
      key = `${scope}|${route}|${shape}`;
    }
    const entry = this.#coverageOf(key, verdict, about, shape);
    if (!isCompared(verdict.kind)) return;
    entry.compared += 1;
    const differs = verdict.kind === 'mismatch' ? fingerprintsOf(verdict) : null;
    if (differs !== null) entry.mismatches += 1;
    const entity = hash64(verdict.entityHash);
    const answer = hash64(verdict.answerHash);
    this.#distinct(key, entry, DISTINCT.entity, entity, null);
    this.#distinct(key, entry, DISTINCT.answer, answer, null);
    this.#distinct(key, entry, DISTINCT.unit, pairHash(entity, answer), differs, { entity, answer });
  }

  #coverageOf(key: string, verdict: Verdict, about: EvidenceKey, shape: string): CoverageEntry {
    const { at } = verdict;
    const entry = this.#coverage.get(key) ?? {
      about,
      route: verdict.route.key,
      shape,
      seen: 0,
      compared: 0,
      mismatches: 0,
      lostUnits: 0,
      firstAt: at,
      lastAt: at,
    };
    this.#coverage.set(key, entry);
    entry.seen += 1;
    entry.firstAt = Math.min(entry.firstAt, at);
    entry.lastAt = Math.max(entry.lastAt, at);
    return entry;
  }

  #undeclared(name: string, verdict: Verdict, about: EvidenceKey, scope: string): void {
    const shape = `${UNDECLARED}${clean(name, 40)}`;
    const key = `${scope}|${verdict.route.key}|${shape}`;
    const known = this.#coverage.has(key);
    if (!known && this.#undeclaredNames >= MOST_UNDECLARED) return;
    if (!known) this.#undeclaredNames += 1;
    this.#coverageOf(key, verdict, about, shape);
  }

  #distinct(
    place: string,
    coverage: CoverageEntry,
    kind: HashEntry['kind'],
    hash: string,
    differs: readonly string[] | null,
    of?: HashEntry['of'],
  ): void {
    const key = `${kind}${hash}|${place}`;
    if (this.#known.has(differs === null ? key : `${key}!`)) return;
    if (differs === null && this.#full.has(`${kind}|${place}`)) return;
    const entry = this.#hashes.get(key);
    if (entry !== undefined) {
      entry.differs ??= differs;
      return;
    }
    if (this.#hashes.size >= MOST_HASHES) {
      if (differs !== null) coverage.lostUnits += 1;
      return;
    }
    const { about, route, shape } = coverage;
    this.#hashes.set(key, { about, route, shape, kind, hash, differs, ...(of === undefined ? {} : { of }) });
  }

  #mismatch(verdict: Verdict, about: EvidenceKey, scope: string): void {
    const id = mismatchId(verdict);
    const cause = verdict.cause?.cause ?? 'unknown';
    const { route, served, representation } = verdict;
    const fingerprints = new Set(patternsOf(verdict).map((pattern) => this.#seen(pattern, verdict, id)));
    this.#combine([...fingerprints].sort(), verdict, about, scope);
    for (const fault of faultsOf(verdict, patternsOf(verdict))) this.#fault(fault, verdict, id);
    if (this.#mismatches.length >= this.#options.evidenceRows) {
      this.#dropped += 1;
      return;
    }
    const { evidence, ...shown } = verdict;
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
      verdict: jsonFor(shown),
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
    const shownOn = verdict.route.key;
    const known = this.#faults.has(`${given.id}|${shownOn}`);
    const fault = known || this.#faults.size < MOST_FAULTS ? given : otherFaults(given.domain);
    const key = `${fault.id}|${shownOn}`;
    const { at } = verdict;
    const entry = this.#faults.get(key) ?? { fault, shownOn, n: 0, firstAt: at, lastAt: at, lastMismatch: id };
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

  #controlRead(verdict: Verdict, control: NonNullable<Verdict['control']>): void {
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
    for (const path of control.paths.slice(0, 20)) {
      const name = clean(path, 512);
      const at = `${route}|${name}`;
      const seen = this.#controlPaths.get(at);
      if (seen === undefined && this.#controlPaths.size >= MOST_CONTROL_PATHS) continue;
      this.#controlPaths.set(at, { route, path: name, n: (seen?.n ?? 0) + 1, lastAt: verdict.at });
    }
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

/** Time ordered and unique, so that a page of mismatches and one mismatch are both found by the partition's key. */
export function mismatchId(verdict: Pick<Verdict, 'at' | 'exchangeId'>): string {
  return `${Math.floor(verdict.at).toString(36).padStart(9, '0')}-${hash64(`mismatch ${verdict.exchangeId}`).slice(0, 12)}`;
}

/** Beginnings of shapes: comparisons in the twin's own forms, and parameters that no route declares. */
export const TWIN_FORMS = '(twin) ';
export const UNDECLARED = '(undeclared) ';

/** Sides that agree in an answer that is no 2xx: counted under a reason of its own, since it is no evidence of the rest. */
function agreedIn({ kind, primary }: Verdict): string {
  const status = primary?.status ?? 200;
  return (kind === 'match' || kind === 'settled') && status >= 300 ? `${Math.floor(status / 100)}xx` : '';
}

function isError(status: number | null | undefined): boolean {
  return status != null && status >= 400;
}

/** The first of them, and as many more as belong to the same comparison: it is counted by what is new of it in one batch. */
function firstOf(hashes: ReadonlyMap<string, HashEntry>, most: number): [string, HashEntry][] {
  const all = [...hashes];
  let end = Math.min(most, all.length);
  while (end < all.length && all[end]?.[1].kind !== DISTINCT.entity && end < most + 2) end += 1;
  return all.slice(0, end);
}

/** What differs, as the journal may hold it; a mismatch without a pattern is one of the route's others. */
function patternsOf(verdict: Verdict): readonly MismatchPattern[] {
  if (verdict.patterns.length > 0)
    return verdict.patterns.map((pattern) => ({
      ...pattern,
      fingerprint: clean(pattern.fingerprint, 128),
      path: clean(pattern.path, 512),
    }));
  const fingerprint = othersFingerprint(verdict.route.key);
  return [{ fingerprint, path: OTHERS, kind: 'value', rule: '', measure: { of: 'none' }, fatal: verdict.fatal }];
}

function fingerprintsOf(verdict: Verdict): readonly string[] {
  return [...new Set(patternsOf(verdict).map(({ fingerprint }) => fingerprint))].sort();
}

function of(about: EvidenceKey): string {
  return `${about.domain}\0${about.backfill}\0${about.twinBuild}\0${about.rules}`;
}
