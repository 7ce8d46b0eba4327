import { setTimeout as pause } from 'node:timers/promises';
import { ShadowError } from '../errors.ts';
import type { RawHeaders, Verdict } from '../types.ts';
import type { FromWorker, ToWorker } from '../verifier/protocol.ts';
import { RememberedCallers } from './remembered-callers.ts';

/** Both sides answer within their own deadlines, and a pair that differs is read again a few times. */
const ANSWER_MS = 60_000;
/** Re-reads of the traffic share one budget with these questions: how long one waits for room, and how often it looks. */
const ROOM_MS = 5_000;
const LOOK_MS = 50;
/** How often callers whose time is over are looked for, ms. */
const FORGET_MS = 60_000;

/** Rechecks that people ask for: both sides are read again, and each recheck is answered once. */
export class Rechecks {
  readonly #callers = new RememberedCallers();
  readonly #waiting = new Map<number, (verdict: string | null, error: string | null) => void>();
  #next = 1;
  #forgetting: NodeJS.Timeout | null = null;

  /** Keeps the caller of a mismatch, in memory and for a while. */
  remember(evidence: Uint8Array, headers: RawHeaders): void {
    this.#callers.remember(evidence, headers, performance.now());
    if (this.#callers.size > 0) this.#forgetting ??= setInterval(() => this.#forget(), FORGET_MS).unref();
  }

  #forget(): void {
    this.#callers.forgetOld(performance.now());
    if (this.#callers.size > 0 || this.#forgetting === null) return;
    clearInterval(this.#forgetting);
    this.#forgetting = null;
  }

  /**
   * `send`: false where no worker can take it now, which may pass.
   *
   * @throws ShadowError SHADOW_REFUSED, or what the verifier says
   */
  async recheck(evidence: Uint8Array, send: (message: ToWorker) => boolean): Promise<Verdict> {
    const call = this.#next;
    this.#next += 1;
    const credentials = this.#callers.of(evidence, performance.now());
    const until = performance.now() + ROOM_MS;
    while (!send({ type: 'recheck', call, evidence, credentials })) {
      if (performance.now() > until) {
        throw new ShadowError('SHADOW_REFUSED', 'both sides cannot be asked again now', {
          expected: 'a verifier that runs, and room in limits.recheckPerSecond',
          exit: 2,
        });
      }
      await pause(LOOK_MS);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#answer(call, null, `SHADOW_REFUSED: no answer within ${ANSWER_MS} ms`),
        ANSWER_MS,
      );
      this.#waiting.set(call, (verdict, error) => {
        clearTimeout(timer);
        if (verdict === null) reject(errorOf(error ?? 'the evidence cannot be used'));
        else resolve(JSON.parse(verdict));
      });
    });
  }

  answered({ call, verdict, error }: Extract<FromWorker, { type: 'rechecked' }>): void {
    this.#answer(call, verdict, error);
  }

  /** A worker is gone, or all are being closed: pending calls are refused. */
  abandon(why: string): void {
    for (const call of [...this.#waiting.keys()]) this.#answer(call, null, `SHADOW_REFUSED: ${why}`);
  }

  #answer(call: number, verdict: string | null, error: string | null): void {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    waiting?.(verdict, error);
  }
}

/** Errors cross threads as `CODE: message`. */
function errorOf(text: string): ShadowError {
  const [, code, message] = /^(SHADOW_\w+): (.*)$/s.exec(text) ?? [];
  switch (code) {
    case 'SHADOW_KEY':
    case 'SHADOW_REFUSED':
    case 'SHADOW_ROUTE':
    case 'SHADOW_PRIMARY':
    case 'SHADOW_NOT_FOUND':
      return new ShadowError(code, message ?? text, { exit: 2 });
    default:
      return new ShadowError('SHADOW_INTERNAL', message ?? text, { exit: 2 });
  }
}
