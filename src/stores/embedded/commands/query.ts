import { looksAtDocument } from '../aggregate/constant.ts';
import { compileExpression, expressionPredicate, type Variables } from '../aggregate/expression.ts';
import { checkVariable } from '../aggregate/operators/conditional.ts';
import { equal } from '../bson/compare.ts';
import { toSafeInteger } from '../bson/convert.ts';
import { show } from '../bson/show.ts';
import { DateTime, type Doc, isDoc, Raw, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { compileFilter, type FilterContext, type Matcher, type MatchNote } from '../query/matcher.ts';
import { filterNeeds, sortNeeds } from '../query/needs.ts';
import { compileProjection } from '../query/projection.ts';
import { parseSort, type SortPart, sortBy } from '../query/sort.ts';
import { type Collection, ID_INDEX } from '../storage/collection.ts';
import { type Examined, type Plan, planQuery } from '../storage/planner.ts';
import type { Record } from '../storage/record.ts';
import type { Item } from './cursors.ts';

export interface Query {
  readonly filter: Doc;
  readonly sort: readonly SortPart[];
  readonly skip: number;
  /** 0 is no limit. */
  readonly limit: number;
  readonly projection: Doc | undefined;
  readonly variables: Variables;
}

export const EMPTY: Doc = new Map();

/** What `$expr` and computed fields may refer to. */
function filterContext(variables: Variables): FilterContext {
  return { expression: (expression) => expressionPredicate(expression, variables) };
}

/** The variables that `let` declares: constants, since there is no document yet. */
export function variablesOf(declared: Doc | undefined): Variables {
  const made = new Map<string, Value | undefined>([['NOW', new DateTime(Date.now())]]);
  for (const [name, expression] of declared ?? EMPTY) {
    checkVariable(name);
    if (looksAtDocument(expression))
      throw new MongoError(4890500, `Command let Expression does not evaluate to a constant: ${show(expression)}`);
    made.set(name, compileExpression(expression, new Set(made.keys()))({ root: EMPTY, variables: made }));
  }
  return made;
}

export interface Found {
  readonly record: Record;
  /** The array position that `$` stands for. */
  readonly position: number | undefined;
}

/** A query made ready: its plan and its tests, with counts of what a run has looked at. */
export class Run {
  readonly plan: Plan;
  readonly examined: Examined = { keys: 0, documents: 0 };
  readonly #query: Query;
  readonly #matches: Matcher;
  readonly #all: boolean;

  constructor(collection: Collection, query: Query) {
    this.#query = query;
    this.#matches = compileFilter(query.filter, filterContext(query.variables));
    this.#all = query.filter.size === 0;
    this.plan = planQuery(collection, query.filter, query.sort, query.variables);
  }

  /** The documents that match, in order, after skip and limit. */
  *records(): Generator<Found> {
    const { sort, skip, limit } = this.#query;
    let found: Iterable<Found> = this.#matching();
    const needs = sortNeeds(sort);
    if (!this.plan.sorted) found = sortBy([...found], sort, ({ record }) => record.look(needs));
    let at = 0;
    for (const one of found) {
      at += 1;
      if (at <= skip) continue;
      yield one;
      if (limit > 0 && at >= skip + limit) return;
    }
  }

  /** The same as a client gets them: projected, or the stored bytes. */
  *items(): Generator<Item> {
    const { projection, variables } = this.#query;
    if (projection === undefined || projection.size === 0) {
      for (const { record } of this.records()) yield new Raw(record.bytes);
      return;
    }
    const project = compileProjection(projection, variables, this.#query.filter);
    for (const { record, position } of this.records()) yield project(record.document, position);
  }

  *#matching(): Generator<Found> {
    const needs = filterNeeds(this.#query.filter);
    for (const record of this.plan.candidates(this.examined)) {
      if (record.gone) continue;
      this.examined.documents += 1;
      const note: MatchNote = { position: undefined };
      if (this.#all || this.#matches(record.look(needs), note)) yield { record, position: note.position };
    }
  }
}

/** A run over a collection that is not there finds nothing, but what is asked must still be right. */
export function checkQuery(query: Query): void {
  compileFilter(query.filter, filterContext(query.variables));
  if (query.projection !== undefined) compileProjection(query.projection, query.variables, query.filter);
}

export function sortOf(value: Value | undefined): SortPart[] {
  return isDoc(value) ? parseSort(value) : [];
}

/** A hint chooses a way and not an answer, as long as the index it names holds every document. */
export function checkHint(collection: Collection | undefined, hint: Value | undefined): void {
  // A collection that is not there has no plan that a hint could choose.
  if (collection === undefined || hint === undefined || (isDoc(hint) && hint.size === 0)) return;
  if (isDoc(hint) && hint.has('$natural')) {
    checkNatural(hint);
    return;
  }
  if (hint === ID_INDEX.name || equal(hint, ID_INDEX.pattern)) return;
  for (const index of collection.indexes.values()) {
    const isIt =
      typeof hint === 'string' ? index.spec.name === hint : isDoc(hint) && samePattern(index.spec.pattern, hint);
    if (!isIt) continue;
    if (!index.complete) throw notSupported('a hint of a sparse or partial index');
    return;
  }
  throw new MongoError('BadValue', 'error processing query: planner returned error: bad hint');
}

function checkNatural(hint: Doc): void {
  const direction = toSafeInteger(hint.get('$natural'));
  if (hint.size > 1 || (direction !== 1 && direction !== -1))
    throw new MongoError('BadValue', `$natural must be 1 or -1 and stand alone in a hint`);
  if (direction === -1) throw notSupported('a hint of {$natural: -1}');
}

function samePattern(one: Doc, two: Doc): boolean {
  return [...one.keys()].join('\0') === [...two.keys()].join('\0') && equal(one, two);
}
