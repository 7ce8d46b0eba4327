/**
 * Exact decimals on bigint: digits × 10^-scale. Rounding is half away from zero, as Postgres' `round(numeric)` does,
 * on both sides alike.
 */

/** A finite decimal: `digits / 10^scale`. NaN and the infinities are decimals too, as Decimal128 and numeric have them. */
export type Decimal = { readonly digits: bigint; readonly scale: number } | 'NaN' | 'Infinity' | '-Infinity';

const PLAIN = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?$|^([+-]?)\.(\d+)(?:[eE]([+-]?\d{1,5}))?$/;
/** Beyond these a literal is no amount but an attack on memory; Decimal128 reaches 6,144. */
const MAX_EXPONENT = 7_000;
const MAX_TEXT = 20_000;

/** Smallest unit of each currency, as a power of ten. Extend it with `withScales`. */
export const CURRENCY_SCALES: Readonly<Record<string, number>> = Object.freeze({
  USD: 2,
  EUR: 2,
  USDT: 6,
  USDC: 6,
  TRX: 6,
  BTC: 8,
  ETH: 18,
});

/** The table with more currencies; a scale is a whole number from 0 to 38. */
export function withScales(more: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.freeze({ ...CURRENCY_SCALES, ...more });
}

/** Parses plain and exponent forms, `NaN`, `Infinity`; null where the text is no decimal. */
export function parseDecimal(text: string): Decimal | null {
  if (text.length > MAX_TEXT) return null;
  const match = PLAIN.exec(text);
  if (match === null) return parseSpecial(text);
  const sign = match[1] ?? match[5] ?? '';
  const whole = match[2] ?? '';
  const fraction = match[3] ?? match[6] ?? '';
  const exponent = Number(match[4] ?? match[7] ?? 0);
  if (Math.abs(exponent) > MAX_EXPONENT) return null;
  let digits = BigInt(whole + fraction);
  if (sign === '-') digits = -digits;
  const scale = fraction.length - exponent;
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

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

/** One text per value: `1e2`, `100` and `100.0` all give `100`. Null where the text is no decimal. */
export function canonicalDecimal(text: string): string | null {
  const match = PLAIN.exec(text);
  if (match === null) return parseSpecial(text);
  const whole = match[2] ?? '';
  const fraction = match[3] ?? match[6] ?? '';
  const exponent = Number(match[4] ?? match[7] ?? 0) - fraction.length;
  const significant = (whole + fraction).replace(/^0+/, '');
  const trimmed = significant.replace(/0+$/, '');
  if (trimmed === '') return '0';
  const power = exponent + significant.length - trimmed.length;
  const sign = (match[1] ?? match[5]) === '-' ? '-' : '';
  if (power === 0) return sign + trimmed;
  if (power > 0 && power + trimmed.length <= 40) return sign + trimmed + '0'.repeat(power);
  if (power < 0 && power > -40) {
    const padded = trimmed.padStart(1 - power, '0');
    return `${sign}${padded.slice(0, power)}.${padded.slice(power)}`;
  }
  return `${sign}${trimmed}e${power}`;
}

/** The digits at a given scale, rounded half away from zero. */
export function roundTo(value: { readonly digits: bigint; readonly scale: number }, scale: number): bigint {
  const drop = value.scale - scale;
  if (drop <= 0) return value.digits * 10n ** BigInt(-drop);
  const unit = 10n ** BigInt(drop);
  const half = unit / 2n;
  return value.digits >= 0n ? (value.digits + half) / unit : -((-value.digits + half) / unit);
}

/** Equal after rounding both to the scale; exactly equal where scale is null. */
export function sameDecimal(a: Decimal, b: Decimal, scale: number | null): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  const at = scale ?? Math.max(a.scale, b.scale);
  return roundTo(a, at) === roundTo(b, at);
}

/** True where the two lie no further apart than half a unit of the scale: what rounding one of them may cost. */
export function withinHalfUnit(a: Decimal, b: Decimal, scale: number): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  const at = Math.max(a.scale, b.scale, scale);
  const apart = roundTo(a, at) - roundTo(b, at);
  return (apart < 0n ? -apart : apart) * 2n <= 10n ** BigInt(at - scale);
}

/** `twin - primary` in units of 10^-scale, as a decimal string with at most six digits after the point. */
export function deltaInUnits(primary: Decimal, twin: Decimal, scale: number): string {
  if (typeof primary === 'string' || typeof twin === 'string') return 'NaN';
  const at = Math.max(primary.scale, twin.scale, scale);
  const apart = roundTo(twin, at) - roundTo(primary, at);
  return decimalText(roundTo({ digits: apart, scale: at - scale }, 6), 6);
}

/** Plain decimal text without trailing zeros. */
export function decimalText(digits: bigint, scale: number): string {
  const negative = digits < 0n;
  const padded = (negative ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = padded.slice(0, padded.length - scale);
  const fraction = scale === 0 ? '' : padded.slice(padded.length - scale).replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
