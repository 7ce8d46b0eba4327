/**
 * SIGUSR2 turns shadowing off, and on again; SIGHUP reads the config again. Neither needs journal, twin or token, and
 * neither may end the process, in whatever state it is: Node's own answer to both is to end it, with every client on it.
 */
import type { Log } from '../base/log.ts';
import { messageOf } from '../errors.ts';

/** What serves, by the signals that it knows. */
export interface Signalled {
  toggle(): Promise<void>;
  reload(): Promise<void>;
}

export interface Signals {
  /** From here on signals are done; those that came while it started are done now, in their order. */
  serve(signalled: Signalled, log: Log): void;
  /** It is about to end: what still comes is passed over. */
  ignore(): void;
}

const HEEDED = ['SIGUSR2', 'SIGHUP'] as const;

/** To be called once by a process that is going to serve, before anything else. */
export function heedSignals(): Signals {
  const early: (typeof HEEDED)[number][] = [];
  let take = (signal: (typeof HEEDED)[number]): void => void early.push(signal);
  for (const signal of HEEDED) process.on(signal, () => take(signal));
  return {
    serve(signalled, log) {
      take = (signal) => {
        const work = signal === 'SIGHUP' ? signalled.reload() : signalled.toggle();
        work.catch((error: unknown) => log.warn(messageOf(error)));
      };
      for (const signal of early.splice(0)) take(signal);
    },
    ignore() {
      take = () => undefined;
    },
  };
}
