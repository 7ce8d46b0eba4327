/** Scales of currencies: how many decimals the smallest unit has. */
import { ShadowError } from '../errors.ts';
import type { CurrencyFrom } from './rule.ts';

/** ISO 4217 (list one): codes by the exponent of their minor unit. Metals and units of account have none. */
const ISO: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
    CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN
    NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC
    SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

/** By code in capitals. */
export type CurrencyScales = Readonly<Record<string, number>>;

/** ISO 4217's active currencies, and the coins that the built-in API uses. A config adds to it. */
export const CURRENCY_SCALES: CurrencyScales = Object.freeze({
  ...Object.fromEntries(
    Object.entries(ISO).flatMap(([scale, codes]) => codes.split(/\s+/).map((code) => [code, Number(scale)])),
  ),
  USDT: 6,
  USDC: 6,
  TRX: 6,
  BTC: 8,
  ETH: 18,
});

/** The table with more currencies, their codes in any case; a scale is a whole number from 0 to 38. */
export function withScales(more: CurrencyScales): CurrencyScales {
  const added = Object.entries(more).map(([code, scale]) => [code.toUpperCase(), scale]);
  if (added.length === 0) return CURRENCY_SCALES;
  return Object.freeze({ ...CURRENCY_SCALES, ...Object.fromEntries(added) });
}

/** Codes are short: longer text is no code, and is not looked up. */
const LONGEST = 16;

/** The scale of a currency, its code in any case; null where the table has none. */
export function scaleOf(code: string, scales: CurrencyScales): number | null {
  if (code.length > LONGEST) return null;
  const known = code.toUpperCase();
  return Object.hasOwn(scales, known) ? (scales[known] ?? null) : null;
}

/** @throws ShadowError SHADOW_CONFIG for a fixed currency that the table does not have */
export function checkCurrency(from: CurrencyFrom, scales: CurrencyScales, where: string): void {
  if (!('currency' in from) || scaleOf(from.currency, scales) !== null) return;
  throw new ShadowError('SHADOW_CONFIG', `${where} names a currency that has no scale`, {
    expected: 'a currency of ISO 4217, or one that the config adds',
    actual: from.currency.slice(0, LONGEST),
    example: 'currencies: { POINTS: 0 }, or money: { scale: 2 }',
  });
}
