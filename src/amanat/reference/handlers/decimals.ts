import { Types } from 'mongoose';

/** The exact sum of two finite Decimal128; BSON has no arithmetic of its own. */
export function addDecimals(a: Types.Decimal128, b: Types.Decimal128): Types.Decimal128 {
  const left = parts(a.toString());
  const right = parts(b.toString());
  const scale = Math.max(left.scale, right.scale);
  const sum = left.digits * 10n ** BigInt(scale - left.scale) + right.digits * 10n ** BigInt(scale - right.scale);
  const sign = sum < 0n ? '-' : '';
  const text = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, '0');
  const cut = text.length - scale;
  return Types.Decimal128.fromString(scale === 0 ? sign + text : `${sign}${text.slice(0, cut)}.${text.slice(cut)}`);
}

/** value = digits / 10^scale, scale not negative. */
function parts(text: string): { digits: bigint; scale: number } {
  const [mantissa = '0', exponent = '0'] = text.toUpperCase().split('E');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}
