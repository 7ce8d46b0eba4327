import { add, divideDecimals, multiply, subtract, toDecimal, toDouble, whole } from '../../bson/arithmetic.ts';
import { compareNumbers, isNumeric, type Numeric } from '../../bson/compare.ts';
import { toSafeInteger } from '../../bson/convert.ts';
import { Decimal } from '../../bson/decimal.ts';
import { exactly } from '../../bson/sum.ts';
import { DateTime, Int32, int32, type Value } from '../../bson/values.ts';
import { MongoError, notSupported } from '../../mongo-error.ts';
import { typeName } from '../../query/types.ts';
import { argumentsOf, binary, isNullish, type OperatorCompiler, type OperatorTable, unary } from './types.ts';

const MANY = Number.POSITIVE_INFINITY;

/** The code of what is no number, where an operator has one of its own. */
const NOT_NUMERIC: ReadonlyMap<string, number> = new Map([
  ['$abs', 28765],
  ['$ceil', 28765],
  ['$floor', 28765],
  ['$sqrt', 28765],
  ['$round', 51081],
  ['$trunc', 51081],
  ['$mod', 16611],
]);

function number(value: Value, name: string): Numeric {
  if (!isNumeric(value))
    throw new MongoError(
      NOT_NUMERIC.get(name) ?? 'TypeMismatch',
      `${name} only supports numeric types, not ${typeName(value)}`,
    );
  return value;
}

/** Whole numbers are added before their type is chosen: three ints that pass 2^31 on the way are an int again. */
const addAll: OperatorCompiler = (operand, compile, name) => {
  const terms = argumentsOf(operand, compile, name, 0, MANY);
  return (environment) => {
    const values = terms.map((term) => term(environment));
    if (values.some(isNullish)) return null;
    let date: DateTime | undefined;
    let total: Numeric = int32(0);
    let wholes: bigint | undefined = 0n;
    let long = false;
    for (const value of values) {
      if (value instanceof DateTime) {
        if (date !== undefined) throw new MongoError(16612, 'only one date allowed in an $add expression');
        date = value;
        continue;
      }
      if (!isNumeric(value)) {
        throw new MongoError('TypeMismatch', `$add only supports numeric or date types, not ${typeName(value)}`);
      }
      if (wholes !== undefined && (value instanceof Int32 || typeof value === 'bigint')) {
        wholes += value instanceof Int32 ? BigInt(value.value) : value;
        long ||= typeof value === 'bigint';
        total = whole(wholes, long);
        if (typeof total === 'number') wholes = undefined;
      } else {
        wholes = undefined;
        total = add(total, value);
      }
    }
    return date === undefined ? total : shifted(date, total);
  };
};

/** A number is added to an instant as milliseconds, rounded half away from zero. */
function shifted(date: DateTime, milliseconds: Numeric): DateTime {
  if (milliseconds instanceof Decimal) throw notSupported('adding a decimal to a date');
  const plain = toDouble(milliseconds);
  const result = date.ms + Math.sign(plain) * Math.round(Math.abs(plain));
  if (!Number.isSafeInteger(result)) throw new MongoError('BadValue', 'date overflow');
  return new DateTime(result);
}

const subtractTwo = binary((first, second) => {
  if (isNullish(first) || isNullish(second)) return null;
  if (first instanceof DateTime) {
    if (second instanceof DateTime) return BigInt(first.ms - second.ms);
    if (isNumeric(second)) return shifted(first, subtract(int32(0), second));
  } else if (isNumeric(first) && isNumeric(second)) return subtract(first, second);
  throw new MongoError('TypeMismatch', `can't $subtract ${typeName(second)} from ${typeName(first)}`);
});

const multiplyAll: OperatorCompiler = (operand, compile, name) => {
  const factors = argumentsOf(operand, compile, name, 0, MANY);
  return (environment) => {
    const values = factors.map((factor) => factor(environment));
    if (values.some(isNullish)) return null;
    const numbers = values.map((value) => number(value ?? null, name));
    if (!numbers.every(isWhole)) return numbers.reduce(multiply, int32(1));
    const long = numbers.some((value) => typeof value === 'bigint');
    return whole(
      numbers.reduce<bigint>((product, value) => product * asBig(value), 1n),
      long,
    );
  };
};

function isWhole(value: Numeric): value is Int32 | bigint {
  return value instanceof Int32 || typeof value === 'bigint';
}

const divide = binary((first, second, name) => {
  if (isNullish(first) || isNullish(second)) return null;
  const one = number(first, name);
  const two = number(second, name);
  if (compareNumbers(two, 0) === 0) throw new MongoError('BadValue', "can't $divide by zero");
  if (one instanceof Decimal || two instanceof Decimal) return divideDecimals(toDecimal(one), toDecimal(two));
  return toDouble(one) / toDouble(two);
});

const modulo = binary((first, second, name) => {
  if (isNullish(first) || isNullish(second)) return null;
  const one = number(first, name);
  const two = number(second, name);
  if (compareNumbers(two, 0) === 0) throw new MongoError(16610, "can't $mod by zero");
  if (one instanceof Decimal || two instanceof Decimal) throw notSupported('$mod of decimals');
  if (typeof one === 'number' || typeof two === 'number') return toDouble(one) % toDouble(two);
  const long = typeof one === 'bigint' || typeof two === 'bigint';
  return whole(asBig(one) % asBig(two), long);
});

function asBig(value: Int32 | bigint): bigint {
  return value instanceof Int32 ? BigInt(value.value) : value;
}

const abs = unary((value, name) => {
  if (isNullish(value)) return null;
  const plain = number(value, name);
  if (plain instanceof Decimal) return plain.negative ? plain.negate() : plain;
  if (typeof plain === 'number') return Math.abs(plain);
  const big = asBig(plain);
  if (big === -(2n ** 63n)) throw new MongoError(28680, "can't take $abs of long long min");
  return whole(big < 0n ? -big : big, typeof plain === 'bigint');
});

type Rounding = 'even' | 'zero' | 'up' | 'down';

function toWhole(rounding: 'up' | 'down'): OperatorCompiler {
  return unary((value, name) => {
    if (isNullish(value)) return null;
    const plain = number(value, name);
    if (plain instanceof Decimal) return roundDecimal(plain, 0, rounding);
    if (typeof plain !== 'number') return plain;
    return rounding === 'up' ? Math.ceil(plain) : Math.floor(plain);
  });
}

/** `$round` to even and `$trunc` towards zero, at a decimal place from -20 to 100. */
function atPlace(rounding: 'even' | 'zero'): OperatorCompiler {
  return (operand, compile, name) => {
    const [value, place] = argumentsOf(operand, compile, name, 1, 2);
    return (environment) => {
      const given = value?.(environment);
      const where = place === undefined ? int32(0) : place(environment);
      if (isNullish(given) || isNullish(where)) return null;
      const plain = number(given, name);
      const digits = toSafeInteger(where);
      if (digits === undefined) throw new MongoError(51082, `precision argument to ${name} must be a integral value`);
      if (digits < -20 || digits > 100)
        throw new MongoError(51083, `cannot apply ${name} with precision value ${digits} value must be in [-20, 100]`);
      if (plain instanceof Decimal) return roundDecimal(plain, digits, rounding);
      if (typeof plain === 'number') return roundDouble(plain, digits, rounding);
      if (digits >= 0) return plain;
      const rounded = roundWhole(asBig(plain), -digits, rounding);
      return whole(rounded, typeof plain === 'bigint');
    };
  };
}

/** Through the double's own decimal value of 34 digits, as MongoDB rounds it. */
function roundDouble(value: number, digits: number, rounding: Rounding): number {
  return Number.isFinite(value) ? toDouble(roundDecimal(exactly(value), digits, rounding)) : value;
}

/** The decimal with exactly that many digits after its point: the standard's `quantize`. */
function roundDecimal(value: Decimal, digits: number, rounding: Rounding): Decimal {
  if (value.kind !== 'finite') return value;
  const drop = -value.exponent - digits;
  const coefficient =
    drop > 0
      ? roundWhole(value.signed, drop, rounding) / 10n ** BigInt(drop)
      : value.signed * 10n ** BigInt(Math.min(-drop, 40));
  if (value.coefficient !== 0n && coefficient.toString().length > 34)
    throw notSupported('rounding to more than 34 digits');
  return Decimal.of(coefficient, -digits, value.negative);
}

/** A whole number with its last digits made zero. */
function roundWhole(value: bigint, drop: number, rounding: Rounding): bigint {
  const unit = 10n ** BigInt(drop);
  const rest = value % unit;
  const base = value - rest;
  const size = rest < 0n ? -rest : rest;
  const away = value < 0n ? base - unit : base + unit;
  switch (rounding) {
    case 'zero':
      return base;
    case 'up':
      return rest > 0n ? base + unit : base;
    case 'down':
      return rest < 0n ? base - unit : base;
    case 'even':
      if (size * 2n === unit) return (base / unit) % 2n === 0n ? base : away;
      return size * 2n > unit ? away : base;
  }
}

const squareRoot = unary((value, name) => {
  if (isNullish(value)) return null;
  const plain = number(value, name);
  if (plain instanceof Decimal) throw notSupported('$sqrt of a decimal');
  if (toDouble(plain) < 0) throw new MongoError(28714, "$sqrt's argument must be greater than or equal to 0");
  return Math.sqrt(toDouble(plain));
});

const power = binary((first, second) => {
  if (isNullish(first) || isNullish(second)) return null;
  if (!isNumeric(first)) throw new MongoError(28762, `$pow's base must be numeric, not ${typeName(first)}`);
  if (!isNumeric(second)) throw new MongoError(28763, `$pow's exponent must be numeric, not ${typeName(second)}`);
  const [base, exponent] = [first, second];
  if (base instanceof Decimal || exponent instanceof Decimal) throw notSupported('$pow of a decimal');
  if (typeof base === 'number' || typeof exponent === 'number') throw notSupported('$pow of doubles');
  const power = asBig(exponent);
  if (power < 0n || power > 1000n) throw notSupported(`$pow with the exponent ${power}`);
  const result = whole(asBig(base) ** power, typeof base === 'bigint' || typeof exponent === 'bigint');
  if (typeof result === 'number') throw notSupported('$pow beyond an int64');
  return result;
});

export const arithmeticOperators: OperatorTable = [
  ['$add', addAll],
  ['$subtract', subtractTwo],
  ['$multiply', multiplyAll],
  ['$divide', divide],
  ['$mod', modulo],
  ['$abs', abs],
  ['$ceil', toWhole('up')],
  ['$floor', toWhole('down')],
  ['$round', atPlace('even')],
  ['$trunc', atPlace('zero')],
  ['$sqrt', squareRoot],
  ['$pow', power],
];
