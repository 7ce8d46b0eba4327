import type { Decision } from '../decision.ts';

/** One document: `{ decisions: [...] }`, each with all its conditions. */
export function renderJson(decisions: readonly Decision[]): string {
  return JSON.stringify({ decisions });
}
