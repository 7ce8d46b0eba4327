import { compileExpression, expressionPredicate, type Variables } from '../aggregate/expression.ts';
import { DateTime, type Doc, isDoc, Raw, type Value } from '../bson/values.ts';
import { MongoError, notSupported } from '../mongo-error.ts';
import { compileFilter, type FilterContext, type Matcher, type MatchNote } from '../query/matcher.ts';
import { filterNeeds, sortNeeds } from '../query/needs.ts';
import { compileProjection } from '../query/projection.ts';
import { parseSort, type SortPart, sortBy } from '../query/sort.ts';
import type { Collection } from '../storage/collection.ts';
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
export function filterContext(variables: Variables): FilterContext {
  return { expression: (expression) => expressionPredicate(expression, variables) };
}

/** The variables that `let` declares: constants, since there is no document yet. */
export function variablesOf(declared: Doc | undefined): Variables {
  const made = new Map<string, Value | undefined>([['NOW', new DateTime(Date.now())]]);
  for (const [name, expression] of declared ?? EMPTY) {
    if (!/^[a-z][A-Za-z0-9_]*$/.test(name))
      throw new MongoError('FailedToParse', `'${name}' starts with an invalid character for a user variable name`);
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
    const project = compileProjection(projection, variables);
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
  if (query.projection !== undefined) compileProjection(query.projection, query.variables);
}

export function sortOf(value: Value | undefined): SortPart[] {
  if (value === undefined || value === null) return [];
  if (!isDoc(value)) throw new MongoError('TypeMismatch', 'Expected field sort to be of type object');
  return parseSort(value);
}

/** A hint chooses a way and not an answer, as long as the index it names holds every document. */
export function checkHint(collection: Collection | undefined, hint: Value | undefined): void {
  if (hint === undefined || (isDoc(hint) && hint.size === 0)) return;
  if (hint === '_id_' || (isDoc(hint) && hint.size === 1 && (hint.has('_id') || hint.has('$natural')))) return;
  for (const index of collection?.indexes.values() ?? []) {
    const isIt =
      typeof hint === 'string' ? index.spec.name === hint : isDoc(hint) && samePattern(index.spec.pattern, hint);
    if (!isIt) continue;
    if (!index.complete) throw notSupported('a hint of a sparse or partial index');
    return;
  }
  throw new MongoError('BadValue', 'error processing query: planner returned error: bad hint');
}

function samePattern(one: Doc, two: Doc): boolean {
  return [...one.keys()].join('\0') === [...two.keys()].join('\0');
}
