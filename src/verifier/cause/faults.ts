/**
 * Which faults explain a mismatch. Pure. A fault of the data is always a fact that the stores showed; which of several
 * such facts a sum or a list comes from is told as closely as the answer says it, and never closer.
 */

import type { ModelMapping } from '../../api/mapping.ts';
import { listPathOf } from '../../api/page.ts';
import type { RouteEntry } from '../../api/route.ts';
import { valueAt } from '../../api/rows/json-values.ts';
import { answerFault, storedFault } from '../../base/fault-of.ts';
import type { DescribedDifference } from '../../rules/rule.ts';
import type { Showing } from '../../rules/shown.ts';
import type { Fault } from '../../types.ts';
import type { Redactor } from '../redactor.ts';
import {
  areDifferentOutside,
  type Bad,
  CAUSE_OF,
  decidedBy,
  type Examined,
  explains,
  isBad,
  keyOf,
  linkedRows,
  type Named,
  type Swept,
  type WrongField,
  wrongAt,
} from './decide.ts';

/** Faults of one mismatch: an answer that differs everywhere is not evidence of more. */
const MOST = 50;

export interface Explained {
  readonly entry: RouteEntry;
  readonly differences: readonly DescribedDifference[];
  readonly named: readonly Named[];
  readonly examined: readonly Examined[];
  readonly mappings: ReadonlyMap<string, ModelMapping>;
  readonly redactor: Redactor;
  /** What the rules show of the answers. */
  readonly showing: Showing;
  /** Null where the rows that the answer can come from were not all looked at. */
  readonly swept: Swept | null;
  /** What the request's path says that is no id. */
  readonly values: ReadonlySet<string>;
}

/** A difference that no row around it explains, and its index. */
interface Open {
  readonly difference: DescribedDifference;
  readonly i: number;
}

export interface Explanation {
  readonly faults: readonly Fault[];
  /** Some difference is told closely only by looking at all rows that the answer can come from. */
  readonly sweep: boolean;
}

/** One stored fact that is wrong; `wrong` is null where it is the row as a whole. */
interface Fact {
  readonly one: Bad;
  readonly wrong: WrongField | null;
}

export function explain(parts: Explained): Explanation {
  const { entry, differences, named, examined, mappings, swept } = parts;
  const isDecided = decidedBy(named, examined, mappings);
  const bad = examined.filter(isBad);
  const found = new Map<string, Fault>();
  const add = (faults: readonly Fault[]): void => {
    for (const fault of faults) if (found.size < MOST) found.set(fault.id, fault);
  };
  const lost = [...bad, ...(swept?.bad ?? [])].filter(({ doc, row }) => doc !== null && row === null);
  const addFacts = (facts: readonly Fact[]): void =>
    add(facts.map((fact) => faultOf(referredTo(fact, lost, mappings), mappings)));
  const open: Open[] = [];
  for (const [i, difference] of differences.entries()) {
    // A wrong reference shows another entity, whose own fields are right: the field comes before what it leads to.
    const fields = fieldsBehind(i, named, bad);
    const facts = fields.length > 0 || isDecided(difference, i) ? fields : rowsBehind(i, named, bad);
    if (facts.length > 0) addFacts(facts);
    else if (isDecided(difference, i)) add(answered('twin_logic', difference, parts));
    else open.push({ difference, i });
  }
  const isList = listPathOf(entry.comparator.body) !== null;
  const hasRowFault = [...found.values()].some((fault) => fault.entity !== null);
  let sweep = false;
  const told = withoutItsParts(open, named);
  for (const { difference, i } of told) {
    // What a list shows of its rows explains its length and totals.
    if (isList && hasRowFault && !named.some((entity) => entity.difference === i)) continue;
    const own = bad.filter((one) => isOwn(one, named, entry, mappings) && explains(one, i, named));
    const near = own.length > 0 ? own : bad.filter((one) => explains(one, i, named));
    if (own.length === 0 && swept === null) sweep = true;
    const linked = own.length > 0 || swept === null ? [] : linkedRows(swept.bad, named, mappings, parts.values);
    const facts = narrowed(difference, factsOf(linked.length > 0 ? linked : near), mappings);
    if (facts.length > 0) addFacts(facts);
    else add(answered(swept !== null && swept.bad.length === 0 ? 'twin_logic' : 'unknown', difference, parts));
  }
  return { faults: [...found.values()], sweep };
}

/** Where the answers show another entity at a place by its id, what else differs there says nothing more. */
function withoutItsParts(open: readonly Open[], named: readonly Named[]): readonly Open[] {
  const placed = open.map((one) => ({ one, others: othersAt(one.i, named) }));
  const byId = new Set(placed.flatMap(({ others }) => (others?.isId === true ? [others.key] : [])));
  return placed.filter(({ others }) => others === null || others.isId || !byId.has(others.key)).map(({ one }) => one);
}

/** The two entities that the sides show at the place of this difference; null where it is one. */
function othersAt(i: number, named: readonly Named[]): { readonly key: string; readonly isId: boolean } | null {
  const around = named.filter((entity) => entity.difference === i && entity.as === 'around');
  const [first, second] = around;
  if (first === undefined || second === undefined || !areDifferentOutside(around)) return null;
  return { key: `${keyOf(first)} ${keyOf(second)}`, isId: first.field === '_id' || first.field === 'id' };
}

function answered(
  cause: 'twin_logic' | 'unknown',
  difference: DescribedDifference,
  { entry, redactor, showing }: Explained,
): readonly Fault[] {
  return redactor.patternsOf(entry.key, [difference], showing).map((pattern) => answerFault(cause, entry, pattern));
}

/** The wrong fields that the difference lies in, and the rows around it that only one store has. */
function fieldsBehind(i: number, named: readonly Named[], bad: readonly Bad[]): readonly Fact[] {
  const around = named.filter((entity) => entity.difference === i && entity.as === 'around');
  return distinct(
    around.flatMap((entity) =>
      rowsOf(entity, bad).flatMap((one): readonly Fact[] => {
        if (one.state !== 'drift') return [{ one, wrong: null }];
        return entity.field === null ? [] : wrongAt(one, entity.field).map((wrong) => ({ one, wrong }));
      }),
    ),
  );
}

/** The wrong row that the difference is; else the row around it, of whose fields the differing one is derived. */
function rowsBehind(i: number, named: readonly Named[], bad: readonly Bad[]): readonly Fact[] {
  const here = named.filter((entity) => entity.difference === i);
  const rows = here.filter(({ as }) => as === 'value').flatMap((entity) => rowsOf(entity, bad));
  if (rows.length > 0) return factsOf(rows);
  const around = here.filter(({ as }) => as === 'around').flatMap((entity) => rowsOf(entity, bad));
  return factsOf(around.filter((one) => explains(one, i, named)));
}

function rowsOf(entity: Named, bad: readonly Bad[]): readonly Bad[] {
  return bad.filter((one) => keyOf(one) === keyOf(entity));
}

/** The read is about it, and its collection is the route's own: no other row is nearer to the answer. */
function isOwn(
  one: Examined,
  named: readonly Named[],
  entry: RouteEntry,
  mappings: ReadonlyMap<string, ModelMapping>,
): boolean {
  if (mappings.get(one.collection)?.domain !== entry.domain) return false;
  return named.some((entity) => entity.as === 'param' && keyOf(entity) === keyOf(one));
}

function factsOf(rows: readonly Bad[]): readonly Fact[] {
  return distinct(
    rows.flatMap((one): readonly Fact[] =>
      one.state === 'drift' && one.wrong.length > 0
        ? one.wrong.map((wrong) => ({ one, wrong }))
        : [{ one, wrong: null }],
    ),
  );
}

/** A reference by the own id of a row that is lost cannot be right: the lost row is what there is to repair. */
function referredTo(fact: Fact, lost: readonly Bad[], mappings: ReadonlyMap<string, ModelMapping>): Fact {
  const { one, wrong } = fact;
  const type = mappings.get(one.collection)?.fields.find(({ path }) => path === wrong?.field)?.type;
  if (wrong === null || one.doc === null || type?.kind !== 'ref') return fact;
  if (mappings.get(type.collection)?.identity !== 'column') return fact;
  const wanted = keyOf({ collection: type.collection, mongoId: String(valueAt(one.doc, wrong.field)) });
  const row = lost.find((other) => keyOf(other) === wanted);
  return row === undefined ? fact : { one: row, wrong: null };
}

function distinct(facts: readonly Fact[]): readonly Fact[] {
  return [...new Map(facts.map((fact) => [`${keyOf(fact.one)} ${fact.wrong?.field ?? ''}`, fact])).values()];
}

/** Of the facts that a sum can come from, those that can move it, where there are any. */
function narrowed(
  difference: DescribedDifference,
  facts: readonly Fact[],
  mappings: ReadonlyMap<string, ModelMapping>,
): readonly Fact[] {
  const segments = new Set(difference.path.toLowerCase().split('/'));
  const within = facts.filter(({ one }) => {
    const mapping = mappings.get(one.collection);
    return mapping !== undefined && (segments.has(mapping.collection) || segments.has(mapping.domain));
  });
  const near = within.length > 0 ? within : facts;
  // An answer without ids still calls its fields as the document does.
  const last = difference.path.split('/').at(-1);
  const called = near.filter(({ wrong }) => wrong?.field.split('.').includes(last ?? ''));
  if (called.length > 0) return called;
  if (difference.measure.of === 'text') return near;
  const moving = near.filter((fact) => !isCosmetic(fact, mappings));
  return moving.length > 0 ? moving : near;
}

/**
 * No sum, count or group comes out otherwise by it: the form of a text, or a key of a blob, which is shown and not summed.
 * Elements of an embedded array may be counted.
 */
function isCosmetic({ one, wrong }: Fact, mappings: ReadonlyMap<string, ModelMapping>): boolean {
  if (wrong === null) return false;
  const { measure, path } = wrong.pattern;
  if (measure.of === 'text' && ['trimmed', 'case', 'unicode_form'].includes(measure.how)) return true;
  const stored = mappings.get(one.collection)?.fields.find((field) => field.path === wrong.field);
  return stored?.type.kind === 'jsonb' && !path.split('/').includes('*');
}

function faultOf({ one, wrong }: Fact, mappings: ReadonlyMap<string, ModelMapping>): Fault {
  const { collection, mongoId: entity } = one;
  const place = { domain: mappings.get(collection)?.domain ?? '', collection, entity, field: wrong?.field ?? null };
  const cause = CAUSE_OF[one.state];
  if (wrong === null) return storedFault(cause, place, null, true);
  const { path, kind, rule, measure, fatal } = wrong.pattern;
  return storedFault(cause, place, { path, kind, rule, measure }, fatal);
}
