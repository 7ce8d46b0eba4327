import { EXIT, type ExitStatus } from '../errors.ts';
import type { Decision } from './decision.ts';

/** Of several domains the worst counts: one that fails is a no, one that is undecided is no yes. */
export function exitOf(decisions: readonly Decision[]): ExitStatus {
  if (decisions.some(({ outcome }) => outcome === 'fail')) return EXIT.no;
  return decisions.length > 0 && decisions.every(({ outcome }) => outcome === 'pass') ? EXIT.yes : EXIT.undecided;
}
