/** One line of what the bench found, and the arithmetic of rounds. */

export interface Row {
  readonly name: string;
  readonly ours: number;
  readonly other: number;
  /** Ours to the other, or ours less the other where the budget says ms or the like. */
  readonly ratio: number;
  /** Of the ratio, over the rounds: from - to. */
  readonly spread?: string;
  readonly budget: string | null;
  readonly holds: boolean | null;
  /** True where it is about failures and not about time: judged on any machine. */
  readonly always?: boolean;
  readonly remark?: string;
}

export interface Budget {
  readonly text: string;
  readonly holds: (figure: number) => boolean;
}

export const atLeast = (least: number, unit = 'x'): Budget => ({
  text: `>= ${least} ${unit}`,
  holds: (figure) => figure >= least,
});
export const atMost = (most: number, unit = 'x'): Budget => ({
  text: `<= ${most} ${unit}`,
  holds: (figure) => figure <= most,
});

export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

interface Compared {
  readonly budget?: Budget | null;
  readonly remark?: string;
  /** How the two of one round are held against each other: ours divided by the other unless said otherwise. */
  readonly by?: 'ratio' | 'difference';
  readonly digits?: number;
}

/**
 * Two series, one figure a round each, taken in turns: medians, and the median and the spread of what the two of each
 * round make, so that a slow moment of the machine, which hits both, does not count.
 */
export function rowOf(name: string, ours: readonly number[], other: readonly number[], how: Compared = {}): Row {
  const { budget = null, by = 'ratio', digits = 2 } = how;
  const made = ours.map((mine, i) => {
    const its = other[i] ?? Number.NaN;
    return by === 'ratio' ? mine / its : mine - its;
  });
  const ratio = median(made);
  return {
    name,
    ours: round(median(ours), digits),
    other: round(median(other), digits),
    ratio: round(ratio, digits),
    ...(made.length > 1 ? { spread: `${round(Math.min(...made), digits)} - ${round(Math.max(...made), digits)}` } : {}),
    budget: budget?.text ?? null,
    holds: budget?.holds(ratio) ?? null,
    ...(how.remark === undefined ? {} : { remark: how.remark }),
  };
}

/** A figure of ours alone. */
export function figure(name: string, ours: number, budget: Budget | null, remark?: string): Row {
  return {
    name,
    ours: round(ours),
    other: 0,
    ratio: round(ours),
    budget: budget?.text ?? null,
    holds: budget?.holds(ours) ?? null,
    ...(remark === undefined ? {} : { remark }),
  };
}

/** What must not happen at all, however slow the machine is. */
export const none = (name: string, count: number): Row => ({
  name,
  ours: count,
  other: 0,
  ratio: count,
  budget: '0',
  holds: count === 0,
  always: true,
});
