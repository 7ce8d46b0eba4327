/**
 * Decides in the replica which side serves a read of a flipped domain, without the journal and without waiting. Pure
 * except for the given clock. Everything it remembers is bounded, and whatever it cannot remember goes to the
 * primary.
 */
import { agree, count, counted } from '../base/figure-words.ts';
import { placeOf } from '../base/hash.ts';
import type { DomainPolicy, IncomingRead, RawHeaders, ServeDecision, Verdict } from '../types.ts';
import { SlidingWindow } from './window.ts';

export interface FlipLimits {
  /** Window of the automatic rollback. */
  readonly windowMs: number;
  /** Share of twin errors and timeouts in the window that rolls back. */
  readonly errorShare: number;
  /** Share of mismatches in the window that rolls back. */
  readonly mismatchShare: number;
  /** p99 of the twin's time to its headers in the window that rolls back. */
  readonly latencyMs: number;
  /** Reads in the window before it may roll back. */
  readonly minimum: number;
}

export interface GuardOptions {
  readonly limits: FlipLimits;
  /** The domain's stage as the policy has it now. */
  readonly stageOf: (domain: string) => DomainPolicy | undefined;
  /** The caller; the empty string where it cannot be identified. */
  readonly callerOf: (rawHeaders: RawHeaders) => string;
  /** The sync's measured lag in ms; null while unknown. */
  readonly lagMs: () => number | null;
  /** Called once when the limits are passed. The domain is already served by the primary by then. */
  readonly onRollback: (domain: string, why: string) => void;
  readonly now?: () => number;
}

/** How a flipped read ended, as the proxy saw it. */
export interface ServedByTwin {
  readonly domain: string;
  /** True where the twin failed, whether or not the primary answered instead. */
  readonly failed: boolean;
  /** Milliseconds to the twin's headers; ignored where it failed. */
  readonly headersMs: number;
}

export interface FlipGuard {
  /** For the proxy: who answers this read. */
  readonly serve: ServeDecision;
  /** The caller's write arrived or was answered: its reads go to the primary until the lag has passed. */
  wrote(caller: string, at?: number): void;
  /** A read that was to be served by the twin has been answered. */
  served(read: ServedByTwin): void;
  /** A verdict of a read that the twin served: one mismatch sends that question to the primary. */
  verdict(verdict: Pick<Verdict, 'served' | 'kind' | 'trace' | 'route'>): void;
  /** Domains that this replica rolled back by itself, with the reason. */
  rolledBack(): ReadonlyMap<string, string>;
  /** The stage was decided again (another version in the journal): an earlier rollback no longer counts. */
  renew(domain: string): void;
}

/** Assumed while the sync's lag is not known. */
const UNKNOWN_LAG_MS = 5_000;
/** Added to the measured lag, because measuring takes time too. */
const LAG_MARGIN_MS = 250;
/** One lost connection or one slow read rolls nothing back, however small the window is; one wrong answer does. */
const FEWEST = 3;
const MOST_WRITERS = 50_000;
const MOST_BLOCKED = 10_000;
const MOST_OPEN = 20_000;

export function createFlipGuard(options: GuardOptions): FlipGuard {
  const now = options.now ?? Date.now;
  const windows = new Map<string, SlidingWindow>();
  const rolledBack = new Map<string, string>();
  /** The time until which a caller's reads stay with the primary. */
  const writers = new Map<string, number>();
  /** While more callers write than can be remembered, all stay with the primary. */
  let everyoneUntil = 0;
  /** Questions that a mismatch sent to the primary, by domain. */
  const blocked = new Map<string, Set<string>>();
  /** Reads on their way to a verdict: span id -> question. */
  const open = new Map<string, string>();

  const serve: ServeDecision = (read) => {
    const { domain } = read.route;
    const policy = options.stageOf(domain);
    if (policy === undefined || policy.stage !== 'flipped') {
      // Back in shadow, for whatever reason: a later flip starts without old failures.
      if (rolledBack.size > 0) rolledBack.delete(domain);
      if (blocked.size > 0) blocked.delete(domain);
      return 'primary';
    }
    if (rolledBack.has(domain)) return 'primary';
    const caller = options.callerOf(read.rawHeaders);
    if (!isIn(policy.percent, domain, caller === '' ? read.target : caller)) return 'primary';
    if (wroteLately(caller)) return 'primary';
    const question = questionOf(read, caller);
    if (blocked.get(domain)?.has(question) === true) return 'primary';
    remember(open, read.trace.spanId, question, MOST_OPEN);
    return 'twin';
  };

  const wroteLately = (caller: string): boolean => {
    const at = now();
    if (at < everyoneUntil) return true;
    const until = writers.get(caller);
    if (until === undefined) return false;
    if (at < until) return true;
    writers.delete(caller);
    return false;
  };

  const windowOf = (domain: string): SlidingWindow => {
    let window = windows.get(domain);
    if (window === undefined) {
      window = new SlidingWindow(options.limits.windowMs);
      windows.set(domain, window);
    }
    return window;
  };

  const judge = (domain: string): void => {
    if (rolledBack.has(domain) || options.stageOf(domain)?.stage !== 'flipped') return;
    const { limits } = options;
    const { served, failed, slow, compared, mismatches } = windowOf(domain).sums(now());
    const seconds = `${Math.round(limits.windowMs / 1_000)} s`;
    if (served >= limits.minimum && failed / served >= limits.errorShare && failed >= FEWEST) {
      trip(domain, `${count(failed)} of ${counted(served, 'read')} failed in the twin within ${seconds}`);
    } else if (served - failed >= limits.minimum && slow / (served - failed) > 0.01 && slow >= FEWEST) {
      trip(
        domain,
        `the twin's p99 is over ${limits.latencyMs} ms: ${count(slow)} of ${counted(served - failed, 'read')} within ${seconds}`,
      );
    } else if (compared >= limits.minimum && mismatches / compared >= limits.mismatchShare && mismatches > 0) {
      trip(
        domain,
        `${count(mismatches)} of ${counted(compared, 'compared read')} ${agree(mismatches, 'differs', 'differ')} within ${seconds}`,
      );
    }
  };

  const trip = (domain: string, why: string): void => {
    if (rolledBack.has(domain)) return;
    rolledBack.set(domain, why);
    windows.delete(domain);
    try {
      options.onRollback(domain, why);
    } catch {
      // A listener that fails must not undo the rollback: the primary serves already.
    }
  };

  return {
    serve,
    wrote(caller, at = now()) {
      const until = at + (options.lagMs() ?? UNKNOWN_LAG_MS) + LAG_MARGIN_MS;
      if (writers.size >= MOST_WRITERS && !writers.has(caller)) {
        const moment = now();
        for (const [known, end] of writers) if (end <= moment) writers.delete(known);
        if (writers.size >= MOST_WRITERS) {
          everyoneUntil = Math.max(everyoneUntil, until);
          return;
        }
      }
      writers.set(caller, Math.max(writers.get(caller) ?? 0, until));
    },
    served({ domain, failed, headersMs }) {
      const window = windowOf(domain);
      const at = now();
      window.add('served', at);
      if (failed) window.add('failed', at);
      else if (headersMs > options.limits.latencyMs) window.add('slow', at);
      judge(domain);
    },
    verdict({ served, kind, trace, route }) {
      if (served !== 'twin') return;
      const question = open.get(trace.spanId);
      open.delete(trace.spanId);
      if (kind !== 'match' && kind !== 'settled' && kind !== 'mismatch') return;
      const window = windowOf(route.domain);
      const at = now();
      window.add('compared', at);
      if (kind === 'mismatch') {
        window.add('mismatches', at);
        if (question !== undefined) block(route.domain, question);
        else trip(route.domain, 'a read differs whose question is no longer remembered');
      }
      judge(route.domain);
    },
    rolledBack: () => new Map(rolledBack),
    renew(domain) {
      rolledBack.delete(domain);
      blocked.delete(domain);
      windows.delete(domain);
    },
  };

  function block(domain: string, question: string): void {
    const questions = blocked.get(domain) ?? new Set<string>();
    blocked.set(domain, questions);
    questions.add(question);
    if (questions.size > MOST_BLOCKED) trip(domain, `more than ${MOST_BLOCKED} different reads differ`);
  }
}

/** The same caller always gets the same side at a given share, and who gets the twin at 5 % gets it at 50 %. */
function isIn(percent: number, domain: string, key: string): boolean {
  return percent >= 100 || placeOf(`${domain}\0${key}`) < percent / 100;
}

/** The question and its caller: in memory only. */
function questionOf(read: Pick<IncomingRead, 'route' | 'target'>, caller: string): string {
  return `${read.route.key}\0${read.target}\0${caller}`;
}

function remember(map: Map<string, string>, key: string, value: string, most: number): void {
  if (map.size >= most) {
    const oldest = map.keys().next();
    if (oldest.done !== true) map.delete(oldest.value);
  }
  map.set(key, value);
}
