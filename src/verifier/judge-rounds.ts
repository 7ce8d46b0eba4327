/**
 * What a series of readings of one differing pair says. Pure. The question at each round: is this a race that will
 * settle, is it wrong, or does the primary not agree with itself?
 *
 * A difference is believed (`mismatch`) when it was there in every round of a window as long as the sync may take, and
 * the primary held still around it for that long. A row that is written all the time never holds still; there it is
 * believed when, in every single round, the same place showed the same two values: what a race shows changes with each
 * write. Everything else is `unstable`, at the end of all rounds and not before.
 */
import { canonicalJson, isArray, isObject, own } from '../rules/exact-number.ts';
import type { DescribedDifference } from '../rules/rule.ts';
import type { JsonValue } from '../types.ts';

/** One reading of both sides. Times are monotonic milliseconds. */
export interface Round {
  /** When the primary's answer had come. */
  readonly primaryEnd: number;
  /** When the twin was asked. */
  readonly twinSentAt: number;
  /** Empty where they agreed. */
  readonly differences: readonly DescribedDifference[];
  /** Differences before the list was cut. */
  readonly count: number;
  /** The primary's body, and the twin's: to name list items by their ids instead of their positions. */
  readonly primary: JsonValue | undefined;
  readonly twin: JsonValue | undefined;
}

export type Judgement =
  | { readonly say: 'settled' }
  | { readonly say: 'again' }
  | { readonly say: 'mismatch'; readonly differences: readonly DescribedDifference[]; readonly count: number }
  | { readonly say: 'unstable' };

/** Where the primary does not agree with itself: pointers into its later body; `all` where the list was cut. */
export interface Movement {
  readonly paths: readonly string[];
  readonly all: boolean;
}

export interface JudgeOptions {
  /** How long the sync may take, ms. */
  readonly windowMs: number;
  /** Rounds before a difference may be believed. */
  readonly needed: number;
  /** No further round will come. */
  readonly last: boolean;
}

/** `moved(k)`: where the primary's answer of round k differs from that of the last round. */
export function judge(rounds: readonly Round[], moved: (round: number) => Movement, options: JudgeOptions): Judgement {
  const now = rounds.at(-1);
  if (now === undefined || rounds.length < 2) return { say: 'again' };
  if (now.count === 0) return { say: 'settled' };
  const keys = rounds.map((round) => new Set(round.differences.map((difference) => keyOf(difference, round))));
  const cut = rounds.map((round) => round.count > round.differences.length);
  const movements = new Map<number, Movement>();
  const movementOf = (round: number): Movement => {
    const known = movements.get(round) ?? moved(round);
    movements.set(round, known);
    return known;
  };
  /** The same difference in every round from `from` on, as far as a cut list can tell. */
  const lasts = (key: string, from: number): boolean =>
    keys.every((set, round) => round < from || set.has(key) || cut[round] === true);
  const heldStill = (difference: DescribedDifference, key: string): boolean => {
    const scope = scopeOf(difference.path);
    for (let from = rounds.length - 2; from >= 0; from -= 1) {
      const then = rounds[from];
      if (then === undefined || touches(movementOf(from), scope)) return false;
      const long = now.twinSentAt - then.primaryEnd >= options.windowMs - CLOCK_MS;
      if (long && rounds.length - from >= options.needed) return lasts(key, from);
    }
    return false;
  };
  const believed = now.differences.filter((difference) => {
    const key = keyOf(difference, now);
    return (
      heldStill(difference, key) ||
      (options.last && rounds.length >= options.needed && keys.every((set) => set.has(key)))
    );
  });
  if (believed.length > 0) {
    const whole = believed.length === now.differences.length;
    return { say: 'mismatch', differences: believed, count: whole ? now.count : believed.length };
  }
  return { say: options.last ? 'unstable' : 'again' };
}

/** Timers and the two clocks that times are read from may be off by so much. */
const CLOCK_MS = 2;

/** The object or list around a path: a write of its other fields is a sign that this one is being written too. */
function scopeOf(path: string): string {
  return path.startsWith('#') ? '' : path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function touches(movement: Movement, scope: string): boolean {
  return (
    movement.all || movement.paths.some((path) => path.startsWith('#') || within(path, scope) || within(scope, path))
  );
}

function within(path: string, scope: string): boolean {
  return scope === '' || path === scope || path.startsWith(`${scope}/`);
}

/** A difference with its values, identified by the ids of list items, so that it stays the same after the list has moved. */
function keyOf(difference: DescribedDifference, round: Round): string {
  const values = `${canonicalJson(difference.primary)} ${canonicalJson(difference.twin)}`;
  return `${namedPath(difference.path, round)} ${difference.kind} ${values}`;
}

/** A pointer with list items named by their `_id` where they have one, by `*` where not. */
export function namedPath(path: string, bodies: Pick<Round, 'primary' | 'twin'>): string {
  if (!path.startsWith('/')) return path;
  let primary = bodies.primary;
  let twin = bodies.twin;
  let named = '';
  for (const segment of path.slice(1).split('/')) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    const inList = isArray(primary) || (primary === undefined && isArray(twin));
    primary = memberOf(primary, name);
    twin = memberOf(twin, name);
    named += inList ? `/[${idOf(primary) ?? idOf(twin) ?? '*'}]` : `/${segment}`;
  }
  return named;
}

export function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (isArray(value)) return /^\d+$/.test(name) ? value[Number(name)] : undefined;
  return isObject(value) ? own(value, name) : undefined;
}

function idOf(value: JsonValue | undefined): string | null {
  const id = memberOf(value, '_id');
  return typeof id === 'string' ? id : null;
}

/** A value that changes back and forth is recognized only by frequent reads: longer pauses are halved first. */
const PAUSE_MS = 600;
/** Two looks close together at the end of the window, for what flips faster than that. */
const CLOSE_LOOKS_MS = [60, 170] as const;
/** Looks beyond the window that are kept for rows that do not hold still, before long pauses get any. */
const LOOKS_BEYOND = 3;

/** Nobody waits longer for the sync: a read that differs may not be held for ever. */
const LONGEST_WINDOW_MS = 20_000;
/** Longest pause between the looks beyond the window. */
const BUSY_PAUSE_MS = 5_000;

export interface Schedule {
  /** Milliseconds after the first answer; at most as many as there are configured pauses and `busyRounds`. */
  readonly at: readonly number[];
  readonly windowMs: number;
  /** Rounds, the first answers included, before a difference may be believed. */
  readonly needed: number;
  /** False if the sync is further behind than a read may wait: then no difference is believed. */
  readonly enough: boolean;
  /** Most re-reads of one read, however the plan changes. */
  readonly most: number;
}

/**
 * When to read again: as configured, the window stretched where the sync's measured lag asks for it, and up to
 * `busyRounds` more: a look at the end of a stretched window, two close together, looks within long pauses, and looks
 * beyond the window for rows that do not hold still. `known`: the very same difference was believed a moment ago, so that
 * the configured readings suffice: a hot broken row must not eat up the budget.
 */
export function schedule(delaysMs: readonly number[], busyRounds: number, lagMs: number, known = false): Schedule {
  const planned = delaysMs.at(-1) ?? 0;
  // Half as long again as the lag was: it is a measure of the past.
  const wantedMs = lagMs > 0 ? lagMs * 1.5 + 100 : 0;
  const windowMs = Math.max(planned, Math.min(wantedMs, LONGEST_WINDOW_MS));
  const close = known ? [] : CLOSE_LOOKS_MS.slice(0, Math.floor(busyRounds / 2));
  const spare = Math.max(0, busyRounds - close.length - LOOKS_BEYOND);
  const at = looksWithin(delaysMs, windowMs, known ? 0 : spare);
  // Uneven, else what flips at an even pace could keep in step with the looks.
  const jitter = 0.5 + Math.random();
  for (const after of close) at.push(windowMs + Math.min(after, windowMs / 2) * jitter);
  const needed = at.length + 1;
  const pause = Math.min(BUSY_PAUSE_MS, Math.max(50, windowMs / 2));
  const most = delaysMs.length + busyRounds;
  const beyond = Math.min(LOOKS_BEYOND, most - at.length);
  for (let i = 0; i < beyond; i += 1) at.push((at.at(-1) ?? 0) + pause * (0.8 + 0.4 * Math.random()));
  return { at, windowMs, needed, enough: wantedMs <= windowMs, most };
}

/** The configured looks and up to `spare` more, in the longest pauses; the last at the window's end. */
function looksWithin(delaysMs: readonly number[], windowMs: number, spare: number): number[] {
  const at = [...delaysMs];
  const most = at.length + spare;
  if (windowMs > (at.at(-1) ?? 0)) {
    if (spare === 0) at.pop();
    at.push(windowMs);
  }
  while (at.length < most) {
    const pauses = at.map((until, i) => until - (at[i - 1] ?? 0));
    const longest = Math.max(...pauses);
    if (longest <= PAUSE_MS) break;
    const i = pauses.indexOf(longest);
    at.splice(i, 0, (at[i] ?? 0) - longest / 2);
  }
  return at;
}

/**
 * The plan once the sync turns out to lag more than was known: the looks that have been, then what a new one asks for, as
 * far as one read may still be read again; its last looks matter most.
 */
export function stretched(plan: Schedule, done: number, longer: Schedule): Schedule {
  const past = plan.at.slice(0, done);
  const now = past.at(-1) ?? 0;
  const left = Math.max(0, longer.most - done);
  const later = longer.at.slice(0, longer.needed - 1).filter((at) => at > now);
  const beyond = longer.at.slice(longer.needed - 1).filter((at) => at > now);
  const coming = later.slice(Math.max(0, later.length - left));
  const busy = beyond.slice(0, left - coming.length);
  const at = [...past, ...coming, ...busy];
  const enough = longer.enough && (at.at(-1) ?? 0) >= longer.windowMs;
  return { ...longer, at, needed: done + coming.length + 1, enough };
}
