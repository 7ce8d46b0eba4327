/** Numbers as Postgres reads them: plain decimal text, exactly the value, or the reason why there is none. */
export type DecimalText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/** numeric(38,18) holds 20 digits before the point and 18 after it. */
const WHOLE_DIGITS = 20;
const DECIMALS = 18;

/**
 * A double by its shortest text that reads back as the same double, or a Decimal128 by its own text. NaN, infinity, more
 * than 18 decimals and more than 20 whole digits are refused, never rounded.
 */
export function decimalText(printed: string): DecimalText {
  const parts = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(printed);
  if (parts === null) return { ok: false, reason: `${printed} is not a finite number` };
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = parts;
  const exponent = Number(exponentText);
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return { ok: true, text: '0' };
  let trailing = 0;
  while (digits.at(-1 - trailing) === '0') trailing += 1;
  const significant = digits.slice(0, digits.length - trailing);
  // value = significant * 10^scale
  const scale = exponent - fraction.length + trailing;
  if (-scale > DECIMALS) return { ok: false, reason: `more than ${DECIMALS} decimals (${-scale})` };
  if (significant.length + scale > WHOLE_DIGITS) {
    return { ok: false, reason: `more than ${WHOLE_DIGITS} digits before the point` };
  }
  const minus = sign === '-' ? '-' : '';
  if (scale >= 0) return { ok: true, text: minus + significant + '0'.repeat(scale) };
  const padded = significant.padStart(-scale + 1, '0');
  return { ok: true, text: `${minus}${padded.slice(0, scale)}.${padded.slice(scale)}` };
}
