/**
 * Instants that a side writes in a way of its own: a number since 1970, or a date and time without an offset. What all
 * pairs of a path are one instant by becomes the rule.
 */
import { EPOCH_UNITS, epochMs } from '../../rules/epoch.ts';
import { numberText } from '../../rules/exact-number.ts';
import { parseInstant } from '../../rules/instant.ts';
import type { EpochUnit, InstantForms } from '../../rules/rule.ts';
import { parseZoned } from '../../rules/zoned.ts';
import type { JsonValue } from '../../types.ts';

/** How a side writes them. `local`: without an offset, in UTC. */
type Written = EpochUnit | 'text' | 'local';

type Ways = readonly [primary: Written, twin: Written];

/** Two numbers in other units may be anything, unless they are of the years 1973 to 2100. */
const EARLIEST = 1e11;
const LATEST = 4.2e12;

export class InstantWays {
  /** Null before the first pair. */
  #ways: readonly Ways[] | null = null;

  see(primary: JsonValue, twin: JsonValue): void {
    if (this.#ways?.length === 0) return;
    const [mine, its] = [readings(primary), readings(twin)];
    const isOne = ([way, ms]: readonly [Written, number], [other, its]: readonly [Written, number]): boolean =>
      ms === its && (!(isUnit(way) && isUnit(other)) || (ms >= EARLIEST && ms <= LATEST));
    this.#keep([...mine].flatMap((a) => [...its].filter((b) => isOne(a, b)).map((b): Ways => [a[0], b[0]])));
  }

  merge(other: InstantWays): void {
    if (other.#ways !== null) this.#keep(other.#ways);
  }

  /** Null where no way is left, or several are. */
  found(): InstantForms | null {
    const [ways, ...others] = this.#ways ?? [];
    if (ways === undefined || others.length > 0) return null;
    const [mine, its] = ways;
    return {
      ...(isUnit(mine) ? { primary: mine } : {}),
      ...(isUnit(its) ? { twin: its } : {}),
      ...(mine === 'local' || its === 'local' ? { zone: 'UTC' } : {}),
    };
  }

  #keep(ways: readonly Ways[]): void {
    const held = this.#ways;
    this.#ways = held === null ? ways : held.filter(([a, b]) => ways.some(([c, d]) => a === c && b === d));
  }
}

function readings(value: JsonValue): ReadonlyMap<Written, number> {
  const found = new Map<Written, number>();
  const add = (way: Written, ms: number | null): void => {
    if (ms !== null) found.set(way, ms);
  };
  const digits = typeof value === 'string' ? value : numberText(value);
  if (digits === null) return found;
  for (const unit of EPOCH_UNITS) add(unit, epochMs(digits, unit));
  if (typeof value !== 'string') return found;
  add('text', parseInstant(value));
  add('local', parseZoned(value, 'UTC'));
  return found;
}

const isUnit = (way: Written): way is EpochUnit => EPOCH_UNITS.some((unit) => unit === way);
