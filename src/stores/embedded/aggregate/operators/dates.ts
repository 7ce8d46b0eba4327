import { toSafeInteger } from '../../bson/convert.ts';
import { DateTime, type Doc, int32, type Value } from '../../bson/values.ts';
import { MongoError, notSupported } from '../../mongo-error.ts';
import { typeName } from '../../query/types.ts';
import { datePartOperators, dayOfYear, instant, timezone, wallClock, zoneName } from './date-parts.ts';
import { addUnits, truncate, type Unit, unitOf, unitsBetween } from './date-units.ts';
import { offsetAt } from './time-zone.ts';
import {
  type Compile,
  type Expression,
  isNullish,
  namedArguments,
  type OperatorCompiler,
  type OperatorTable,
} from './types.ts';

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function formatDate(ms: number, zone: string, format: string): string {
  const clock = wallClock(ms, zone);
  const year = clock.getUTCFullYear();
  if (year < 0 || year > 9999)
    throw new MongoError(18537, `$dateToString is only defined on year 0-9999, tried to use year ${year}`);
  const minutes = offsetAt(ms, zone) / 60_000;
  return format.replace(/%(.)?/g, (_, directive: string | undefined) => {
    switch (directive) {
      case 'Y':
        return pad(year, 4);
      case 'm':
        return pad(clock.getUTCMonth() + 1, 2);
      case 'd':
        return pad(clock.getUTCDate(), 2);
      case 'H':
        return pad(clock.getUTCHours(), 2);
      case 'M':
        return pad(clock.getUTCMinutes(), 2);
      case 'S':
        return pad(clock.getUTCSeconds(), 2);
      case 'L':
        return pad(clock.getUTCMilliseconds(), 3);
      case 'j':
        return pad(dayOfYear(clock), 3);
      case 'w':
        return String(clock.getUTCDay() + 1);
      case 'z':
        return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(minutes) / 60), 2)}${pad(Math.abs(minutes) % 60, 2)}`;
      case 'Z':
        return String(minutes);
      case '%':
        return '%';
      default:
        if (directive !== undefined && 'GVubB'.includes(directive))
          throw notSupported(`%${directive} in $dateToString`);
        throw new MongoError(18536, `Invalid format character '%${directive ?? ''}' in format string`);
    }
  });
}

const dateToString: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['date'], ['format', 'timezone', 'onNull']);
  const date = compile(given.get('date') ?? null);
  const format = given.has('format') ? compile(given.get('format') ?? null) : undefined;
  const onNull = given.has('onNull') ? compile(given.get('onNull') ?? null) : undefined;
  const zone = timezone(given, compile);
  return (environment) => {
    const value = date(environment);
    if (isNullish(value)) return onNull === undefined ? null : onNull(environment);
    const where = zone(environment);
    const how = format === undefined ? undefined : format(environment);
    if (isNullish(where) || (format !== undefined && isNullish(how))) return null;
    if (how !== undefined && typeof how !== 'string')
      throw new MongoError(18533, '$dateToString requires that format be a string');
    const place = zoneName(where);
    const isUtc = ['UTC', 'GMT'].includes(place);
    return formatDate(instant(value, name), place, how ?? (isUtc ? '%Y-%m-%dT%H:%M:%S.%LZ' : '%Y-%m-%dT%H:%M:%S.%L'));
  };
};

/** Calendar arithmetic is done in UTC; another zone is refused, since a day there is not always 24 hours. */
function inUtc(given: Doc, compile: Compile, name: string): Expression {
  const zone = timezone(given, compile);
  return (environment) => {
    const value = zone(environment);
    if (isNullish(value)) return null;
    if (!['UTC', 'GMT', 'Etc/UTC', 'Z', '+00:00'].includes(zoneName(value)))
      throw notSupported(`${name} with the timezone ${zoneName(value)}`);
    return true;
  };
}

function unitArgument(value: Value | undefined, name: string): Unit {
  if (typeof value !== 'string')
    throw new MongoError(5439013, `${name} requires 'unit' to be a string, but got ${typeName(value)}`);
  return unitOf(value, name);
}

const dateAdd =
  (sign: 1 | -1): OperatorCompiler =>
  (operand, compile, name) => {
    const given = namedArguments(operand, name, ['startDate', 'unit', 'amount'], ['timezone']);
    const [start, unit, amount] = ['startDate', 'unit', 'amount'].map((field) => compile(given.get(field) ?? null));
    const zone = inUtc(given, compile, name);
    return (environment) => {
      const values = [start, unit, amount].map((argument) => argument?.(environment));
      if (values.some(isNullish) || zone(environment) === null) return null;
      const count = toSafeInteger(values[2]);
      if (count === undefined) throw new MongoError(5166405, `${name} expects integer amount of time units`);
      const result = addUnits(instant(values[0], name), unitArgument(values[1], name), count * sign);
      if (!Number.isSafeInteger(result)) throw new MongoError(5166406, `${name} overflowed`);
      return new DateTime(result);
    };
  };

const dateDiff: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['startDate', 'endDate', 'unit'], ['timezone', 'startOfWeek']);
  const [start, end, unit] = ['startDate', 'endDate', 'unit'].map((field) => compile(given.get(field) ?? null));
  const week = weekStart(given, compile);
  const zone = inUtc(given, compile, name);
  return (environment) => {
    const values = [start, end, unit].map((argument) => argument?.(environment));
    if (values.some(isNullish) || zone(environment) === null) return null;
    const between = unitsBetween(
      instant(values[0], name),
      instant(values[1], name),
      unitArgument(values[2], name),
      week(environment),
    );
    return BigInt(between);
  };
};

const dateTrunc: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['date', 'unit'], ['binSize', 'timezone', 'startOfWeek']);
  const [date, unit] = ['date', 'unit'].map((field) => compile(given.get(field) ?? null));
  const bin = given.has('binSize') ? compile(given.get('binSize') ?? null) : () => int32(1);
  const week = weekStart(given, compile);
  const zone = inUtc(given, compile, name);
  return (environment) => {
    const values = [date, unit, bin].map((argument) => argument?.(environment));
    if (values.some(isNullish) || zone(environment) === null) return null;
    const size = toSafeInteger(values[2]);
    if (size === undefined || size <= 0) throw new MongoError(5439018, '$dateTrunc requires a positive binSize');
    if (size !== 1) throw notSupported('$dateTrunc with a binSize other than 1');
    return new DateTime(truncate(instant(values[0], name), unitArgument(values[1], name), week(environment)));
  };
};

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function weekStart(given: Doc, compile: Compile): (environment: Parameters<Expression>[0]) => number {
  const value = given.get('startOfWeek');
  if (value === undefined) return () => 0;
  const expression = compile(value);
  return (environment) => {
    const name = expression(environment);
    const day = typeof name === 'string' ? name.toLowerCase() : '';
    const at = DAYS.findIndex((full) => full === day || full.slice(0, 3) === day);
    if (at < 0) throw new MongoError(5439015, `unknown startOfWeek '${day}'`);
    return at;
  };
}

export const dateOperators: OperatorTable = [
  ...datePartOperators,
  ['$dateToString', dateToString],
  ['$dateAdd', dateAdd(1)],
  ['$dateSubtract', dateAdd(-1)],
  ['$dateDiff', dateDiff],
  ['$dateTrunc', dateTrunc],
];
