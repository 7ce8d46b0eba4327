/** Which entities a pair of answers names where it differs. Pure: reads the rules and the bodies. */

import { tableOf } from '../../rules/engine/csv.ts';
import { isArray, isObject, own } from '../../rules/exact-number.ts';
import type { Rule } from '../../rules/rule.ts';
import { ruleBelow } from '../../rules/walk.ts';
import type { JsonValue } from '../../types.ts';
import { isObjectId, isUuid } from '../ids/source.ts';

/** An entity as one side names it. */
export interface NamedEntity {
  readonly collection: string;
  /** ObjectId or uuid. */
  readonly id: string;
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
  if (rule.rule === 'csv') [at, mine, its] = rowsOf(rule, mine, its);
  for (const segment of segments) {
    at = unwrapped(at);
    nameEnclosing(at, mine, its, segment, found);
    at = ruleBelow(at, segment);
    mine = member(mine, segment);
    its = member(its, segment);
  }
  nameValue(unwrapped(at), mine, its, found);
  return found;
}

function unwrapped(rule: Rule | null): Rule | null {
  return rule?.rule === 'nullable' ? unwrapped(rule.of) : rule;
}

function nameEnclosing(rule: Rule | null, mine: Json, its: Json, field: string | null, found: NamedEntity[]): void {
  if (rule?.rule === 'record' && rule.keys !== undefined && field !== null && isId(field)) {
    // The value under the key of an entity says something of it, and is no stored field by that name.
    found.push({ collection: rule.keys, id: field, as: 'around', field: null });
  }
  const collection = idCollection(rule);
  if (collection === null) return;
  for (const id of new Set([idOf(mine), idOf(its)])) {
    if (id !== null) found.push({ collection, id, as: field === null ? 'value' : 'around', field });
  }
}

function nameValue(rule: Rule | null, mine: Json, its: Json, found: NamedEntity[]): void {
  if (rule === null) return;
  if (rule.rule === 'ref') {
    for (const id of new Set([mine, its])) {
      if (isId(id)) found.push({ collection: rule.collection, id, as: 'value', field: null });
    }
    return;
  }
  nameEnclosing(rule, mine, its, null, found);
  if (rule.rule !== 'list') return;
  // A list that differs as a whole: those that only one side has.
  const collection = idCollection(unwrapped(rule.of)) ?? refCollection(unwrapped(rule.of));
  if (collection === null) return;
  const [own, other] = [idsIn(mine), idsIn(its)];
  const only = [...own.filter((id) => !other.includes(id)), ...other.filter((id) => !own.includes(id))];
  for (const id of only) found.push({ collection, id, as: 'value', field: null });
}

function idsIn(list: Json): string[] {
  return isArray(list) ? list.flatMap((item) => (isId(item) ? [item] : (idOf(item) ?? []))) : [];
}

function idCollection(rule: Rule | null): string | null {
  if (rule?.rule !== 'object') return null;
  return refCollection(unwrapped(rule.fields._id ?? null));
}

function refCollection(rule: Rule | null): string | null {
  return rule?.rule === 'ref' ? rule.collection : null;
}

function member(value: Json, segment: string): Json {
  if (isArray(value)) return /^\d+$/.test(segment) ? value[Number(segment)] : undefined;
  return isObject(value) ? own(value, segment) : undefined;
}

function idOf(value: Json): string | null {
  const id = isObject(value) ? own(value, '_id') : undefined;
  return isId(id) ? id : null;
}

function isId(value: Json): value is string {
  return typeof value === 'string' && (isObjectId(value) || isUuid(value));
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
