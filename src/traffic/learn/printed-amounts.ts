/** Amounts that a side prints for people: all pairs the same, whatever signs stand in and beside them. */
import { CURRENCY_SCALES } from '../../rules/currencies.ts';
import { parseDecimal, sameDecimal } from '../../rules/decimal.ts';
import { isCurrency, type PrintedAmount, printedAmount } from '../../rules/printed-money.ts';
import type { JsonValue } from '../../types.ts';
import { decimalTextOf } from './forms.ts';

/** Decimals where no currency is known. */
const CENTS = 2;
const MOST_CURRENCIES = 8;

export class PrintedAmounts {
  #holds = true;
  /** Pairs of which a side has more than digits and a point. */
  #printed = 0;
  readonly #currencies = new Set<string>();

  see(primary: JsonValue, twin: JsonValue, scale: number | null): void {
    if (!this.#holds) return;
    const [mine, its] = [amountIn(primary, scale), amountIn(twin, scale)];
    this.#holds = mine !== null && its !== null && areSame(mine, its, scale);
    if (mine === null || its === null) return;
    if (isPrinted(primary) || isPrinted(twin)) this.#printed += 1;
    for (const { currency } of [mine, its])
      if (currency !== '' && this.#currencies.size < MOST_CURRENCIES) this.#currencies.add(currency);
  }

  merge(other: PrintedAmounts): void {
    this.#holds &&= other.#holds;
    this.#printed += other.#printed;
    for (const currency of other.#currencies) this.#currencies.add(currency);
  }

  /** What the rule takes its decimals from; null where it does not hold. `field`: the one beside that names the currency. */
  found(pairs: number, field: string | null): Readonly<Record<string, unknown>> | null {
    if (!this.#holds || this.#printed * 2 < pairs) return null;
    if (field !== null) return { sibling: field, printed: true };
    const [only = '', ...others] = this.#currencies;
    const isKnown = others.length === 0 && Object.hasOwn(CURRENCY_SCALES, only);
    return isKnown ? { currency: only, printed: true } : { scale: CENTS, printed: true };
  }
}

const isPrinted = (value: JsonValue): boolean => typeof value === 'string' && /[^\d.-]/.test(value);

function amountIn(value: JsonValue, scale: number | null): PrintedAmount | null {
  const text = typeof value === 'string' ? value : decimalTextOf(value);
  return text === null ? null : printedAmount(text, scale ?? CENTS);
}

function areSame(mine: PrintedAmount, its: PrintedAmount, scale: number | null): boolean {
  const [a, b] = [parseDecimal(mine.decimal), parseDecimal(its.decimal)];
  const isKnown = [mine, its].every(({ currency }) => currency === '' || isCurrency(currency));
  const isOne = isKnown && (mine.currency === '' || its.currency === '' || mine.currency === its.currency);
  return isOne && a !== null && b !== null && sameDecimal(a, b, scale ?? CENTS);
}
