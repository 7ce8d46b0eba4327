import { encode } from '../bson/encode.ts';
import type { Doc, Value } from '../bson/values.ts';
import type { Path } from '../query/path.ts';
import type { Change } from './change-log.ts';
import { describe, type SetField, valueAt } from './update-description.ts';

/** A place that an operator has worked at. */
export interface Touched {
  readonly path: Path;
  /** The same as it was asked for, with `$[]` and `$[name]` where the path has positions. */
  readonly pattern: Path;
  /** It only adds at the end of an array. */
  readonly appends: boolean;
}

/** What operators changed: the log has the paths that they name, whatever else of the value stayed the same. */
export function operatorUpdate(before: Doc, after: Doc, touched: readonly Touched[]): Change {
  const changed = touched.filter(({ path }) => !same(valueAt(before, path), valueAt(after, path)));
  const set: SetField[] = [];
  const removed: Path[] = [];
  for (const one of wholeArrays(changed, 0)) {
    const now = valueAt(after, one.path);
    if (now === undefined) removed.push(one.path);
    else if (one.appends) set.push(...appended(before, now, one.path));
    else set.push(created(before, after, one.path));
  }
  return { kind: 'update', description: describe({ set, removed, truncated: [] }) };
}

function same(one: Value | undefined, two: Value | undefined): boolean {
  if (one === undefined || two === undefined) return one === two;
  return encode(new Map([['v', one]])).equals(encode(new Map([['v', two]])));
}

/** Where more than one element of an array was changed by `$[]`, the log has the whole array. */
function wholeArrays(changed: readonly Touched[], from: number): Touched[] {
  const placeOf = ({ pattern }: Touched): number =>
    pattern.findIndex((name, at) => at >= from && name.startsWith('$['));
  const plain = changed.filter((one) => placeOf(one) < 0);
  const groups = Map.groupBy(
    changed.filter((one) => placeOf(one) >= 0),
    (one) => one.path.slice(0, placeOf(one)).join('.'),
  );
  const inArrays = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const at = placeOf(first);
    const elements = new Set(group.map(({ path }) => path[at]));
    if (elements.size === 1) return wholeArrays(group, at + 1);
    const path = first.path.slice(0, at);
    return [{ path, pattern: path, appends: false }];
  });
  return [...plain, ...inArrays];
}

/** An array that was there and not empty shows what was added, each by its position. */
function appended(before: Doc, now: Value, path: Path): SetField[] {
  const old = valueAt(before, path);
  const whole = { path, value: now, created: old === undefined };
  if (!Array.isArray(old) || !Array.isArray(now) || old.length === 0) return [whole];
  return now.slice(old.length).map((value, at) => ({ path: [...path, String(old.length + at)], value, created: true }));
}

/** A field whose document was made with it shows from where on all is new. */
function created(before: Doc, after: Doc, path: Path): SetField {
  for (let length = 1; length <= path.length; length += 1) {
    const there = path.slice(0, length);
    if (valueAt(before, there) !== undefined) continue;
    return { path: there, value: valueAt(after, there) ?? null, created: true };
  }
  return { path, value: valueAt(after, path) ?? null, created: false };
}
