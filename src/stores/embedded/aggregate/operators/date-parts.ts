import { DateTime, type Doc, int32, isDoc, ObjectId, Timestamp, type Value } from '../../bson/values.ts';
import { MongoError } from '../../mongo-error.ts';
import { typeName } from '../../query/types.ts';
import { offsetAt } from './time-zone.ts';
import {
  type Compile,
  type Expression,
  isNullish,
  namedArguments,
  type OperatorCompiler,
  type OperatorTable,
} from './types.ts';

/** The instant in a value; ids and timestamps carry one too. */
export function instant(value: Value | undefined, name: string): number {
  if (value instanceof DateTime) return value.ms;
  if (value instanceof ObjectId) return Number.parseInt(value.hex.slice(0, 8), 16) * 1000;
  if (value instanceof Timestamp) return Number(value.value >> 32n) * 1000;
  throw new MongoError(16006, `can't convert from BSON type ${typeName(value)} to Date in ${name}`);
}

export function zoneName(value: Value | undefined): string {
  if (typeof value !== 'string')
    throw new MongoError(40517, `timezone must evaluate to a string, found ${typeName(value)}`);
  return value;
}

/** The wall clock of an instant in a zone, as a Date whose UTC fields say it. */
export function wallClock(ms: number, zone: string): Date {
  return new Date(ms + offsetAt(ms, zone));
}

/** A part of a date: of a date alone, or of `{date, timezone}`. */
function part(get: (clock: Date) => number): OperatorCompiler {
  return (operand, compile, name) => {
    const isNamed = isDoc(operand) && operand.has('date');
    const given = isNamed ? namedArguments(operand, name, ['date'], ['timezone']) : undefined;
    const single = Array.isArray(operand) && operand.length === 1 ? (operand[0] ?? null) : operand;
    const date = compile(given === undefined ? single : (given.get('date') ?? null));
    const zone = timezone(given, compile);
    return (environment) => {
      const value = date(environment);
      const where = zone(environment);
      if (isNullish(value) || isNullish(where)) return null;
      return int32(get(wallClock(instant(value, name), zoneName(where))));
    };
  };
}

export function timezone(given: Doc | undefined, compile: Compile): Expression {
  const value = given?.get('timezone');
  return value === undefined ? () => 'UTC' : compile(value);
}

export function dayOfYear(clock: Date): number {
  return (
    Math.floor(
      (Date.UTC(clock.getUTCFullYear(), clock.getUTCMonth(), clock.getUTCDate()) -
        Date.UTC(clock.getUTCFullYear(), 0, 1)) /
        86_400_000,
    ) + 1
  );
}

const DAY = 86_400_000;

/** Monday is 1, as ISO 8601 counts. */
function isoDay(clock: Date): number {
  return clock.getUTCDay() || 7;
}

/** The Thursday of the same week, whose year is the year of the week. */
function thursday(clock: Date): Date {
  return new Date(clock.getTime() + (4 - isoDay(clock)) * DAY);
}

function isoWeek(clock: Date): number {
  return Math.ceil(dayOfYear(thursday(clock)) / 7);
}

function isoYear(clock: Date): number {
  return thursday(clock).getUTCFullYear();
}

const CALENDAR: readonly (readonly [string, (clock: Date) => number])[] = [
  ['year', (clock) => clock.getUTCFullYear()],
  ['month', (clock) => clock.getUTCMonth() + 1],
  ['day', (clock) => clock.getUTCDate()],
];
const ISO: readonly (readonly [string, (clock: Date) => number])[] = [
  ['isoWeekYear', isoYear],
  ['isoWeek', isoWeek],
  ['isoDayOfWeek', isoDay],
];
const TIME: readonly (readonly [string, (clock: Date) => number])[] = [
  ['hour', (clock) => clock.getUTCHours()],
  ['minute', (clock) => clock.getUTCMinutes()],
  ['second', (clock) => clock.getUTCSeconds()],
  ['millisecond', (clock) => clock.getUTCMilliseconds()],
];

const dateToParts: OperatorCompiler = (operand, compile, name) => {
  const given = namedArguments(operand, name, ['date'], ['timezone', 'iso8601']);
  const date = compile(given.get('date') ?? null);
  const iso = given.has('iso8601') ? compile(given.get('iso8601') ?? null) : () => false;
  const zone = timezone(given, compile);
  return (environment) => {
    const where = zone(environment);
    const weeks = iso(environment);
    const value = date(environment);
    if (isNullish(where) || isNullish(weeks)) return null;
    if (typeof weeks !== 'boolean') throw new MongoError(40521, 'iso8601 must evaluate to a bool');
    if (isNullish(value)) return null;
    const clock = wallClock(instant(value, name), zoneName(where));
    return new Map([...(weeks ? ISO : CALENDAR), ...TIME].map(([field, get]) => [field, int32(get(clock))]));
  };
};

export const datePartOperators: OperatorTable = [
  ['$year', part((clock) => clock.getUTCFullYear())],
  ['$month', part((clock) => clock.getUTCMonth() + 1)],
  ['$dayOfMonth', part((clock) => clock.getUTCDate())],
  ['$dayOfWeek', part((clock) => clock.getUTCDay() + 1)],
  ['$dayOfYear', part(dayOfYear)],
  ['$hour', part((clock) => clock.getUTCHours())],
  ['$minute', part((clock) => clock.getUTCMinutes())],
  ['$second', part((clock) => clock.getUTCSeconds())],
  ['$millisecond', part((clock) => clock.getUTCMilliseconds())],
  ['$isoWeek', part(isoWeek)],
  ['$isoDayOfWeek', part(isoDay)],
  ['$dateToParts', dateToParts],
];
