/** The states of a fault, and everything that moves a fault from one to another. Nothing else changes a state. */

export const FAULT_STATES = ['open', 'acknowledged', 'repaired', 'returned'] as const;
/** `returned`: it was repaired, and a read has shown it since. */
export type FaultState = (typeof FAULT_STATES)[number];

/**
 * - `shown`: a read shows it. One that was asked before the last repair says nothing of what came after and moves nothing.
 * - `gone`: its reads were asked again and none shows it, or its row agrees with the document and no read can be asked. A
 *   read that was asked later and shows it counts more: then `gone` moves nothing.
 * - `acknowledge`, `repair`, `open`: a person says so.
 *
 * A repair that fails is no event: it says nothing new of the fault.
 */
export const FAULT_EVENTS = ['shown', 'gone', 'acknowledge', 'repair', 'open'] as const;
export type FaultEvent = (typeof FAULT_EVENTS)[number];

const always = (state: FaultState): Readonly<Record<FaultState, FaultState>> =>
  Object.freeze({ open: state, acknowledged: state, repaired: state, returned: state });

/** By event, then by the state before it. An acknowledged fault keeps its owner for as long as it shows. */
export const FAULT_TRANSITIONS: Readonly<Record<FaultEvent, Readonly<Record<FaultState, FaultState>>>> = Object.freeze({
  shown: Object.freeze({ open: 'open', acknowledged: 'acknowledged', repaired: 'returned', returned: 'returned' }),
  gone: always('repaired'),
  acknowledge: always('acknowledged'),
  repair: always('repaired'),
  open: always('open'),
});

export const nextFaultState = (state: FaultState, event: FaultEvent): FaultState => FAULT_TRANSITIONS[event][state];
