/** What the targets share: how a promise is checked, and what is no failure. */
import { ShadowError } from '../../../src/errors.ts';
import { ProtocolError } from '../../../src/stores/embedded/wire/message.ts';
import type { Parser } from './steered.ts';

export interface NamedParser extends Parser {
  /** One line for the help. */
  readonly what: string;
  /** Inputs of the long run. */
  readonly runs: number;
}

export const text = (bytes: Buffer): string => bytes.toString('utf8');

/** What is refused in words is refused rightly. */
export function refusing(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ShadowError) && !(error instanceof ProtocolError)) throw error;
  }
}

/** @throws Error with what was promised and does not hold. */
export function insist(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
