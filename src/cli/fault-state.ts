/** The state of a fault in words. */
import type { FaultRow } from '../journal/read/faults.ts';

export function stateOf({ state, expired }: FaultRow): string {
  return `${state === 'returned' ? 'returned after a repair' : state}${expired ? ', expired' : ''}`;
}
