import { Sliced } from '../base/sliced.ts';
import { encodeEnds } from './ends.ts';
import type { FromWorker, JobId, ReadAgain, RequestEnd, VerdictBody } from './protocol.ts';
import type { Slots } from './slots.ts';
import type { Outcome } from './verdict-body.ts';

export interface ReportsOptions {
  readonly slots: Slots;
  send(message: FromWorker): void;
  /** A side has shown itself ill; told once a report. */
  onIll(): void;
}

/** Gathers what a worker has to tell into messages, by slices of time: taking one costs more than what is in it. */
export class Reports {
  readonly #options: ReportsOptions;
  readonly #sliced = new Sliced(() => this.#send());
  #ends: RequestEnd[] = [];
  #wishes: ReadAgain[] = [];
  #verdicts: VerdictBody[] = [];
  #evidence: (readonly [JobId, Uint8Array])[] = [];
  #bytes = 0;
  #ill = false;
  #remembered = 0;

  constructor(options: ReportsOptions) {
    this.#options = options;
  }

  ended(end: RequestEnd): void {
    this.#ends.push(end);
    const ill = end.outcome !== 'ok' && end.outcome !== 'none';
    if (ill && !this.#ill) {
      this.#ill = true;
      this.#options.onIll();
    }
    this.#gathered(ill);
  }

  wish(wish: ReadAgain): void {
    this.#wishes.push(wish);
    this.#gathered(true);
  }

  /** `bytes`: size of the bodies that are held for it until this report. */
  verdict(job: JobId, { body, evidence, remembered }: Outcome, bytes: number): void {
    if (remembered) this.#remembered += 1;
    this.#verdicts.push({ ...body, job });
    if (evidence !== null) this.#evidence.push([job, evidence]);
    this.#bytes += bytes;
    this.#gathered(this.#options.slots.hurry);
  }

  #gathered(hurry: boolean): void {
    const reads = Math.max(this.#ends.length, this.#verdicts.length);
    this.#sliced.gathered({ reads, bytes: this.#bytes }, hurry);
  }

  #send(): void {
    const verdicts = this.#verdicts.length === 0 ? '' : JSON.stringify(this.#verdicts);
    const report: FromWorker = {
      type: 'report',
      ends: encodeEnds(this.#ends),
      ill: this.#ill,
      remembered: this.#remembered,
      wishes: this.#wishes,
      verdicts,
      evidence: this.#evidence,
    };
    this.#ends = [];
    this.#wishes = [];
    this.#verdicts = [];
    this.#evidence = [];
    this.#bytes = 0;
    this.#ill = false;
    this.#remembered = 0;
    this.#options.send(report);
  }
}
