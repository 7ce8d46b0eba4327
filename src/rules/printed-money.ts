/** Amounts as they are printed for people: `1.234,50 EUR`, `€1,234.50`, `1 234,50 kr`, `(12.00)`, `1’234.50 CHF`. */

import { CURRENCY_SCALES, scaleOf } from './currencies.ts';

export interface PrintedAmount {
  /** As a plain decimal: `-1234.50`. */
  readonly decimal: string;
  /** The currency's code, or the sign where nobody knows which currency it is; empty where none is printed. */
  readonly currency: string;
}

const SIGNS: Readonly<Record<string, string>> = Object.freeze({
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  $: 'USD',
  US$: 'USD',
  '₹': 'INR',
  '₽': 'RUB',
  '₴': 'UAH',
  '₺': 'TRY',
});

/** Blanks part the number from its currency; they and apostrophes part thousands. */
const GAPS = /\s|(?<=\d)['’](?=\d)/g;
const AMOUNT = /^([^\d.,]{0,12})(\d[\d.,]*)([^\d]{0,12})$/;
/** A code, a sign, or both (`US$`); words (`kr.`, `Kč`) have few letters. */
const SIGN = /^(?:\p{L}{0,4}\.?|\p{L}{0,3}\p{Sc}\p{L}{0,3})$/u;
/** Words that are printed in place of a code. */
const WORDS: ReadonlySet<string> = new Set(['KR', 'KR.', 'KČ', 'ZŁ', 'FT', 'LEI', 'LEV', 'ЛВ.', 'FR.', 'РУБ.', 'RS.']);
const MINUS = /[-−]/;
const LONGEST = 64;

/** Null for what is no amount. `scale`: decimals of the currency, which tells whether `1.234` has any; null: not known. */
export function printedAmount(text: string, scale: number | null): PrintedAmount | null {
  const trimmed = text.length > LONGEST ? '' : text.trim();
  const isNegated = trimmed.startsWith('(') && trimmed.endsWith(')');
  const match = AMOUNT.exec((isNegated ? trimmed.slice(1, -1) : trimmed).replace(GAPS, ''));
  if (match === null) return null;
  const [, before = '', number = '', after = ''] = match;
  const beside = before + after;
  const isNegative = isNegated || MINUS.test(beside);
  const decimal = plainNumber(number, scale);
  const sign = beside.replace(/[-−+]/, '').toUpperCase();
  if (!SIGN.test(sign)) return null;
  return decimal === null ? null : { decimal: `${isNegative ? '-' : ''}${decimal}`, currency: SIGNS[sign] ?? sign };
}

/** True for what is surely a currency and no unit (`km`) or prefix (`v`). */
export const isCurrency = (printed: string): boolean =>
  scaleOf(printed, CURRENCY_SCALES) !== null || /\p{Sc}/u.test(printed) || WORDS.has(printed);

/** The last sign parts the decimals, unless it comes again or three digits follow where the currency has no three. */
function plainNumber(number: string, scale: number | null): string | null {
  // `007` is no amount.
  if (/^0\d/.test(number)) return null;
  const last = Math.max(number.lastIndexOf('.'), number.lastIndexOf(','));
  if (last < 0) return number;
  const point = number[last] ?? '';
  const [whole, decimals] = [number.slice(0, last), number.slice(last + 1)];
  const isThousands = whole.includes(point) || (decimals.length === 3 && scale !== 3 && /^[1-9]\d{0,2}$/.test(whole));
  const thousands = isThousands ? number : whole;
  if (/[.,]/.test(thousands) && !GROUPED.test(thousands)) return null;
  const digits = thousands.replace(/[.,]/g, '');
  if (isThousands) return digits;
  return decimals === '' ? null : `${digits}.${decimals}`;
}

/** Thousands, or lakhs: one sign between all of them. */
const GROUPED = /^\d{1,3}(?:(?:\.\d{3})+|(?:,\d{2,3})*,\d{3})$/;
