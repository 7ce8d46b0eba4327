/**
 * The tap on one read's answer: references to its chunks, never copies. Whatever happens to the read, its admission
 * ends exactly once, because ending takes the admission out of the tap.
 */
import type { Admission, CompletedAnswer, ExchangeRequest, SkipReason } from '../types.ts';

export class Tap {
  #admission: Admission | null;
  #chunks: Uint8Array[] = [];
  readonly #onFault: (stage: string, thrown: unknown) => void;

  constructor(admission: Admission, onFault: (stage: string, thrown: unknown) => void) {
    this.#admission = admission;
    this.#onFault = onFault;
  }

  /** True until the admission has ended. */
  get open(): boolean {
    return this.#admission !== null;
  }

  keep(chunk: Uint8Array): void {
    if (!this.reserve(chunk.length)) return;
    this.#chunks.push(chunk);
  }

  /** Asks for bytes that are held outside of the tap, such as a POST read's body; false where the read was dropped. */
  reserve(bytes: number): boolean {
    const admission = this.#admission;
    if (admission === null) return false;
    try {
      const answer = admission.hold(bytes);
      if (answer === 'held') return true;
      this.skip(answer);
    } catch (thrown) {
      this.#onFault('gate.hold', thrown);
      this.skip('verifier_error');
    }
    return false;
  }

  complete(request: ExchangeRequest, answer: Omit<CompletedAnswer, 'chunks'>): void {
    const admission = this.#take();
    if (admission === null) return;
    const chunks = this.#chunks;
    this.#chunks = [];
    try {
      admission.complete(request, { ...answer, chunks });
    } catch (thrown) {
      // Whether it was counted before it threw cannot be known: ending it again could count it twice.
      this.#onFault('gate.complete', thrown);
    }
  }

  skip(reason: SkipReason): void {
    const admission = this.#take();
    if (admission === null) return;
    this.#chunks = [];
    try {
      admission.skip(reason);
    } catch (thrown) {
      this.#onFault('gate.skip', thrown);
    }
  }

  #take(): Admission | null {
    const admission = this.#admission;
    this.#admission = null;
    return admission;
  }
}
