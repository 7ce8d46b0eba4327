/** Reads a differing pair again, on both sides at once, until it is known what the difference is. */
import { canonicalJson } from '../rules/exact-number.ts';
import type { Recheck, Side, TwinFailure } from '../types.ts';
import { comparedBody, failureOfUnreadable, type ReadAnswer, unreadableOf } from './answers.ts';
import type { Compared, Comparing } from './comparing.ts';
import { pairFailure } from './failed-pair.ts';
import { judge, type Movement, type Round, schedule, stretched } from './judge-rounds.ts';
import type { SettleSettings } from './settings.ts';
import type { ReadSide } from './sides.ts';
import type { Pair } from './verifier-parts.ts';

export interface SettleParts {
  readonly settings: SettleSettings;
  /** The sync's lag as known now, ms: it may grow while a pair is looked at. */
  lagMs(): number;
  /** The lag at this moment, read from its source; 0 where there is no source. */
  lagNow(): Promise<number>;
  /** The very same difference of this entity was believed a moment ago. */
  readonly known: boolean;
  /** Leave to read again; false: not within `waitMs`. */
  readAgain(round: number, waitMs: number): Promise<boolean>;
  read(side: Side, beside: ReadAnswer | null): Promise<ReadSide>;
  /** A request to the shadowed side has come to its end. */
  requestEnded(result: ReadSide, other: ReadSide): void;
}

interface Ending {
  readonly rechecks: readonly Recheck[];
  readonly settleMs: number | null;
  /** All answers that were read, for the evidence: the first pair and each later one. */
  readonly answers: readonly (readonly [primary: ReadAnswer, twin: ReadAnswer])[];
}

export type Settled = Ending &
  /** `inWindow`: within the time that the sync may take, and not later, by a row that did not hold still. */
  (
    | { readonly end: 'settled'; readonly inWindow: boolean }
    | { readonly end: 'overload'; readonly detail: string }
    | { readonly end: 'primary_failed'; readonly detail: string }
    | { readonly end: 'too_large'; readonly detail: string }
    | { readonly end: 'twin_failed'; readonly failure: TwinFailure; readonly timeout: boolean; readonly detail: string }
    | {
        readonly end: 'mismatch' | 'unstable';
        readonly primary: ReadAnswer;
        readonly twin: ReadAnswer;
        /** What is believed of the last round. */
        readonly compared: Compared;
      }
  );

const TOO_FAR_BEHIND =
  'the sync is further behind than a read can be held, so it is unknown whether the two will agree';

export async function settle(pair: Pair, comparing: Comparing, parts: SettleParts): Promise<Settled> {
  const began = performance.now();
  const { delaysMs, busyRounds } = parts.settings;
  let lagMs = parts.lagMs();
  let plan = schedule(delaysMs, busyRounds, lagMs, parts.known);
  const answers: (readonly [ReadAnswer, ReadAnswer])[] = [[held(pair.primary), held(pair.twin)]];
  const rounds: Round[] = [roundOf(pair.primary, pair.twin, pair.compared, began, began)];
  const rechecks: Recheck[] = [];
  const ending = (): Ending => ({ rechecks, settleMs: null, answers });
  let failed: Settled | null = null;
  for (let round = 1; round <= plan.at.length; round += 1) {
    await until(began + (plan.at[round - 1] ?? 0));
    if (!(await parts.readAgain(round, Math.max(plan.windowMs, 1_000)))) {
      return { ...ending(), end: 'overload', detail: 'no leave to read both sides again in time' };
    }
    // Asked before the twin is: a write that is carried over by then is one that the twin shows.
    const lagNow = Math.max(parts.lagMs(), round + 1 < plan.needed ? 0 : await parts.lagNow());
    if (lagNow > lagMs) {
      lagMs = lagNow;
      plan = stretched(plan, round, schedule(delaysMs, busyRounds, lagMs, parts.known));
    }
    const sentAt = performance.now();
    const [primary, twin] = await Promise.all([parts.read('primary', pair.primary), parts.read('twin', pair.primary)]);
    if (pair.reading.shadowed === 'twin') parts.requestEnded(twin, primary);
    else parts.requestEnded(primary, twin);
    const primaryEnd = performance.now();
    const recheck = { afterMs: sentAt - began, primary: timing(primary), twin: timing(twin) };
    const failure = pairFailure(primary.result, twin.result);
    failed = failure === null ? null : { ...ending(), ...failure };
    if (failed !== null || primary.read === null || twin.read === null) {
      rechecks.push({ ...recheck, agreed: false });
      continue;
    }
    const now: readonly [ReadAnswer, ReadAnswer] = [primary.read, twin.read];
    const compared = await comparing.compare(...now);
    failed = unreadableEnd(compared, now, ending());
    if (failed !== null) {
      rechecks.push({ ...recheck, agreed: false });
      continue;
    }
    answers.push(now);
    rounds.push(roundOf(...now, compared, sentAt, primaryEnd));
    rechecks.push({ ...recheck, agreed: compared.count === 0 });
    const { windowMs, needed } = plan;
    const last = round === plan.at.length;
    const said = judge(rounds, (k) => movement(comparing, now[0], answers[k]?.[0]), { windowMs, needed, last });
    switch (said.say) {
      case 'settled': {
        const settleMs = sentAt - began;
        return { ...ending(), end: 'settled', settleMs, inWindow: settleMs <= windowMs };
      }
      case 'mismatch': {
        // What may only be on its way is neither right nor wrong.
        if (!plan.enough && last) return { ...ending(), end: 'overload', detail: TOO_FAR_BEHIND };
        if (!plan.enough) break;
        const believed = { differences: said.differences, count: said.count, ms: compared.ms, undecided: null };
        return { ...ending(), end: 'mismatch', primary: now[0], twin: now[1], compared: believed };
      }
      case 'unstable':
        return { ...ending(), end: 'unstable', primary: now[0], twin: now[1], compared };
      case 'again':
        break;
    }
  }
  // The last round failed: it is unknown whether the pair would have agreed.
  return failed ?? { ...ending(), end: 'overload', detail: 'the last reading again failed' };
}

function unreadableEnd(compared: Compared, pair: readonly [ReadAnswer, ReadAnswer], ending: Ending): Settled | null {
  if (compared.undecided !== null) return { ...ending, end: 'too_large', detail: compared.undecided };
  const unreadable = unreadableOf(compared, ...pair);
  if (unreadable === null) return null;
  const { detail } = unreadable;
  return unreadable.side === 'primary'
    ? { ...ending, end: 'primary_failed', detail }
    : { ...ending, end: 'twin_failed', failure: failureOfUnreadable(unreadable), timeout: false, detail };
}

function timing(side: ReadSide): Recheck['primary'] {
  const { result } = side;
  if (!result.ok) return { askedAt: result.askedAt, headersMs: result.ms, totalMs: result.ms, status: result.status };
  const { askedAt, headersMs, totalMs, status } = result.answer;
  return { askedAt, headersMs, totalMs, status };
}

function roundOf(
  primary: ReadAnswer,
  twin: ReadAnswer,
  compared: Compared,
  twinSentAt: number,
  primaryEnd: number,
): Round {
  return {
    primaryEnd,
    twinSentAt,
    differences: compared.differences,
    count: compared.count,
    primary: comparedBody(primary),
    twin: comparedBody(twin),
  };
}

function movement(comparing: Comparing, later: ReadAnswer, earlier: ReadAnswer | undefined): Movement {
  if (earlier === undefined) return { paths: [], all: true };
  const { differences, count, undecided } = comparing.withItself(later, earlier);
  if (undecided !== null) return { paths: [], all: true };
  // A secret that both show is reported as a difference though nothing moved.
  const moved = differences.filter(({ primary, twin }) => canonicalJson(primary) !== canonicalJson(twin));
  return { paths: moved.map((difference) => difference.path), all: count > differences.length };
}

/** Copies the bytes: the first answer lies in a buffer that it shares with a whole batch. */
function held({ status, rawHeaders, bytes, content, timing, followed }: ReadAnswer): ReadAnswer {
  return { status, rawHeaders, bytes: bytes.slice(), content, timing, followed };
}

async function until(time: number): Promise<void> {
  for (let left = time - performance.now(); left > 0; left = time - performance.now()) {
    await new Promise((resolve) => setTimeout(resolve, Math.ceil(left)));
  }
}
