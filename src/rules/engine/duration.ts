/** Lengths of time, whatever their form: text, or a number in the unit that the rule names for the side. */
import type { Measure, Side } from '../../types.ts';
import { deltaInUnits } from '../decimal.ts';
import { type Duration, durationOf, parseDuration, TIME_SCALE } from '../duration.ts';
import { canonicalJson, numberText } from '../exact-number.ts';
import type { DurationUnit, DurationUnits } from '../rule.ts';
import { addLeaf, type Json, type Node, node } from './node.ts';
import { strictEqual } from './strict.ts';

/** A number of a side without a unit is a number: equal to itself alone. Textual for CSV, where every number is text. */
export function durationNode(units: DurationUnits, textual: boolean): Node {
  const read = (value: Json, unit: DurationUnit | undefined): Duration | null => {
    const number = textual && typeof value === 'string' ? value : numberText(value);
    const counted = number === null || unit === undefined ? null : durationOf(number, unit);
    return counted ?? (typeof value === 'string' ? parseDuration(value) : null);
  };
  const equal = (primary: Json, twin: Json): boolean => {
    const [mine, its] = [read(primary, units.primary), read(twin, units.twin)];
    if (mine === null || its === null) return strictEqual(primary, twin);
    return mine.months === its.months && mine.time === its.time;
  };
  return node('duration', {
    // One number is two durations where the sides count in units of their own.
    plain: units.primary === units.twin,
    equal,
    describe(primary, twin, _run, _parent, at, out) {
      if (equal(primary, twin)) return;
      addLeaf(at, 'duration', primary, twin, out, measureOf(read(primary, units.primary), read(twin, units.twin)));
    },
    meaning(side: Side, value) {
      const duration = read(value, units[side]);
      return duration === null ? canonicalJson(value) : `~${duration.months}:${duration.time}`;
    },
  });
}

function measureOf(mine: Duration | null, its: Duration | null): Measure | null {
  if (mine === null || its === null || mine.months !== its.months) return null;
  const seconds = ({ time }: Duration) => ({ digits: time, scale: TIME_SCALE });
  return { of: 'number', delta: deltaInUnits(seconds(mine), seconds(its), 0), unit: 's' };
}
