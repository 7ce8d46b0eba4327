/** Which operator was tried on which endpoint how often, and why not oftener: a number alone could hide a gap. */
import { hash } from 'node:crypto';
import { sized } from '../support/sized.ts';
import type { Pair, Raw } from './pair.ts';

/** Different changed pairs that each endpoint must have with each operator. */
export const MINIMUM_PAIRS = sized(4, 10);

export interface Cell {
  readonly endpoint: string;
  readonly operator: string;
  readonly tried: number;
  /** Why the minimum was not reached; null where it was. */
  readonly reason: string | null;
}

/** Counts the changed pairs of each endpoint and operator; up to the minimum only different ones. */
export class Coverage {
  readonly #cells = new Map<string, { tried: number; readonly seen: Set<string> }>();

  /** False where this very change was tried already and the minimum is not reached: it would count for nothing. */
  admits(pair: Pair, operator: string, changed: Raw): boolean {
    const cell = this.#cell(pair.route.key, operator);
    if (cell.tried < MINIMUM_PAIRS) {
      const what = [pair.target, pair.caller, pair.representation, changed.status, ...changed.headers, changed.text];
      const seen = hash('sha1', JSON.stringify(what));
      if (cell.seen.has(seen)) return false;
      cell.seen.add(seen);
    }
    cell.tried += 1;
    return true;
  }

  tried(endpoint: string, operator: string): number {
    return this.#cells.get(keyOf(endpoint, operator))?.tried ?? 0;
  }

  /** Tried at least once, and not often enough. */
  isThin(endpoint: string, operator: string): boolean {
    const tried = this.tried(endpoint, operator);
    return tried > 0 && tried < MINIMUM_PAIRS;
  }

  cell(endpoint: string, operator: string, pairs: number, excuse: string | null): Cell {
    const tried = this.tried(endpoint, operator);
    const none = excuse ?? `none of its ${pairs} pairs holds what this changes`;
    const few = `its ${pairs} pairs give no more different ones`;
    return { endpoint, operator, tried, reason: tried >= MINIMUM_PAIRS ? null : tried === 0 ? none : few };
  }

  #cell(endpoint: string, operator: string) {
    const key = keyOf(endpoint, operator);
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = { tried: 0, seen: new Set() };
      this.#cells.set(key, cell);
    }
    return cell;
  }
}

const keyOf = (endpoint: string, operator: string): string => `${endpoint} / ${operator}`;

/** The cells of one operator as lines: how many endpoints have the minimum, and the others by their reason. */
export function coverageLines(cells: readonly Cell[]): string[] {
  const full = cells.filter(({ reason }) => reason === null);
  const fewest = Math.min(...full.map(({ tried }) => tried));
  const lines =
    full.length === 0
      ? []
      : [`${full.length === cells.length ? 'every endpoint' : `${full.length} endpoints`}: ${fewest} pairs or more`];
  const byReason = Map.groupBy(
    cells.filter(({ reason }) => reason !== null),
    ({ reason }) => (reason ?? '').replace(/its \d+ pairs/, 'its pairs'),
  );
  for (const [reason, those] of byReason) {
    const names = those.map(({ endpoint, tried }) => (tried === 0 ? endpoint : `${endpoint} (${tried})`));
    lines.push(`${reason}: ${names.join(', ')}`);
  }
  return lines;
}
