import { compare, isNaNValue, RANK, rankOf } from '../bson/compare.ts';
import { type Doc, isDoc, Regex, type Value } from '../bson/values.ts';
import { isOperators } from '../query/matcher.ts';
import type { SortPart } from '../query/sort.ts';
import type { Collection } from './collection.ts';
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

interface Range {
  readonly rank: number;
  low?: { value: Value; inclusive: boolean };
  high?: { value: Value; inclusive: boolean };
}

/** What the filter demands of one path, as far as an index can use it. */
interface Demand {
  equal?: readonly Value[];
  range?: Range;
}

const MOST_POINTS = 10_000;

export type Constants = ReadonlyMap<string, Value | undefined>;

const NO_CONSTANTS: Constants = new Map();

/** Chooses the way for a filter; `constants` are the variables that `$expr` may compare a field with. */
export function planQuery(
  collection: Collection,
  filter: Doc,
  sort: readonly SortPart[],
  constants: Constants = NO_CONSTANTS,
): Plan {
  const demands = new Map<string, Demand>();
  const alternatives: (readonly Doc[])[] = [];
  gather(filter, demands, alternatives, constants);
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

function gather(
  filter: Doc,
  demands: Map<string, Demand>,
  alternatives: (readonly Doc[])[],
  constants: Constants,
): void {
  for (const [name, value] of filter) {
    if (name === '$and' && Array.isArray(value)) {
      for (const branch of value) if (isDoc(branch)) gather(branch, demands, alternatives, constants);
    } else if (name === '$or' && Array.isArray(value)) {
      alternatives.push(value.filter(isDoc));
    } else if (name === '$expr') {
      gatherExpression(value, demands, constants);
    } else if (!name.startsWith('$')) {
      const demand = demands.get(name) ?? {};
      if (isOperators(value)) for (const [operator, operand] of value) demandOf(operator, operand, demand);
      else demandOf('$eq', value, demand);
      demands.set(name, demand);
    }
  }
}

/** Of `$expr`, the equality of a field with a constant; what is equal to it has an entry of that value. */
function gatherExpression(expression: Value, demands: Map<string, Demand>, constants: Constants): void {
  if (!isDoc(expression)) return;
  const every = expression.get('$and');
  if (Array.isArray(every)) for (const branch of every) gatherExpression(branch, demands, constants);
  const pair = expression.get('$eq');
  if (!Array.isArray(pair) || pair.length !== 2) return;
  for (const [field, other] of [pair, pair.toReversed()]) {
    if (typeof field !== 'string' || !/^\$[^$]/.test(field)) continue;
    const value = constantOf(other, constants);
    const demand = demands.get(field.slice(1)) ?? {};
    if (value === undefined || isDoc(value) || !isPoint(value)) continue;
    demand.equal ??= [value];
    demands.set(field.slice(1), demand);
  }
}

function constantOf(value: Value | undefined, constants: Constants): Value | undefined {
  if (typeof value === 'string')
    return value.startsWith('$$') ? constants.get(value.slice(2)) : value.startsWith('$') ? undefined : value;
  return isDoc(value ?? null) ? undefined : value;
}

/** Null, arrays and patterns find documents that have no entry of that value in an index. */
function isPoint(value: Value): boolean {
  return value !== null && !Array.isArray(value) && !(value instanceof Regex) && !isNaNValue(value);
}

function demandOf(operator: string, value: Value, demand: Demand): void {
  switch (operator) {
    case '$eq':
      if (isPoint(value)) demand.equal ??= [value];
      break;
    case '$in':
      if (Array.isArray(value) && value.every(isPoint)) demand.equal ??= value;
      break;
    case '$all':
      if (Array.isArray(value) && value[0] !== undefined && !isOperators(value[0]) && isPoint(value[0])) {
        demand.equal ??= [value[0]];
      }
      break;
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      rangeOf(operator, value, demand);
      break;
    default:
  }
}

const RANGED: readonly number[] = [RANK.number, RANK.string, RANK.date, RANK.objectId];

function rangeOf(operator: '$gt' | '$gte' | '$lt' | '$lte', value: Value, demand: Demand): void {
  const rank = rankOf(value);
  if (!RANGED.includes(rank) || isNaNValue(value)) return;
  demand.range ??= { rank };
  // A second bound of another type can only make the answer empty: the filter sees to that.
  if (demand.range.rank !== rank) return;
  const bound = { value, inclusive: operator === '$gte' || operator === '$lte' };
  if (operator === '$gt' || operator === '$gte') demand.range.low ??= bound;
  else demand.range.high ??= bound;
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
