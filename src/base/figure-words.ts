/** Figures as people read them; the same on every machine. */

/** 1204 -> `1,204`. */
export function count(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 comparison`, `1,204 comparisons`, `0 comparisons`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${agree(n, one, many)}`;
}

/** The word that goes with so many: `agree(1, 'differs', 'differ')`. */
export function agree(n: number, one: string, many: string): string {
  return Math.round(n) === 1 ? one : many;
}

/** 0.00123 -> `0.123 %`; three significant digits. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value === 0 ? '0' : Number(value.toPrecision(3)).toString()} %`;
}

/** `5.5 % of 307 (at most 19.1 %, limit 50 %)`: the figure, its number of reads, its upper bound, its limit. */
export function rateWords(rate: number | null, of: number, bound: number | null, limit: number | null): string {
  if (rate === null) return 'nothing compared';
  const known = [
    ...(bound === null ? [] : [`at most ${percent(bound)}`]),
    ...(limit === null ? [] : [`limit ${percent(limit)}`]),
  ];
  return `${rate === 0 ? '0' : Number((rate * 100).toPrecision(2))} % of ${count(of)}${known.length === 0 ? '' : ` (${known.join(', ')})`}`;
}

export function millis(ms: number): string {
  return ms >= 1_000 ? `${Number((ms / 1_000).toPrecision(3))} s` : `${Number(ms.toPrecision(3))} ms`;
}

/** A list of names, cut where it gets long. */
export function some(names: readonly string[], most = 5): string {
  return names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
