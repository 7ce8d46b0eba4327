/** Which entities a pair of answers names where it differs. Pure: reads the rules and the bodies. */

import { tableOf } from '../../rules/engine/csv.ts';
import { isArray, isObject, numberText, own } from '../../rules/exact-number.ts';
import type { Rule } from '../../rules/rule.ts';
import { ruleBelow } from '../../rules/walk.ts';
import type { JsonValue, Side } from '../../types.ts';

/** An entity as one side names it. */
export interface NamedEntity {
  readonly collection: string;
  /** As it is printed: an ObjectId, a uuid, a number, any text. */
  readonly id: string;
  /** Who prints it; the primary where both do. */
  readonly side: Side;
  /**
   * `around`: it encloses the difference; `value`: it is the differing value, or the row that one side lacks; `param`: the
   * read is about it; `caller`: it only asked, of what is not its own.
   */
  readonly as: 'around' | 'value' | 'param' | 'caller';
  /** Of `around`: the field of the entity that the difference lies in; null where it is the entity as a whole. */
  readonly field: string | null;
}

type Json = JsonValue | undefined;

/** The entities that the pointer passes through and ends in, outermost first. */
export function entitiesAt(rule: Rule, primary: Json, twin: Json, pointer: string): NamedEntity[] {
  const found: NamedEntity[] = [];
  const segments = pointer === '' ? [] : pointer.slice(1).split('/').map(unescaped);
  let at: Rule | null = rule;
  let [mine, its]: [Json, Json] = [primary, twin];
  let around: Json;
  if (rule.rule === 'csv') [at, mine, its] = rowsOf(rule, mine, its);
  for (const segment of segments) {
    at = unwrapped(at);
    nameEnclosing(at, mine, its, segment, found);
    at = ruleBelow(at, segment);
    if (isObject(mine)) around = mine;
    mine = member(mine, segment);
    its = member(its, segment);
  }
  nameValue(unwrapped(refIn(unwrapped(at), around)), mine, its, found);
  return found;
}

/** Of an id whose collection a field beside it names: the reference to that one. */
function refIn(rule: Rule | null, around: Json): Rule | null {
  if (rule?.rule !== 'refBy') return rule;
  const word = isObject(around) ? own(around, rule.by) : undefined;
  const collection = typeof word === 'string' && Object.hasOwn(rule.of, word) ? rule.of[word] : undefined;
  return collection === undefined ? rule : { rule: 'ref', collection };
}

function unwrapped(rule: Rule | null): Rule | null {
  return rule?.rule === 'nullable' ? unwrapped(rule.of) : rule;
}

function nameEnclosing(rule: Rule | null, mine: Json, its: Json, field: string | null, found: NamedEntity[]): void {
  if (rule?.rule === 'record' && rule.keys !== undefined && field !== null) {
    // The value under the key of an entity says something of it, and is no stored field by that name.
    const side = isObject(mine) && own(mine, field) !== undefined ? 'primary' : 'twin';
    found.push({ collection: rule.keys, id: field, side, as: 'around', field: null });
  }
  const collection = idCollection(rule);
  if (collection === null) return;
  const idName = idField(rule);
  for (const [id, side] of sided(idIn(mine, idName), idIn(its, idName))) {
    found.push({ collection, id, side, as: field === null ? 'value' : 'around', field });
  }
}

function nameValue(rule: Rule | null, mine: Json, its: Json, found: NamedEntity[]): void {
  if (rule === null) return;
  if (rule.rule === 'ref') {
    for (const [id, side] of sided(idText(mine), idText(its))) {
      found.push({ collection: rule.collection, id, side, as: 'value', field: null });
    }
    return;
  }
  nameEnclosing(rule, mine, its, null, found);
  if (rule.rule !== 'list') return;
  // A list that differs as a whole: those that only one side has.
  const collection = idCollection(unwrapped(rule.of)) ?? refCollection(unwrapped(rule.of));
  if (collection === null) return;
  const idName = idField(unwrapped(rule.of));
  const [ours, theirs] = [idsIn(mine, idName), idsIn(its, idName)];
  for (const id of ours)
    if (!theirs.includes(id)) found.push({ collection, id, side: 'primary', as: 'value', field: null });
  for (const id of theirs)
    if (!ours.includes(id)) found.push({ collection, id, side: 'twin', as: 'value', field: null });
}

/** Each id with who prints it. */
function sided(mine: string | null, its: string | null): (readonly [string, Side])[] {
  return [
    ...(mine === null ? [] : [[mine, 'primary'] as const]),
    ...(its === null || its === mine ? [] : [[its, 'twin'] as const]),
  ];
}

function idsIn(list: Json, idName: string): string[] {
  return isArray(list) ? list.flatMap((item) => idText(item) ?? idIn(item, idName) ?? []) : [];
}

/** The field that says which entity an object is, by its rules. */
function idField(rule: Rule | null): string {
  return rule?.rule === 'object' && !Object.hasOwn(rule.fields, '_id') ? 'id' : '_id';
}

function idCollection(rule: Rule | null): string | null {
  if (rule?.rule !== 'object') return null;
  return refCollection(unwrapped(rule.fields[idField(rule)] ?? null));
}

function refCollection(rule: Rule | null): string | null {
  return rule?.rule === 'ref' ? rule.collection : null;
}

function member(value: Json, segment: string): Json {
  if (isArray(value)) return /^\d+$/.test(segment) ? value[Number(segment)] : undefined;
  return isObject(value) ? own(value, segment) : undefined;
}

function idIn(value: Json, name: string): string | null {
  return isObject(value) ? idText(own(value, name)) : null;
}

function idText(value: Json): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return value === undefined || value === null || typeof value === 'boolean' ? null : numberText(value);
}

/** A CSV table as the list of objects that its rule sees. */
function rowsOf(rule: Extract<Rule, { rule: 'csv' }>, primary: Json, twin: Json): [Rule, Json, Json] {
  const rows = (text: Json): Json => tableOf(text, rule.separator)?.rows;
  const item: Rule = { rule: 'object', fields: rule.columns };
  return [{ rule: 'list', of: item, order: rule.order, identity: rule.identity }, rows(primary), rows(twin)];
}

function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
