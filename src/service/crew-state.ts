/** What a crew's processes were told at run time, and no config says: one that starts later begins with it. */
import type { Log } from '../base/log.ts';
import { messageOf } from '../errors.ts';
import type { ControlPatch } from '../types.ts';
import { mergedControl, type PolicyHolder } from './policy.ts';

export interface CrewState {
  /** Shadowing is switched off by SIGUSR2. */
  readonly off: boolean;
  /** All changes by the admin port, as one. */
  readonly control: ControlPatch;
}

export const NOTHING_TOLD: CrewState = Object.freeze({ off: false, control: {} });

export function withControl(state: CrewState, patch: ControlPatch): CrewState {
  return { ...state, control: mergedControl(state.control, patch) };
}

/** Names that a newer config does not have any more are left out, one by one, with a word in the log. */
export function beginWith({ off, control }: CrewState, policy: PolicyHolder, log: Log): void {
  if (off) policy.toggle(true);
  const { shadowing, routes = {}, domains = {} } = control;
  const parts: ControlPatch[] = [
    ...(shadowing === undefined ? [] : [{ shadowing }]),
    ...Object.entries(routes).map(([key, change]) => ({ routes: { [key]: change } })),
    ...Object.entries(domains).map(([name, change]) => ({ domains: { [name]: change } })),
  ];
  for (const part of parts) {
    try {
      policy.control(part);
    } catch (error) {
      log.warn(`control: ${messageOf(error)}`);
    }
  }
}
