/** Amounts as they are printed for people: `1.234,50 EUR`, `€1,234.50`, `1 234,50 kr`, `(12.00)`, `1’234.50 CHF`. */

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

/** Blanks and apostrophes part thousands, or the number from its currency. */
const GAPS = /[\s'’]/g;
const AMOUNT = /^([^\d.,]{0,12})(\d[\d.,]*)([^\d]{0,12})$/;
const MINUS = /[-−]/;
const LONGEST = 64;

/** Null for what is no amount. `scale`: decimals of the currency, which tells whether `1.234` has any; null: not known. */
export function printedAmount(text: string, scale: number | null): PrintedAmount | null {
  const match = text.length > LONGEST ? null : AMOUNT.exec(text.replace(GAPS, ''));
  if (match === null) return null;
  const [, before = '', number = '', after = ''] = match;
  const beside = before + after;
  const isNegative = MINUS.test(beside) || (before.includes('(') && after.includes(')'));
  const decimal = plainNumber(number, scale);
  const sign = beside.replace(/[-−+()]/g, '').toUpperCase();
  return decimal === null ? null : { decimal: `${isNegative ? '-' : ''}${decimal}`, currency: SIGNS[sign] ?? sign };
}

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
