/** Exact amounts: whole numbers of 10^-18, the smallest unit that money in a row has. */
import { decimalText } from '../../api/rows/decimal-text.ts';

const DECIMALS = 18;

/** A number, Decimal128 or decimal text in units of 10^-18; null where no row can hold it. */
export function unitsOf(value: unknown): bigint | null {
  const decimal = decimalText(String(value));
  // A sum, or an amount in base units, may have more digits than an amount of money.
  const text = decimal.ok ? decimal.text : typeof value === 'string' && LONG.test(value) ? value : null;
  if (text === null) return null;
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const units = BigInt(whole + fraction.slice(0, DECIMALS).padEnd(DECIMALS, '0'));
  return negative ? -units : units;
}

const LONG = /^-?\d+(\.\d+)?$/;

/** Decimal text without zeros at its end. */
export function unitsText(units: bigint): string {
  const digits = String(units < 0n ? -units : units).padStart(DECIMALS + 1, '0');
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -DECIMALS)}${fraction === '' ? '' : `.${fraction}`}`;
}
