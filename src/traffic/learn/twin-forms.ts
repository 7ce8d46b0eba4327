/**
 * What the values of one path have in common where no agreement of two of them shows it: words of the twin's own, amounts
 * that one side counts in minor units, lengths of time, instants in a form of a side's own.
 */
import { parseDecimal } from '../../rules/decimal.ts';
import { DURATION_UNITS, type Duration, durationOf, parseDuration } from '../../rules/duration.ts';
import { numberText } from '../../rules/exact-number.ts';
import type { DurationUnit } from '../../rules/rule.ts';
import type { JsonValue } from '../../types.ts';
import { decimalTextOf } from './forms.ts';
import { InstantWays } from './instant-forms.ts';
import { OwnWords } from './own-words.ts';
import { PrintedAmounts } from './printed-amounts.ts';

/** A rule that all pairs obey, with its evidence: "the twin's own words (3 words)". */
export interface FoundForm {
  readonly data: Readonly<Record<string, unknown>>;
  readonly name: string;
}

/** Decimals of amounts beside which no currency stands. */
const CENTS = 2;

type Units = readonly [primary: DurationUnit | null, twin: DurationUnit | null];

const SIDES: readonly (DurationUnit | null)[] = [null, ...DURATION_UNITS];

export class TwinForms {
  readonly #words = new OwnWords();
  /** Sides that may be the one which counts in minor units. */
  #minor: readonly ('primary' | 'twin')[] = ['primary', 'twin'];
  /** Pairs that are more than zero on both sides. */
  #amounts = 0;
  #hasFraction = false;
  #withoutCurrency = 0;
  #units: readonly Units[] = SIDES.flatMap((mine) => SIDES.map((its): Units => [mine, its]));
  readonly #instants = new InstantWays();
  readonly #printed = new PrintedAmounts();
  /** Pairs of which a side is a length of time in text. */
  #durations = 0;

  /** `scale`: decimals of the currency beside them; null where none stands there. */
  see(primary: JsonValue, twin: JsonValue, scale: number | null): void {
    this.#words.see(primary, twin);
    this.#instants.see(primary, twin);
    this.#printed.see(primary, twin, scale);
    if (this.#minor.length > 0) this.#seeAmounts(primary, twin, scale);
    if (this.#units.length > 0) this.#seeDurations(primary, twin);
  }

  /** Null where there is none. `pairs`: those that were seen; `currency`: the field beside the amounts. */
  found(pairs: number, currency: string | null): FoundForm | null {
    return (
      this.#foundInstant() ??
      this.#foundDuration() ??
      this.#foundMinor(pairs, currency) ??
      this.#foundPrinted(pairs, currency) ??
      this.#words.found(pairs)
    );
  }

  merge(other: TwinForms): void {
    this.#words.merge(other.#words);
    this.#instants.merge(other.#instants);
    this.#printed.merge(other.#printed);
    this.#minor = this.#minor.filter((side) => other.#minor.includes(side));
    this.#units = this.#units.filter(([a, b]) => other.#units.some(([c, d]) => a === c && b === d));
    this.#amounts += other.#amounts;
    this.#hasFraction ||= other.#hasFraction;
    this.#withoutCurrency += other.#withoutCurrency;
    this.#durations += other.#durations;
  }

  #seeAmounts(primary: JsonValue, twin: JsonValue, scale: number | null): void {
    const [mine, its] = [amountOf(primary), amountOf(twin)];
    const places = scale ?? CENTS;
    const isMinor = (minor: Amount | null, major: Amount | null): boolean =>
      minor !== null &&
      major !== null &&
      minor.scale <= 0 &&
      major.scale <= places &&
      scaled(minor, 0) === scaled(major, places);
    this.#minor = this.#minor.filter((side) => (side === 'primary' ? isMinor(mine, its) : isMinor(its, mine)));
    if (mine === null || its === null) return;
    if (mine.digits !== 0n) this.#amounts += 1;
    this.#hasFraction ||= mine.scale > 0 || its.scale > 0;
    if (scale === null) this.#withoutCurrency += 1;
  }

  #foundMinor(pairs: number, currency: string | null): FoundForm | null {
    const [minor, ...both] = this.#minor;
    // Whole numbers a hundredfold may be anything; cents, or a currency beside them, say that it is money.
    if (minor === undefined || both.length > 0 || this.#amounts * 2 < pairs) return null;
    if (currency === null ? !this.#hasFraction : this.#withoutCurrency > 0) return null;
    const from = currency === null ? { scale: CENTS } : { sibling: currency };
    return { data: { money: { ...from, minor } }, name: `the same amount in minor units on the ${minor}` };
  }

  #seeDurations(primary: JsonValue, twin: JsonValue): void {
    this.#units = this.#units.filter(([mine, its]) => {
      const [a, b] = [durationIn(primary, mine), durationIn(twin, its)];
      return a !== null && b !== null && a.months === b.months && a.time === b.time;
    });
    if (typeof primary === 'string' || typeof twin === 'string') this.#durations += 1;
  }

  #foundPrinted(pairs: number, currency: string | null): FoundForm | null {
    const from = this.#printed.found(pairs, currency);
    return from === null ? null : { data: { money: from }, name: 'the same amount as it is printed' };
  }

  #foundInstant(): FoundForm | null {
    const forms = this.#instants.found();
    if (forms === null) return null;
    const { primary, twin, zone } = forms;
    const isOne = primary !== undefined && primary === twin && zone === undefined;
    return { data: { instant: isOne ? primary : forms }, name: 'the same instant' };
  }

  #foundDuration(): FoundForm | null {
    const [units, ...others] = this.#units;
    // Nothing but zeros: any unit would do.
    if (units === undefined || others.length > 0 || this.#durations === 0) return null;
    const [mine, its] = units;
    const [primary, twin] = [mine === null ? {} : { primary: mine }, its === null ? {} : { twin: its }];
    const of = mine === null && its === null ? null : { ...primary, ...twin };
    return { data: { duration: of }, name: 'the same length of time' };
  }
}

interface Amount {
  readonly digits: bigint;
  readonly scale: number;
}

function amountOf(value: JsonValue): Amount | null {
  const text = decimalTextOf(value);
  const amount = text === null || text.length > 40 ? null : parseDecimal(text);
  return amount === null || typeof amount === 'string' ? null : withoutZeros(amount);
}

/** `12.50` is `12.5`: what is printed behind the last digit says nothing. */
function withoutZeros({ digits, scale }: Amount): Amount {
  let [left, places] = [digits, scale];
  while (places > 0 && left % 10n === 0n) [left, places] = [left / 10n, places - 1];
  return { digits: left, scale: places };
}

/** In units of 10^-places; the amount has no finer digits. */
const scaled = ({ digits, scale }: Amount, places: number): bigint =>
  digits * 10n ** BigInt(Math.max(0, Math.min(100, places - scale)));

/** Of a side that counts in this unit, or prints texts. */
function durationIn(value: JsonValue, unit: DurationUnit | null): Duration | null {
  if (unit === null) return typeof value === 'string' ? parseDuration(value) : null;
  const number = numberText(value);
  return number === null ? null : durationOf(number, unit);
}
