import { compare, rankOf } from '../bson/compare.ts';
import type { Doc, Value } from '../bson/values.ts';
import type { SortPart } from '../query/sort.ts';
import type { Collection } from './collection.ts';
import { type Constants, type Demand, demandsOf, NO_CONSTANTS, type Range } from './demands.ts';
import type { Entry, Index } from './index.ts';
import type { Record } from './record.ts';

/** What a run of a plan has looked at: the figures of `explain`. */
export interface Examined {
  keys: number;
  documents: number;
}

/**
 * A way to the documents that may match: always all that do, and perhaps more, so the filter still decides. `sorted` says
 * that they come in the order that was asked for.
 */
export interface Plan {
  readonly stage: 'COLLSCAN' | 'IDHACK' | 'IXSCAN' | 'OR' | 'EOF';
  readonly indexes: readonly Index[];
  readonly sorted: boolean;
  candidates(examined: Examined): Iterable<Record>;
}

const MOST_POINTS = 10_000;

/** Chooses the way for a filter; `constants` are the variables that `$expr` may compare a field with. */
export function planQuery(
  collection: Collection,
  filter: Doc,
  sort: readonly SortPart[],
  constants: Constants = NO_CONSTANTS,
): Plan {
  const { paths: demands, alternatives } = demandsOf(filter, constants);
  const id = demands.get('_id')?.equal;
  if (id !== undefined) return byIds(collection, id, sort);
  const best = bestIndex(collection, demands, sort);
  if (best !== undefined && best.rank > 0) return best.plan;
  for (const branches of alternatives) {
    const plans = branches.map((branch) => planQuery(collection, branch, [], constants));
    if (plans.every((plan) => plan.stage !== 'COLLSCAN')) return union(plans);
  }
  return best?.plan ?? scan(collection, sort);
}

function byIds(collection: Collection, ids: readonly Value[], sort: readonly SortPart[]): Plan {
  return {
    stage: 'IDHACK',
    indexes: [],
    sorted: ids.length <= 1 || sort.length === 0,
    *candidates(examined) {
      const seen = new Set<Record>();
      for (const id of ids) {
        examined.keys += 1;
        const record = collection.findById(id);
        if (record === undefined || seen.has(record)) continue;
        seen.add(record);
        yield record;
      }
    },
  };
}

function scan(collection: Collection, sort: readonly SortPart[]): Plan {
  return { stage: 'COLLSCAN', indexes: [], sorted: sort.length === 0, candidates: () => collection.records.values() };
}

function union(plans: readonly Plan[]): Plan {
  return {
    stage: 'OR',
    indexes: plans.flatMap((plan) => plan.indexes),
    sorted: false,
    *candidates(examined) {
      const seen = new Set<Record>();
      for (const plan of plans) {
        for (const record of plan.candidates(examined)) {
          if (seen.has(record)) continue;
          seen.add(record);
          yield record;
        }
      }
    },
  };
}

interface Ranked {
  readonly plan: Plan;
  /** How narrow it is: two for each field of equality, one for a range; 0 when it only gives the order. */
  readonly rank: number;
}

function bestIndex(
  collection: Collection,
  demands: ReadonlyMap<string, Demand>,
  sort: readonly SortPart[],
): Ranked | undefined {
  let best: Ranked | undefined;
  const wantsId = demands.has('_id') || sort[0]?.name === '_id';
  for (const index of [...collection.indexes.values(), ...(wantsId ? [collection.idOrder] : [])]) {
    if (!index.complete) continue;
    const ranked = tryIndex(index, demands, sort);
    if (ranked === undefined) continue;
    const better =
      best === undefined ||
      ranked.rank > best.rank ||
      (ranked.rank === best.rank && ranked.plan.sorted && !best.plan.sorted);
    if (better) best = ranked;
  }
  return best;
}

function tryIndex(index: Index, demands: ReadonlyMap<string, Demand>, sort: readonly SortPart[]): Ranked | undefined {
  let points: (readonly Value[])[] = [[]];
  let fields = 0;
  let range: Range | undefined;
  for (const part of index.spec.parts) {
    const demand = demands.get(part.name);
    if (demand?.equal !== undefined && demand.equal.length * points.length <= MOST_POINTS) {
      const values = demand.equal;
      points = points.flatMap((prefix) => values.map((value) => [...prefix, value]));
      fields += 1;
      continue;
    }
    range = demand?.range;
    break;
  }
  const order = points.length === 1 ? directionOf(index, fields, sort) : undefined;
  if (fields === 0 && range === undefined && order === undefined) return undefined;
  const bounded =
    range !== undefined && index.multi && range.low !== undefined ? { rank: range.rank, low: range.low } : range;
  return {
    rank: fields * 2 + (range === undefined ? 0 : 1),
    plan: {
      stage: 'IXSCAN',
      indexes: [index],
      sorted: sort.length === 0 || order !== undefined,
      candidates: (examined) => walk(index, points, bounded, order === -1, examined),
    },
  };
}

/** Whether the index gives the order forwards (1) or backwards (-1), after fields that are held equal. */
function directionOf(index: Index, fields: number, sort: readonly SortPart[]): 1 | -1 | undefined {
  if (sort.length === 0 || index.multi) return undefined;
  const { parts } = index.spec;
  const held = new Set(parts.slice(0, fields).map((part) => part.name));
  let direction: 1 | -1 | undefined;
  let at = fields;
  for (const wanted of sort) {
    if (held.has(wanted.name)) continue;
    const part = parts[at];
    if (part?.name !== wanted.name) return undefined;
    const here = part.direction === wanted.direction ? 1 : -1;
    if (direction !== undefined && direction !== here) return undefined;
    direction = here;
    at += 1;
  }
  return direction ?? 1;
}

function* walk(
  index: Index,
  points: readonly (readonly Value[])[],
  range: Range | undefined,
  backwards: boolean,
  examined: Examined,
): Generator<Record> {
  const seen = index.multi || points.length > 1 ? new Set<Record>() : undefined;
  for (const point of points) {
    const place = (entry: Entry): number => placeOf(entry, index.spec.parts, point, range);
    for (const entry of backwards ? index.entries.downFrom(place) : index.entries.from(place)) {
      if (place(entry) !== 0) break;
      examined.keys += 1;
      if (seen?.has(entry.record)) continue;
      seen?.add(entry.record);
      yield entry.record;
    }
  }
}

/** Negative before the interval, zero within it, positive after it, in the order of the index. */
function placeOf(entry: Entry, parts: readonly SortPart[], point: readonly Value[], range: Range | undefined): number {
  for (let at = 0; at < point.length; at++) {
    const result = compare(entry.key[at], point[at]);
    if (result !== 0) return parts[at]?.direction === -1 ? -result : result;
  }
  if (range === undefined) return 0;
  const result = placeInRange(entry.key[point.length], range);
  return parts[point.length]?.direction === -1 ? -result : result;
}

function placeInRange(value: Value | undefined, range: Range): number {
  const type = rankOf(value) - range.rank;
  if (type !== 0) return type;
  if (range.low !== undefined) {
    const result = compare(value, range.low.value);
    if (result < 0 || (result === 0 && !range.low.inclusive)) return -1;
  }
  if (range.high !== undefined) {
    const result = compare(value, range.high.value);
    if (result > 0 || (result === 0 && !range.high.inclusive)) return 1;
  }
  return 0;
}
