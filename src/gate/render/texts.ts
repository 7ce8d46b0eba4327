import { agree, count, counted, millis, percent, rateWords } from '../../base/figure-words.ts';
import type { Condition, Decision, Outcome } from '../decision.ts';

/** The words for the three states of a condition, the same in every format. */
export const OUTCOMES: Readonly<Record<Outcome, string>> = { pass: 'PASS', fail: 'FAIL', undecided: 'UNDECIDED' };

export function holdsText(holds: boolean | null): 'yes' | 'no' | 'not yet' {
  return holds === null ? 'not yet' : holds ? 'yes' : 'no';
}

/** A figure or a limit in its unit; an empty text where there is none. */
export function figureText(value: number | null, unit: Condition['unit']): string {
  if (value === null) return '';
  switch (unit) {
    case 'share':
      return percent(value);
    case 'ms':
      return millis(value);
    case 'count':
      return count(value);
    case 'ratio':
      return `${Number(value.toPrecision(3))} x`;
    default:
      return unit satisfies never;
  }
}

/** `3 open faults: payments/66d4f0a2…b8c9 amount, …`; null where there is none. */
export function faultsOf({ faults }: Pick<Decision, 'faults'>): string | null {
  if (faults === undefined || faults.open === 0) return null;
  const more = faults.open > faults.names.length ? ', …' : '';
  return `${counted(faults.open, 'open fault')}: ${faults.names.join(', ')}${more}`;
}

/** One line: what the domain's evidence is. */
export function summaryOf(decision: {
  readonly bound: {
    readonly used: string;
    readonly upper: number;
    readonly n: number;
    readonly k: number;
    readonly limit: number;
  };
  readonly epoch: number | null;
}): string {
  const { bound, epoch } = decision;
  if (bound.used === 'none') return 'nothing compared yet';
  const over = `${bound.used === 'reads' ? '' : 'distinct '}${agree(bound.n, 'comparison', 'comparisons')}`;
  const rate = bound.n === 0 ? null : bound.k / bound.n;
  return `${rateWords(rate, bound.n, bound.upper, bound.limit)}, ${over}, epoch ${epoch ?? '-'}`;
}
