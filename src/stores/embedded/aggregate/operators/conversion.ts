import { toDecimal, toDouble } from '../../bson/arithmetic.ts';
import { isNumeric } from '../../bson/compare.ts';
import { truthy } from '../../bson/convert.ts';
import { Decimal } from '../../bson/decimal.ts';
import { DateTime, Int32, int32, ObjectId, Timestamp, type Value } from '../../bson/values.ts';
import { MongoError, notSupported } from '../../mongo-error.ts';
import { namesOfType, typeName } from '../../query/types.ts';
import { isNullish, namedArguments, type OperatorCompiler, type OperatorTable, unary } from './types.ts';

const CONVERSION_FAILURE = 241;

function failure(value: Value, to: string, why = ''): MongoError {
  return new MongoError(
    CONVERSION_FAILURE,
    `Unsupported conversion from ${typeName(value)} to ${to} in $convert with no onError value${why}`,
  );
}

/** ISO 8601 with milliseconds and Z, as MongoDB prints an instant. */
function isoText(date: DateTime): string {
  if (Math.abs(date.ms) > 8.64e15) throw notSupported('the text of a date this far away');
  const iso = new Date(date.ms).toISOString();
  if (/^[+-]/.test(iso)) throw notSupported('the text of a date outside the years 0 to 9999');
  return iso;
}

/** What the string operators take beside strings: numbers and dates as their text. */
export function textOf(value: Value, name: string): string {
  if (typeof value === 'string') return value;
  if (value instanceof Int32) return String(value.value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof DateTime) return isoText(value);
  throw new MongoError(16007, `can't convert from BSON type ${typeName(value)} to String in ${name}`);
}

function toText(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof Int32) return String(value.value);
  if (typeof value === 'bigint' || value instanceof Decimal) return value.toString();
  if (value instanceof ObjectId) return value.hex;
  if (value instanceof DateTime) return isoText(value);
  if (typeof value === 'number') return doubleText(value);
  throw failure(value, 'string');
}

/** The shortest text that reads back as the same double, in the part of the range where both write it alike. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value < 0 ? '-Infinity' : 'Infinity';
  if (Object.is(value, -0)) return '-0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-5 || size >= 1e15)) throw notSupported('the text of a double this small or large');
  const shortest = String(value);
  const sixteen = value.toPrecision(16).replace(/\.?0+$/, '');
  // Where 16 digits and the shortest text differ, versions of MongoDB differ too.
  if (value !== 0 && (Number(value.toPrecision(15)) !== value || sixteen !== shortest)) {
    throw notSupported('the text of a double of more than 15 digits');
  }
  return shortest;
}

function wholeOf(value: Value, to: 'int' | 'long'): bigint {
  if (value instanceof Int32) return BigInt(value.value);
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value instanceof DateTime && to === 'long') return BigInt(value.ms);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw failure(value, to, ': not finite');
    return BigInt(Math.trunc(value));
  }
  if (value instanceof Decimal) {
    if (value.kind !== 'finite') throw failure(value, to, ': not finite');
    if (value.exponent > 20) throw overflow(value);
    return value.exponent >= 0
      ? value.signed * 10n ** BigInt(value.exponent)
      : value.signed / 10n ** BigInt(-value.exponent);
  }
  if (typeof value === 'string') {
    if (!/^[+-]?\d+$/.test(value))
      throw new MongoError(CONVERSION_FAILURE, `Failed to parse number '${value}' in $convert with no onError value`);
    return BigInt(value);
  }
  throw failure(value, to);
}

function overflow(value: Value): MongoError {
  return new MongoError(
    CONVERSION_FAILURE,
    `Conversion would overflow target type in $convert with no onError value: ${toText(value)}`,
  );
}

function toInt(value: Value): Value {
  const whole = wholeOf(value, 'int');
  if (whole < -0x80000000n || whole > 0x7fffffffn) throw overflow(value);
  return int32(Number(whole));
}

function toLong(value: Value): Value {
  const whole = wholeOf(value, 'long');
  if (whole < -(2n ** 63n) || whole >= 2n ** 63n) throw overflow(value);
  return whole;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function checkWords(value: Value): void {
  if (typeof value === 'string' && /^[+-]?(inf|nan)/i.test(value))
    throw notSupported('the conversion of a word to a number');
}

function toDoubleValue(value: Value): Value {
  checkWords(value);
  if (isNumeric(value)) return toDouble(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof DateTime) return value.ms;
  if (typeof value === 'string' && NUMBER.test(value)) return Number(value);
  if (typeof value === 'string')
    throw new MongoError(CONVERSION_FAILURE, `Failed to parse number '${value}' in $convert with no onError value`);
  throw failure(value, 'double');
}

function toDecimalValue(value: Value): Value {
  checkWords(value);
  if (isNumeric(value)) return toDecimal(value);
  if (typeof value === 'boolean') return value ? Decimal.ONE : Decimal.ZERO;
  if (value instanceof DateTime) return Decimal.of(BigInt(value.ms), 0);
  if (typeof value !== 'string') throw failure(value, 'decimal');
  const parts = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,6}))?$/.exec(value);
  if (parts === null || !NUMBER.test(value)) {
    throw new MongoError(CONVERSION_FAILURE, `Failed to parse number '${value}' in $convert with no onError value`);
  }
  const [, sign = '', before = '', after = '', exponent = '0'] = parts;
  const digits = BigInt(before + after);
  return Decimal.of(sign === '-' ? -digits : digits, Number(exponent) - after.length, sign === '-');
}

function toDate(value: Value): Value {
  if (value instanceof DateTime) return value;
  if (value instanceof ObjectId) return new DateTime(Number.parseInt(value.hex.slice(0, 8), 16) * 1000);
  if (value instanceof Timestamp) return new DateTime(Number(value.value >> 32n) * 1000);
  if (typeof value === 'string') return parseDate(value);
  if (value instanceof Int32 || !isNumeric(value)) throw failure(value, 'date');
  const ms = Number(wholeOf(value, 'long'));
  if (!Number.isSafeInteger(ms)) throw overflow(value);
  return new DateTime(ms);
}

/** Only the full ISO forms, which leave nothing to guess. */
function parseDate(text: string): DateTime {
  const isIso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text);
  const zoned = /T.*(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : text.includes('T') ? `${text}Z` : text;
  const ms = isIso ? Date.parse(zoned.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')) : Number.NaN;
  if (Number.isNaN(ms))
    throw new MongoError(CONVERSION_FAILURE, `Error parsing date string '${text}' in $convert with no onError value`);
  return new DateTime(ms);
}

function toObjectId(value: Value): Value {
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') throw failure(value, 'objectId');
  if (!/^[0-9a-fA-F]{24}$/.test(value))
    throw new MongoError(CONVERSION_FAILURE, `Failed to parse objectId '${value}' in $convert with no onError value`);
  return new ObjectId(value.toLowerCase());
}

const CONVERSIONS: Readonly<Record<string, (value: Value) => Value>> = {
  string: toText,
  int: toInt,
  long: toLong,
  double: toDoubleValue,
  decimal: toDecimalValue,
  date: toDate,
  objectId: toObjectId,
  bool: (value) => truthy(value),
};

function converting(to: (value: Value) => Value): OperatorCompiler {
  return unary((value) => (isNullish(value) ? null : to(value)));
}

const convert: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['input', 'to'], ['onError', 'onNull']);
  const [input, to, onError, onNull] = ['input', 'to', 'onError', 'onNull'].map((field) => {
    const value = given.get(field);
    return value === undefined ? undefined : compile(value);
  });
  return (environment) => {
    const value = input?.(environment);
    const type = to?.(environment);
    if (isNullish(type)) return null;
    const alias = typeof type === 'string' ? type : isNumeric(type) ? namesOfType(toDouble(type))?.[0] : undefined;
    const conversion = alias === undefined ? undefined : CONVERSIONS[alias];
    if (conversion === undefined) throw new MongoError('BadValue', `Unknown type name: ${String(alias)}`);
    if (isNullish(value)) return onNull === undefined ? null : onNull(environment);
    try {
      return conversion(value);
    } catch (error) {
      if (onError === undefined || !(error instanceof MongoError) || error.code !== CONVERSION_FAILURE) throw error;
      return onError(environment);
    }
  };
};

export const conversionOperators: OperatorTable = [
  ['$type', unary((value) => typeName(value))],
  ['$isNumber', unary((value) => isNumeric(value))],
  ['$toString', converting(toText)],
  ['$toInt', converting(toInt)],
  ['$toLong', converting(toLong)],
  ['$toDouble', converting(toDoubleValue)],
  ['$toDecimal', converting(toDecimalValue)],
  ['$toDate', converting(toDate)],
  ['$toObjectId', converting(toObjectId)],
  ['$toBool', converting((value) => truthy(value))],
  ['$convert', convert],
];
