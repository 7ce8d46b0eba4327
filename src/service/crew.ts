/** The worker processes of one replica: started, started again when they end, called, and ended together. */
import cluster, { type Worker } from 'node:cluster';
import type { Log } from '../base/log.ts';
import { EXIT, messageOf, ShadowError } from '../errors.ts';
import type { ControlPatch } from '../types.ts';
import { type CrewState, NOTHING_TOLD, withControl } from './crew-state.ts';

/** What the primary process asks of a worker. Evidence travels as base64: IPC is JSON. */
export type Call =
  | { readonly call: number; readonly method: 'snapshot' | 'metrics' | 'ready' | 'reload' }
  | { readonly call: number; readonly method: 'switch'; readonly off: boolean }
  | { readonly call: number; readonly method: 'control'; readonly patch: ControlPatch }
  | { readonly call: number; readonly method: 'recheck'; readonly evidence: string };

export interface Told {
  readonly call: number;
  readonly error: string | null;
  readonly value: unknown;
}

/** What a worker says by itself: that it begins, for which it is told what the others were told; and that it serves. */
export type Said = { readonly says: 'begins' } | { readonly says: 'serves'; readonly url: string };

const ANSWER_MS = 5_000;
/** A change reaches all: for that a process is waited for. */
const CHANGE_MS = 60_000;
/** A worker that dies is started again after this pause; a crash loop must not become a fork bomb. */
const RESTART_MS = 1_000;
/** The pause doubles up to this one while no start succeeds, as with a config that has a mistake. */
const RESTART_AT_MOST_MS = 15_000;

export type CallBody = Call extends infer One ? (One extends Call ? Omit<One, 'call'> : never) : never;

export class Crew {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #log: Log;
  /** All that live, and those of them that serve. */
  readonly #alive = new Set<Worker>();
  readonly #workers = new Set<Worker>();
  readonly #calls = new Map<number, (told: Told) => void>();
  #state = NOTHING_TOLD;
  #reloads = 0;
  #next = 1;
  #closing = false;

  /** `environment` carries what all of them must share. */
  constructor(environment: Readonly<Record<string, string>>, log: Log) {
    this.#environment = environment;
    this.#log = log;
  }

  /** Starts a worker; resolves with its address when it serves, and rejects where it ends before. */
  start(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const worker = cluster.fork(this.#environment);
    let begun = this.#state;
    const reloads = this.#reloads;
    this.#alive.add(worker);
    worker.on('error', (error) => this.#log.warn(`process ${worker.process.pid ?? '?'}: ${messageOf(error)}`));
    worker.on('message', (message: Told | Said) => {
      if ('call' in message) this.#calls.get(message.call)?.(message);
      else if (message.says === 'begins') {
        begun = this.#state;
        worker.send(begun);
      } else {
        this.#workers.add(worker);
        if (this.#state !== begun) this.#tellState(worker);
        // It may have read the config before it was changed.
        if (this.#reloads !== reloads) this.#tell(worker, { method: 'reload' });
        resolve(message.url);
      }
    });
    worker.once('exit', (code, signal) => {
      this.#alive.delete(worker);
      const served = this.#workers.delete(worker);
      if (this.#closing) return;
      if (!served) return reject(endedAtStart(code ?? signal));
      this.#log.warn(`process ${worker.process.pid ?? '?'} ended with ${signal ?? code}; starting another`);
      this.#startAgain(RESTART_MS);
    });
    return promise;
  }

  /** Until one serves: what keeps it from starting may be over soon, and the others alone are fewer than were asked for. */
  #startAgain(pauseMs: number): void {
    setTimeout(() => {
      if (this.#closing) return;
      this.start().catch((error: unknown) => {
        const next = Math.min(2 * pauseMs, RESTART_AT_MOST_MS);
        this.#log.warn(`${messageOf(error)}; starting another in ${next / 1_000} s`);
        this.#startAgain(next);
      });
    }, pauseMs).unref();
  }

  /** What was changed while it started. */
  #tellState(worker: Worker): void {
    const { off, control } = this.#state;
    this.#tell(worker, { method: 'switch', off });
    this.#tell(worker, { method: 'control', patch: control });
  }

  #tell(worker: Worker, body: CallBody): void {
    this.#call(worker, body, CHANGE_MS).catch((error: unknown) => this.#log.warn(messageOf(error)));
  }

  async reload(): Promise<void> {
    this.#reloads += 1;
    await this.#change({ method: 'reload' });
  }

  /** SIGUSR2: off, and on again at the next. All get the same, whatever each of them had. */
  async toggle(): Promise<void> {
    this.#state = { ...this.#state, off: !this.#state.off };
    await this.#change({ method: 'switch', off: this.#state.off });
  }

  /** @throws ShadowError SHADOW_REFUSED where no process takes it: then it is not kept either. */
  async control(patch: ControlPatch): Promise<void> {
    const before = this.#state;
    const changed: CrewState = withControl(before, patch);
    this.#state = changed;
    try {
      await this.#change({ method: 'control', patch });
    } catch (error) {
      if (this.#state === changed) this.#state = before;
      throw error;
    }
  }

  async #change(body: CallBody): Promise<void> {
    await this.all(body, CHANGE_MS);
  }

  /** Calls every worker that serves; one that does not answer in time is left out. */
  async all<T>(body: CallBody, withinMs = ANSWER_MS): Promise<T[]> {
    const told = await Promise.allSettled([...this.#workers].map((worker) => this.#call<T>(worker, body, withinMs)));
    const refused = told.find((one) => one.status === 'rejected');
    const values = told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    if (values.length === 0 && refused?.status === 'rejected') throw refused.reason;
    return values;
  }

  async any<T>(body: CallBody): Promise<T> {
    const [worker] = this.#workers;
    if (worker === undefined) throw new ShadowError('SHADOW_INTERNAL', 'no process is running');
    return this.#call<T>(worker, body, CHANGE_MS);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const ends = [...this.#alive].map((worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())));
    for (const worker of this.#alive) worker.kill('SIGTERM');
    await Promise.all(ends);
  }

  #call<T>(worker: Worker, body: CallBody, withinMs: number): Promise<T> {
    const call = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => reject(new ShadowError('SHADOW_INTERNAL', 'a process does not answer')), withinMs);
    this.#calls.set(call, ({ error, value }) => {
      if (error === null) resolve(value as T);
      else reject(new ShadowError('SHADOW_REFUSED', error));
    });
    worker.send({ ...body, call }, (error) => {
      if (error !== null) reject(error);
    });
    return promise.finally(() => {
      clearTimeout(timer);
      this.#calls.delete(call);
    });
  }
}

/** It has said itself what was wrong. */
function endedAtStart(how: number | string): ShadowError {
  const ours = how === EXIT.usage ? 'SHADOW_CONFIG' : 'SHADOW_INTERNAL';
  return new ShadowError(ours, `a process ended at start with ${how}`);
}
