import { add, divideDecimals, whole } from './arithmetic.ts';
import type { Numeric } from './compare.ts';
import { Decimal } from './decimal.ts';
import { Int32 } from './values.ts';

/**
 * A sum as `$sum` and `$avg` make it: whole numbers exactly, doubles with a compensation for what rounding loses,
 * decimals as decimals. The result has the widest type of what was added.
 * Compensation: O. Møller, Quasi double-precision in floating-point addition, BIT 5 (1965), as MongoDB uses it.
 */
export class Sum {
  count = 0;
  #whole = 0n;
  #long = false;
  #double = false;
  #sum = 0;
  #addend = 0;
  #plain = 0;
  #decimal: Decimal | undefined;

  add(value: Numeric): void {
    this.count += 1;
    if (value instanceof Decimal) {
      const sum = add(this.#decimal ?? Decimal.ZERO, value);
      this.#decimal = sum instanceof Decimal ? sum : Decimal.NAN;
    } else if (typeof value === 'number') {
      this.#double = true;
      this.#compensated(value);
    } else if (value instanceof Int32) {
      this.#whole += BigInt(value.value);
    } else {
      this.#long = true;
      this.#whole += value;
    }
  }

  total(): Numeric {
    if (this.#decimal !== undefined) return this.#withDecimal(this.#decimal);
    return this.#double ? this.#doubles() : whole(this.#whole, this.#long);
  }

  /** `undefined` when nothing was added. */
  average(): Numeric | undefined {
    if (this.count === 0) return undefined;
    if (this.#decimal !== undefined) {
      return divideDecimals(this.#withDecimal(this.#decimal), Decimal.of(BigInt(this.count), 0));
    }
    return this.#doubles() / this.count;
  }

  #compensated(value: number): void {
    this.#plain += value;
    const [first, rest] = twoSum(value, this.#addend);
    const [sum, lost] = twoSum(this.#sum, first);
    this.#sum = sum;
    this.#addend = rest + lost;
  }

  #doubles(): number {
    if (this.#whole === 0n) return Number.isNaN(this.#sum) ? this.#plain : this.#sum;
    // A whole part beyond 2^53 is added as two doubles, so that none of it is lost.
    const high = Number(this.#whole);
    const low = Number(this.#whole - BigInt(high));
    const [first, rest] = twoSum(high, this.#addend + low);
    const [sum, lost] = twoSum(this.#sum, first);
    const result = sum + (lost + rest);
    return Number.isNaN(result) ? this.#plain + high : result;
  }

  #withDecimal(decimal: Decimal): Decimal {
    let total = decimal;
    for (const part of [this.#whole === 0n ? undefined : Decimal.of(this.#whole, 0), ...this.#exactDoubles()]) {
      const sum = part === undefined ? total : add(total, part);
      total = sum instanceof Decimal ? sum : Decimal.NAN;
    }
    return total;
  }

  #exactDoubles(): Decimal[] {
    if (!this.#double) return [];
    if (!Number.isFinite(this.#sum)) return [exactly(this.#plain)];
    return [exactly(this.#sum), exactly(this.#addend)];
  }
}

/** The sum as a double, and what rounding took from it, both exact. */
function twoSum(first: number, second: number): [sum: number, lost: number] {
  const sum = first + second;
  const one = sum - second;
  const two = sum - one;
  return [sum, first - one + (second - two)];
}

/** A double as a decimal of 34 digits. */
export function exactly(value: number): Decimal {
  if (Number.isNaN(value)) return Decimal.NAN;
  if (!Number.isFinite(value)) return Decimal.infinity(value < 0);
  let scaled = value;
  let twos = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    twos += 1;
  }
  return Decimal.of(BigInt(scaled) * 5n ** BigInt(twos), -twos, Object.is(value, -0));
}
