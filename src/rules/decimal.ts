/**
 * Exact decimals on bigint: digits × 10^-scale. Rounding is half away from zero, as Postgres' `round(numeric)` does,
 * on both sides alike. No number is written out longer than its text is: `1e400000000` costs no more than its eleven
 * characters.
 */

/** `digits / 10^scale`; the scale of a large round number is negative. */
export type Finite = { readonly digits: bigint; readonly scale: number };
/** NaN and the infinities are decimals too, as Decimal128 and numeric have them. */
export type Decimal = Finite | 'NaN' | 'Infinity' | '-Infinity';

/** ASCII digits only: no white space, no `0x`, no `_`, no digits of other scripts. */
const PLAIN = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;
/** A longer text is no amount; parsing it would only take time. */
const MAX_TEXT = 20_000;
/** Beyond it, sums of exponents and lengths would be no safe integers. */
const MAX_EXPONENT = 1e15;

/** Parses plain and exponent forms, `NaN`, `Infinity`; null where the text is no decimal, or longer than 20,000. */
export function parseDecimal(text: string): Decimal | null {
  return parseFinite(text) ?? parseSpecial(text);
}

/** As `parseDecimal`, of finite numbers only. */
export function parseFinite(text: string): Finite | null {
  if (text.length > MAX_TEXT) return null;
  const match = PLAIN.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = match[4] ?? '', , exponentText = '0'] = match;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > MAX_EXPONENT) return null;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return ZERO;
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length - exponent };
}

const ZERO: Finite = Object.freeze({ digits: 0n, scale: 0 });

function parseSpecial(text: string): 'NaN' | 'Infinity' | '-Infinity' | null {
  switch (text) {
    case 'NaN':
      return 'NaN';
    case 'Infinity':
    case '+Infinity':
      return 'Infinity';
    case '-Infinity':
      return '-Infinity';
    default:
      return null;
  }
}

/** One text per value, at any length and exponent: `1e2`, `100` and `100.0` all give `100`. Null where it is no decimal. */
export function canonicalDecimal(text: string): string | null {
  const match = PLAIN.exec(text);
  if (match === null) return parseSpecial(text);
  const [, minus = '', whole = '', fraction = match[4] ?? '', , exponentText = '0'] = match;
  const significant = (whole + fraction).replace(/^0+/, '');
  const trimmed = trimZeros(significant);
  if (trimmed === '') return '0';
  const sign = minus === '-' ? '-' : '';
  const shift = significant.length - trimmed.length - fraction.length;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > MAX_EXPONENT) {
    return `${sign}${trimmed}e${BigInt(exponentText.replace('+', '')) + BigInt(shift)}`;
  }
  const power = exponent + shift;
  if (power === 0) return sign + trimmed;
  if (power > 0 && power + trimmed.length <= 40) return sign + trimmed + '0'.repeat(power);
  if (power < 0 && power > -40) {
    const padded = trimmed.padStart(1 - power, '0');
    return `${sign}${padded.slice(0, power)}.${padded.slice(power)}`;
  }
  return `${sign}${trimmed}e${power}`;
}

/** True where both are decimals of one value, at any length and exponent. */
export function sameCanonical(a: string | null, b: string | null): boolean {
  const first = a === null ? null : canonicalDecimal(a);
  return first !== null && b !== null && first === canonicalDecimal(b);
}

/** A loop, because `/0+$/` looks at every run of zeros and goes back: the square of a literal full of zeros. */
function trimZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}

/** The digits at a given scale, rounded half away from zero. */
export function roundTo(value: Finite, scale: number): bigint {
  const drop = value.scale - scale;
  if (drop <= 0) return value.digits * powerOfTen(-drop);
  if (drop > SPREAD && drop > countDigits(value.digits)) return 0n;
  const unit = powerOfTen(drop);
  const half = unit / 2n;
  return value.digits >= 0n ? (value.digits + half) / unit : -((-value.digits + half) / unit);
}

/** Equal after rounding both to the scale; exactly equal where scale is null. */
export function sameDecimal(a: Decimal, b: Decimal, scale: number | null): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  if (scale === null) return sameFinite(a, b);
  return sameFinite(rounded(a, scale), rounded(b, scale));
}

/** True where the two are at most half a unit of the scale apart, which is what rounding one of them can change. */
export function withinHalfUnit(a: Decimal, b: Decimal, scale: number): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  const half: Finite = { digits: 5n, scale: scale + 1 };
  const apart = minus(a, b);
  if (apart !== null) return compareSizes(apart, half) <= 0;
  const [larger, smaller] = compareSizes(a, b) > 0 ? [a, b] : [b, a];
  const order = compareSizes(larger, half);
  // Just half a unit, and the other one's trace decides: on the same side it brings them nearer.
  return order < 0 || (order === 0 && larger.digits > 0n === smaller.digits > 0n);
}

/** True where `|a - b| <= within × the larger of |a| and |b|`. */
export function withinRelative(a: Decimal, b: Decimal, within: Finite): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  const larger = compareSizes(a, b) > 0 ? a : b;
  const apart = minus(a, b) ?? larger;
  const room: Finite = { digits: larger.digits * within.digits, scale: larger.scale + within.scale };
  return compareSizes(apart, room) <= 0;
}

/**
 * `twin - primary` in units of 10^-scale, as decimal text: six digits after the point, or where that would read 0 or
 * run over forty digits, six significant ones. `0` only where the two are equal.
 */
export function deltaInUnits(primary: Decimal, twin: Decimal, scale: number): string {
  if (typeof primary === 'string' || typeof twin === 'string') return primary === twin ? '0' : 'NaN';
  const larger = compareSizes(twin, primary) > 0 ? twin : { digits: -primary.digits, scale: primary.scale };
  const apart = minus(twin, primary) ?? larger;
  if (apart.digits === 0n) return '0';
  const units: Finite = { digits: apart.digits, scale: apart.scale - scale };
  const lead = leadOf(units);
  if (lead >= -6 && lead < 40) return decimalText(roundTo(units, 6), 6);
  const significant = roundTo(units, 5 - lead);
  return canonicalDecimal(`${significant}e${lead - 5}`) ?? 'NaN';
}

/** Plain decimal text without trailing zeros. */
export function decimalText(digits: bigint, scale: number): string {
  const negative = digits < 0n;
  const padded = (negative ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = padded.slice(0, padded.length - scale);
  const fraction = scale === 0 ? '' : trimZeros(padded.slice(padded.length - scale));
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Powers of ten up to this one are always written out. */
const SPREAD = 400;

const SMALL_POWERS = Array.from({ length: 65 }, (_, n) => 10n ** BigInt(n));

function powerOfTen(n: number): bigint {
  return SMALL_POWERS[n] ?? 10n ** BigInt(n);
}

function countDigits(value: bigint): number {
  return value.toString().length - (value < 0n ? 1 : 0);
}

/** The power of ten of the first digit. Not for zero. */
function leadOf(value: Finite): number {
  return countDigits(value.digits) - value.scale - 1;
}

/** Rounded as `roundTo`, without writing a large round number out. */
function rounded(value: Finite, scale: number): Finite {
  return value.scale <= scale ? value : { digits: roundTo(value, scale), scale };
}

function sameFinite(a: Finite, b: Finite): boolean {
  return minus(a, b)?.digits === 0n;
}

/** `a - b` exactly; null where neither is zero and one is more than 10^400 times the other. */
function minus(a: Finite, b: Finite): Finite | null {
  if (b.digits === 0n) return a;
  if (a.digits === 0n) return { digits: -b.digits, scale: b.scale };
  const at = Math.max(a.scale, b.scale);
  const spread = at - Math.min(a.scale, b.scale);
  // With so few digits, scales so far apart are sizes far apart.
  if (spread > SPREAD && spread > SPREAD + 2 * Math.max(countDigits(a.digits), countDigits(b.digits))) return null;
  return { digits: a.digits * powerOfTen(at - a.scale) - b.digits * powerOfTen(at - b.scale), scale: at };
}

/** Negative where the first is smaller, 0 where they are one value. */
export function compareDecimals(a: Finite, b: Finite): number {
  if (a.digits < 0n !== b.digits < 0n) return a.digits < 0n ? -1 : 1;
  return a.digits < 0n ? compareSizes(b, a) : compareSizes(a, b);
}

/** Compares absolute values: negative where the first is smaller, 0 where they are one. */
function compareSizes(a: Finite, b: Finite): number {
  if (a.digits === 0n || b.digits === 0n) return Number(a.digits !== 0n) - Number(b.digits !== 0n);
  const lead = leadOf(a) - leadOf(b);
  if (lead !== 0) return lead;
  const at = Math.max(a.scale, b.scale);
  const first = sizeOf(a.digits) * powerOfTen(at - a.scale);
  const second = sizeOf(b.digits) * powerOfTen(at - b.scale);
  return first === second ? 0 : first < second ? -1 : 1;
}

function sizeOf(digits: bigint): bigint {
  return digits < 0n ? -digits : digits;
}
