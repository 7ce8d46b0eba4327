import { Decimal } from './decimal.ts';
import { Binary, Code, DateTime, Int32, MinKey, ObjectId, Regex, Timestamp, type Value } from './values.ts';

/** A text that two values share exactly when they compare as equal: 1, 1.0 and Decimal128 "1.00" have the same. */
export function hashKey(value: Value | undefined): string {
  if (value instanceof ObjectId) return `o${value.hex}`;
  if (typeof value === 'string') return `s${value}`;
  if (value instanceof Int32) return `n${value.value}`;
  switch (typeof value) {
    case 'undefined':
      return 'u';
    case 'bigint':
      return `n${value}`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'number':
      return numberKey(value);
    default:
  }
  if (value === null) return '0';
  if (value instanceof DateTime) return `d${value.ms}`;
  if (value instanceof Decimal) return decimalKey(value);
  if (value instanceof Map) {
    return `{${[...value].map(([name, inner]) => `${framed(name)}${framed(hashKey(inner))}`).join('')}}`;
  }
  if (Array.isArray(value)) return `[${value.map((inner) => framed(hashKey(inner))).join('')}]`;
  if (value instanceof Binary) return `b${value.subtype}:${value.bytes.toString('latin1')}`;
  if (value instanceof Timestamp) return `m${value.value}`;
  if (value instanceof Regex) return `r${framed(value.pattern)}${value.flags}`;
  if (value instanceof Code) return `c${framed(value.source)}${hashKey(value.scope)}`;
  return value instanceof MinKey ? '<' : '>';
}

/** With its length in front, so that parts cannot run into each other. */
function framed(text: string): string {
  return `${text.length}:${text}`;
}

function numberKey(value: number): string {
  if (Number.isInteger(value)) return `n${BigInt(value)}`;
  if (Number.isNaN(value)) return 'nNaN';
  if (!Number.isFinite(value)) return value < 0 ? 'n-Infinity' : 'nInfinity';
  let scaled = value;
  let twos = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    twos += 1;
  }
  return exactKey(BigInt(scaled) * 5n ** BigInt(twos), -twos);
}

function decimalKey(value: Decimal): string {
  if (value.kind === 'nan') return 'nNaN';
  if (value.kind === 'infinity') return value.negative ? 'n-Infinity' : 'nInfinity';
  return exactKey(value.signed, value.exponent);
}

function exactKey(signed: bigint, exponent: number): string {
  if (signed === 0n) return 'n0';
  if (exponent >= 0) return `n${signed * 10n ** BigInt(exponent)}`;
  const digits = signed.toString();
  const zeros = Math.min(/0*$/.exec(digits)?.[0].length ?? 0, -exponent);
  const rest = digits.slice(0, digits.length - zeros);
  const scale = -exponent - zeros;
  return scale === 0 ? `n${rest}` : `n${rest}e-${scale}`;
}
