/**
 * What a serving process does after an uncaught exception: it continues, unless one of its own invariants is broken.
 * See docs/decisions/0008-what-an-unexpected-exception-does.md.
 */
import { crashText } from '../base/crash-text.ts';
import { isWriteToClosed } from '../base/driver-guard.ts';
import type { Faults } from '../base/faults.ts';
import type { Log } from '../base/log.ts';
import { onRejection, type Rejection, rejectionText } from '../base/rejections.ts';
import { EXIT, ShadowError } from '../errors.ts';

/** What can be done with a process that serves. */
export interface Guarded {
  /** Ends the request that the exception belongs to, and counts it; false where no request is known. */
  readonly endedBy: (thrown: unknown) => boolean;
  /** Names the invariant that does not hold any more; null where all do. */
  readonly broken: () => string | null;
  /** Waits for requests under way, at most for the time that the config gives a stop. */
  readonly drain: () => Promise<void>;
  /** Milliseconds for the drain; afterwards the process ends with what is left. */
  readonly drainMs: number;
}

export interface ProcessGuard {
  /** From here on an exception need not end the process; before, nobody is served yet, and it does. */
  serving(guarded: Guarded): void;
}

/** How long a drain may take beyond what it was given, ms. */
const LATE_MS = 5_000;

/** To be called once by a process that is going to serve. */
export function guardProcess(faults: Faults, log: Log): ProcessGuard {
  let guarded: Guarded | null = null;
  let ending = false;

  function end(why: string, { drain, drainMs }: Guarded): void {
    if (ending) return;
    ending = true;
    log.warn(`SHADOW_INTERNAL: ${why}; the process drains and ends`);
    const leave = (): never => process.exit(EXIT.no);
    setTimeout(leave, drainMs + LATE_MS);
    drain().then(leave, leave);
  }

  onRejection((rejection) => recordRejection(rejection, 'rejection', faults, log));
  process.on('uncaughtException', (thrown) => {
    if (isWriteToClosed(thrown)) {
      log.warn('journal: the driver wrote to a connection that was gone; a new one is made');
      return;
    }
    if (guarded === null) {
      process.stderr.write(`${crashText(thrown)}\n`);
      process.exit(EXIT.no);
    }
    if (!guarded.endedBy(thrown)) faults.record('process', thrown);
    const broken =
      thrown instanceof ShadowError && thrown.code === 'SHADOW_INTERNAL' ? thrown.message : guarded.broken();
    if (broken !== null) end(broken, guarded);
  });

  return {
    serving(next) {
      guarded = next;
    },
  };
}

/** Counts it; one of the driver's own is no mistake of this process, so that it only stands in the log. */
export function recordRejection(rejection: Rejection, stage: string, faults: Faults, log: Log): void {
  if (rejection.drivers) log.often(`driver ${stage}`, rejectionText(rejection));
  else faults.recordTold(stage, rejection);
}
