/**
 * Promises that were rejected while nobody waited for them: the one place of a process or a worker that hears of them. No
 * state and no client's answer depends on one, so it ends nothing; it is told, with where it was thrown.
 */
import { faultText, kindOf } from './crash-text.ts';

export interface Rejection {
  /** The kind of what was thrown, such as `TypeError`. */
  readonly kind: string;
  /** Code, kind and where; never the message, which can quote a body. */
  readonly text: string;
  /** A query of the database driver itself: whoever waited for that connection is told as well. */
  readonly drivers: boolean;
}

let hear: ((rejection: Rejection) => void) | null = null;

/** Tells each of them from now on, in this thread. A later call takes over from an earlier one. */
export function onRejection(tell: (rejection: Rejection) => void): void {
  if (hear === null) process.on('unhandledRejection', (reason) => hear?.(rejectionOf(reason)));
  hear = tell;
}

/** For commands: to stderr. */
export function tellRejections(): void {
  onRejection((rejection) => process.stderr.write(`SHADOW_INTERNAL: ${rejectionText(rejection)}\n`));
}

export function rejectionText({ text, drivers }: Rejection): string {
  return drivers
    ? `a connection to Postgres ended or failed while it was made: ${text}`
    : `a promise was rejected and nobody waited for it: ${text}`;
}

function rejectionOf(reason: unknown): Rejection {
  return { kind: kindOf(reason), text: faultText(reason), drivers: isDriversOwn(reason) };
}

/** With each new connection the driver looks array types up, and does not wait for the answer (3.4.9, `fetchArrayTypes`). */
function isDriversOwn(reason: unknown): boolean {
  if (typeof reason !== 'object' || reason === null || !('query' in reason)) return false;
  return typeof reason.query === 'string' && reason.query.includes('b.typarray');
}
