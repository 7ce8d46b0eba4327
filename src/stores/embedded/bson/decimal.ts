/**
 * IEEE 754-2008 decimal128: sign, a coefficient of at most 34 digits and an exponent. Arithmetic is exact and then
 * rounded once to 34 digits, half to even, as the standard (and MongoDB) says.
 */
const MAX_COEFFICIENT = 10n ** 34n - 1n;
const MAX_EXPONENT = 6111;
const MIN_EXPONENT = -6176;

export type DecimalKind = 'finite' | 'infinity' | 'nan';

export class Decimal {
  readonly kind: DecimalKind;
  readonly negative: boolean;
  /** The coefficient without its sign; 0 unless finite. */
  readonly coefficient: bigint;
  readonly exponent: number;

  constructor(kind: DecimalKind, negative: boolean, coefficient: bigint, exponent: number) {
    this.kind = kind;
    this.negative = negative;
    this.coefficient = coefficient;
    this.exponent = exponent;
  }

  static readonly NAN = new Decimal('nan', false, 0n, 0);
  static readonly ZERO = new Decimal('finite', false, 0n, 0);
  static readonly ONE = new Decimal('finite', false, 1n, 0);

  static infinity(negative: boolean): Decimal {
    return new Decimal('infinity', negative, 0n, 0);
  }

  /** Sixteen bytes, least first. */
  static fromBytes(bytes: Buffer): Decimal {
    const low = bytes.readBigUInt64LE(0);
    const high = bytes.readBigUInt64LE(8);
    const negative = high >> 63n === 1n;
    const combination = (high >> 58n) & 0x1fn;
    if (combination === 0x1fn) return Decimal.NAN;
    if (combination === 0x1en) return Decimal.infinity(negative);
    // Coefficients that begin with 100 in the long form exceed 34 digits: the standard reads them as zero.
    const long = combination >> 3n === 3n;
    const biased = long ? (high >> 47n) & 0x3fffn : (high >> 49n) & 0x3fffn;
    const stored = long ? 0n : ((high & 0x1ffffffffffffn) << 64n) | low;
    return new Decimal('finite', negative, stored > MAX_COEFFICIENT ? 0n : stored, Number(biased) - 6176);
  }

  toBytes(): Buffer {
    const bytes = Buffer.alloc(16);
    const sign = this.negative ? 1n << 63n : 0n;
    if (this.kind === 'nan') {
      bytes.writeBigUInt64LE(0x1fn << 58n, 8);
    } else if (this.kind === 'infinity') {
      bytes.writeBigUInt64LE(sign | (0x1en << 58n), 8);
    } else {
      bytes.writeBigUInt64LE(this.coefficient & 0xffffffffffffffffn, 0);
      bytes.writeBigUInt64LE(sign | (BigInt(this.exponent + 6176) << 49n) | (this.coefficient >> 64n), 8);
    }
    return bytes;
  }

  /** The finite value of a signed coefficient and exponent, rounded to what decimal128 holds. */
  static of(coefficient: bigint, exponent: number, negativeZero = false): Decimal {
    const negative = coefficient < 0n || (coefficient === 0n && negativeZero);
    let digits = coefficient < 0n ? -coefficient : coefficient;
    let scale = exponent;
    const drop = Math.max(digitCount(digits) - 34, MIN_EXPONENT - scale);
    if (drop > 0) {
      digits = roundAway(digits, drop);
      scale += drop;
      if (digits > MAX_COEFFICIENT) {
        digits /= 10n;
        scale += 1;
      }
    }
    if (digits === 0n)
      return new Decimal('finite', negative, 0n, Math.min(Math.max(scale, MIN_EXPONENT), MAX_EXPONENT));
    while (scale > MAX_EXPONENT && digits * 10n <= MAX_COEFFICIENT) {
      digits *= 10n;
      scale -= 1;
    }
    if (scale > MAX_EXPONENT) return Decimal.infinity(negative);
    return new Decimal('finite', negative, digits, scale);
  }

  /** The coefficient with its sign. */
  get signed(): bigint {
    return this.negative ? -this.coefficient : this.coefficient;
  }

  get isZero(): boolean {
    return this.kind === 'finite' && this.coefficient === 0n;
  }

  negate(): Decimal {
    if (this.kind === 'nan') return this;
    return new Decimal(this.kind, !this.negative, this.coefficient, this.exponent);
  }

  /** Scientific where the standard's to-scientific-string says so, else plain. */
  toString(): string {
    if (this.kind === 'nan') return 'NaN';
    const sign = this.negative ? '-' : '';
    if (this.kind === 'infinity') return `${sign}Infinity`;
    const digits = this.coefficient.toString();
    const adjusted = this.exponent + digits.length - 1;
    if (this.exponent > 0 || adjusted < -6) {
      const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
      return `${sign}${mantissa}E${adjusted < 0 ? '' : '+'}${adjusted}`;
    }
    if (this.exponent === 0) return sign + digits;
    const padded = digits.padStart(1 - this.exponent, '0');
    return `${sign}${padded.slice(0, this.exponent)}.${padded.slice(this.exponent)}`;
  }
}

function digitCount(value: bigint): number {
  return value.toString().length;
}

/** `value` without its last `drop` digits, rounded half to even; `value` is not negative. */
function roundAway(value: bigint, drop: number): bigint {
  const unit = 10n ** BigInt(drop);
  const quotient = value / unit;
  const twice = (value % unit) * 2n;
  if (twice > unit || (twice === unit && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}
