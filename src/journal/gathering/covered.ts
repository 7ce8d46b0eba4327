/** Coverage: shapes of queries, and what is distinct in them. */
import { statusOfShape } from '../../api/shape.ts';
import { isCompared, type Verdict } from '../../types.ts';
import { type CoverageEntry, DISTINCT, type EvidenceKey, type HashEntry } from '../batch.ts';
import { MINUTE } from '../coarser.ts';
import { OVERFLOW } from '../room.ts';
import { clean, hash64, pairHash } from '../text.ts';
import { KnownHashes } from './known-hashes.ts';
import { fingerprintsOf } from './patterns.ts';
import { scopeOf } from './scope.ts';

const MOST_HASHES = 50_000;
/** Rows of one batch: after an outage of an hour, no statement may carry a whole hour. */
const BATCH_HASHES = 20_000;
const MOST_SHAPES = 10_000;
/** Undeclared parameters of one batch. */
const MOST_UNDECLARED = 500;
/**
 * Hashes that were sent are not sent again, until there are so many of them or so much time has passed (another
 * replica may have begun an epoch).
 */
const MOST_KNOWN = 200_000;
const KNOWN_FOR = 10 * MINUTE;
/** Beginnings of shapes: comparisons in the twin's own forms, and parameters that no route declares. */
export const TWIN_FORMS = '(twin) ';
export const UNDECLARED = '(undeclared) ';
/** Stands for a shape where callers are counted: those that got a good answer compared, on a route whose answers depend on them. */
export const CALLERS = '(callers)';

/** What was covered: query shapes, and distinct questions, answers and comparisons. */
export class Covered {
  #coverage = new Map<string, CoverageEntry>();
  #undeclaredNames = 0;
  readonly #hashes = new Map<string, HashEntry>();
  readonly #known = new KnownHashes();
  /** Scopes that are full: only mismatching hashes are still sent. */
  readonly #full = new Set<string>();
  #knownSince = 0;

  /** True where hashes were left by the last batch. */
  get hasHashes(): boolean {
    return this.#hashes.size > 0;
  }

  /** Sends all hashes again when they are next seen: a new epoch has begun that has none of them. */
  sendAgain(): void {
    this.#known.clear();
    this.#full.clear();
  }

  /** The journal keeps no more hashes beside these, unless they mismatch. */
  full(entries: readonly HashEntry[]): void {
    for (const entry of entries) this.#full.add(`${entry.kind}|${placeOf(entry)}`);
  }

  add(verdict: Verdict, about: EvidenceKey, scope: string): void {
    this.#cover(verdict, about, scope);
    for (const name of verdict.undeclared ?? []) this.#undeclared(name, verdict, about, scope);
  }

  take(now: number): { readonly coverage: CoverageEntry[]; readonly hashes: HashEntry[] } {
    const hashes = firstOf(this.#hashes, BATCH_HASHES);
    const coverage = [...this.#coverage.values()];
    if (this.#known.size + hashes.length > MOST_KNOWN || now - this.#knownSince > KNOWN_FOR) {
      this.sendAgain();
      this.#knownSince = now;
    }
    for (const [key, entry] of hashes) {
      const place = placeOf(entry);
      const hash = `${entry.kind}${entry.hash}`;
      this.#hashes.delete(key);
      this.#known.add(place, hash);
      if (entry.differs !== null) this.#known.add(place, `${hash}!`);
    }
    this.#coverage = new Map();
    this.#undeclaredNames = 0;
    return { coverage, hashes: hashes.map(([, entry]) => entry) };
  }

  #cover(verdict: Verdict, about: EvidenceKey, scope: string): void {
    const route = verdict.route.key;
    const form = verdict.representation === 'twin' ? TWIN_FORMS : '';
    let shape = `${form}${clean(verdict.shape, 512)}`;
    let key = `${scope}|${route}|${shape}`;
    if (!this.#coverage.has(key) && this.#coverage.size >= MOST_SHAPES) {
      // The status is part of it, so that an error never counts as a good answer.
      shape = `${form}${OVERFLOW} ${statusOfShape(verdict.shape) ?? ''}`.trimEnd();
      key = `${scope}|${route}|${shape}`;
    }
    const entry = this.#coverageOf(key, verdict, about, shape);
    if (!isCompared(verdict.kind)) return;
    entry.compared += 1;
    const differs = verdict.kind === 'mismatch' ? fingerprintsOf(verdict) : null;
    if (differs !== null) entry.mismatches += 1;
    this.#caller(verdict, about, scope);
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

  /** Each caller is one more "question" of a shape of its own, which was never compared. */
  #caller(verdict: Verdict, about: EvidenceKey, scope: string): void {
    if (verdict.callerHash === undefined || /^[45]/.test(statusOfShape(verdict.shape) ?? '')) return;
    const hash = hash64(verdict.callerHash);
    const key = `${scope}|${verdict.route.key}|${CALLERS}`;
    if (this.#known.has(key, `${DISTINCT.entity}${hash}`)) return;
    this.#distinct(key, this.#coverageOf(key, verdict, about, CALLERS), DISTINCT.entity, hash, null);
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
    const known = `${kind}${hash}`;
    if (this.#known.has(place, differs === null ? known : `${known}!`)) return;
    if (differs === null && this.#full.has(`${kind}|${place}`)) return;
    const key = `${known}|${place}`;
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
}

/** What a hash counts towards: its evidence, route and shape, as one text. */
function placeOf({ about, route, shape }: HashEntry): string {
  return `${scopeOf(about)}|${route}|${shape}`;
}

/** The first ones, and those that belong to the same comparison: what is new of a comparison must be in one batch. */
function firstOf(hashes: ReadonlyMap<string, HashEntry>, most: number): [string, HashEntry][] {
  const all = [...hashes];
  let end = Math.min(most, all.length);
  while (end < all.length && all[end]?.[1].kind !== DISTINCT.entity && end < most + 2) end += 1;
  return all.slice(0, end);
}
