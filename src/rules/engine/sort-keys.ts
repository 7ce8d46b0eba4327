/** The keys that a list is sorted by: the request's sort parameter, else the rule's own keys. */

import type { Side } from '../../types.ts';
import { canonicalJson, isObject, type JsonArray, own } from '../exact-number.ts';
import type { Order } from '../rule.ts';
import { strictNode } from './describe-strict.ts';
import type { Json, Node } from './node.ts';
import type { Run } from './run.ts';
import { fieldName, sortKeysIn } from './sort-param.ts';

interface SortKey {
  readonly path: readonly string[];
  /** The field's own rule; strict where the item's rules do not name it. */
  readonly node: Node;
  readonly named: boolean;
}

/** Text of an item's sort keys: equal text, equal place. */
export type KeyText = (side: Side, item: Json, run: Run) => string;

const MAX_KEYS = 8;

/** Chooses the keys of one request for a list of items of this rule. */
export function sortKeysOf(item: Node, order: Extract<Order, { kind: 'keyed' }>) {
  const defaults = readKeys(order.by.map(fieldName), item);
  return (primary: JsonArray, twin: JsonArray, run: Run): KeyText => {
    const requested = order.sortParam === undefined ? [] : sortKeysIn(run.context.query, order.sortParam);
    const keys = requested.length === 0 ? defaults : readKeys(requested, item);
    return keyText(keys.length > 0 && isVisible(keys, primary, twin) ? keys : defaults);
  };
}

/**
 * The places whose item has the same sort keys as the one before, as printed: by the request's sort parameter, else by
 * the rule's own keys. Of one side's answer, which prints one meaning one way.
 */
export function tiesOf(order: Extract<Order, { kind: 'keyed' }>) {
  return (list: JsonArray, query: ReadonlyMap<string, string>): number[] => {
    const { requested, defaults } = sortPaths(order, query);
    const visible =
      requested.length > 0 && requested.every((path) => list.some((item) => at(item, path) !== undefined));
    const paths = visible ? requested : defaults;
    const tied: number[] = [];
    for (let i = 1; i < list.length; i += 1) {
      if (paths.every((path) => isSamePrinted(at(list[i], path), at(list[i - 1], path)))) tied.push(i);
    }
    return tied;
  };
}

/** The keys that a request sorts by, and the rule's own. */
export function sortPaths(order: Extract<Order, { kind: 'keyed' }>, query: ReadonlyMap<string, string>) {
  const requested = order.sortParam === undefined ? [] : pathsOf(sortKeysIn(query, order.sortParam));
  return { requested, defaults: pathsOf(order.by.map(fieldName)) };
}

/** Both stores sort an absent field as null. */
function isSamePrinted(one: Json, other: Json): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' && typeof other !== 'object') return (one ?? null) === (other ?? null);
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}

function pathsOf(names: readonly string[]): string[][] {
  return names
    .slice(0, MAX_KEYS)
    .map((name) => name.split('.'))
    .filter((path) => path[0] !== '' && path.length <= MAX_KEYS);
}

/**
 * A key that no rule names and no item has tells nothing about ties. The default order holds then, so that a
 * permutation is reported. A named field may be absent everywhere: those items are all ties.
 */
function isVisible(keys: readonly SortKey[], primary: JsonArray, twin: JsonArray): boolean {
  const shows = (key: SortKey) => (item: Json) => at(item, key.path) !== undefined;
  return keys.every((key) => key.named || primary.some(shows(key)) || twin.some(shows(key)));
}

function readKeys(names: readonly string[], item: Node): SortKey[] {
  const keys: SortKey[] = [];
  for (const path of pathsOf(names)) {
    const field = fieldAt(item, path);
    keys.push({ path, node: field ?? strictNode, named: field !== null });
  }
  return keys;
}

function fieldAt(item: Node, path: readonly string[]): Node | null {
  let found: Node | undefined = item;
  for (const segment of path) {
    found = found?.fields?.get(segment);
    if (found === undefined) return null;
  }
  return found;
}

function keyText(keys: readonly SortKey[]): KeyText {
  return (side, item, run) =>
    JSON.stringify(
      keys.map((key) => {
        const value = at(item, key.path);
        // Both stores sort an absent field as null.
        if (value === undefined || value === null) return null;
        const owner = at(item, key.path.slice(0, -1));
        // Within a tolerance two values are alike, and no tie: neither store sorts them as one.
        if (!key.node.exact) return canonicalJson(value);
        return key.node.meaning(side, value, run, isObject(owner) ? owner : null);
      }),
    );
}

function at(item: Json, path: readonly string[]): Json {
  let value = item;
  for (const segment of path) value = isObject(value) ? own(value, segment) : undefined;
  return value;
}
