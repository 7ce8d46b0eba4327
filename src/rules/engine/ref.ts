/** Ids of entities, and cursors, which carry one. Never does any id equal any id. */
import type { Measure } from '../../types.ts';
import { canonicalDecimal } from '../decimal.ts';
import { canonicalJson, isObject, numberText, own } from '../exact-number.ts';
import { parseInstant } from '../instant.ts';
import type { IdValue } from '../rule.ts';
import { describeStrict } from './describe-strict.ts';
import { sameValueNode } from './leaves.ts';
import { addLeaf, type Json, type Node, node, type Parent, parentAt } from './node.ts';
import { isObjectId, type Run } from './run.ts';
import { strictEqual } from './strict.ts';
import { takesSame } from './text-pair.ts';

/** An id of an entity: the same text, or in the twin's own forms an ObjectId and the uuid that `id_map` pairs with it. */
export function refNode(collection: string): Node {
  const equal = (primary: Json, twin: Json, run: Run): boolean =>
    run.relates(collection)
      ? relatedEqual(collection, primary, twin, run)
      : mappedEqual(collection, primary, twin, run);
  return node('ref', {
    // The same text may be two entities' where pairs are known by what was seen.
    plain: false,
    equal,
    // Who keeps an id keeps a text of its own.
    equalText: (primary, twin, run) =>
      run.relates(collection)
        ? relatedEqual(collection, primary.part(), twin.part(), run)
        : (!run.twinForms && takesSame(primary, twin)) || mappedEqual(collection, primary.part(), twin.part(), run),
    describe(primary, twin, run, _parent, at, out) {
      if (equal(primary, twin, run)) return;
      const [mine, its] = [idValue(primary), idValue(twin)];
      if (run.relates(collection) && mine !== null && its !== null) {
        addLeaf(at, 'ref', primary, twin, out, relatedMeasure(collection, mine, its, run));
      } else if (typeof primary !== 'string' || typeof twin !== 'string')
        describeStrict('ref', primary, twin, at, out, run);
      else addLeaf(at, 'ref', primary, twin, out, entityMeasure(collection, primary, twin, run));
    },
    meaning(side, value, run) {
      const id = run.relates(collection) ? idValue(value) : null;
      if (id !== null) return run.entity(side, collection, id.text);
      return typeof value === 'string' ? run.entity(side, collection, value) : canonicalJson(value);
    },
  });
}

/** An id of the collection that a field beside it names; one of no collection that the rule knows is a value like any other. */
export function refByNode(by: string, of: Readonly<Record<string, string>>): Node {
  const refs = new Map(Object.entries(of).map(([word, collection]) => [word, refNode(collection)] as const));
  const ofParent = (parent: Parent): Node => {
    const word = parent === null ? undefined : own(parent, by);
    return refs.get(typeof word === 'string' ? word : (numberText(word) ?? '')) ?? UNNAMED;
  };
  return node('ref', {
    plain: false,
    asksParent: true,
    equal: (primary, twin, run, parent) => ofParent(parent).equal(primary, twin, run, parent),
    equalText: (primary, twin, run, parent) =>
      ofParent(parentAt(primary, parent, { asksParent: true })).equalText(primary, twin, run, parent),
    describe: (primary, twin, run, parent, at, out) => ofParent(parent).describe(primary, twin, run, parent, at, out),
    meaning: (side, value, run, parent) => ofParent(parent).meaning(side, value, run, parent),
  });
}

const UNNAMED = sameValueNode('ref');

/** The same text, or two that `id_map` pairs. */
function mappedEqual(collection: string, primary: Json, twin: Json, run: Run): boolean {
  if (primary === twin) return true;
  if (typeof primary !== 'string' || typeof twin !== 'string') return strictEqual(primary, twin);
  if (!run.twinForms) return false;
  const relation = run.pairMapped(collection, primary, twin);
  return relation === 'same' || relation === 'pending';
}

/** Ids of any JSON type, composite ones as well. */
function relatedEqual(collection: string, primary: Json, twin: Json, run: Run): boolean {
  const [mine, its] = [idValue(primary), idValue(twin)];
  if (mine === null || its === null) return strictEqual(primary, twin);
  const relation = run.relate(collection, mine, its);
  return relation === 'same' || relation === 'pending';
}

function idValue(value: Json): IdValue | null {
  if (value === undefined || value === null || typeof value === 'boolean') return null;
  if (typeof value === 'string') return { text: value, type: 'string' };
  const number = numberText(value);
  return number === null ? { text: canonicalJson(value), type: 'object' } : { text: number, type: 'number' };
}

function relatedMeasure(collection: string, mine: IdValue, its: IdValue, run: Run): Measure | null {
  const { ids } = run.context;
  if (ids.uuidOf(collection, mine.text) === its.text) return null;
  if (typeof ids.objectIdOf(collection, its.text) === 'string') return { of: 'entity', how: 'wrong_known' };
  const isNew = ids.looksUp?.(collection) !== true && ids.uuidOf(collection, mine.text) === undefined;
  return { of: 'entity', how: isNew ? 'collision' : 'unknown' };
}

function entityMeasure(collection: string, primary: string, twin: string, run: Run): Measure {
  if (!run.twinForms) return { of: 'entity', how: isObjectId(twin) ? 'wrong_known' : 'unknown' };
  if (run.pair(collection, primary, twin) === 'collision') return { of: 'entity', how: 'collision' };
  return { of: 'entity', how: run.isKnown(collection, twin) ? 'wrong_known' : 'unknown' };
}

interface Position {
  /** The sort key by its meaning: milliseconds, canonical decimal, or the text. */
  readonly key: string;
  readonly id: string;
}

/** Opaque cursors: base64url of `{"k": sort key, "id": id}`, equal when they denote the same position. */
export function cursorNode(key: 'instant' | 'number' | 'text', collection: string): Node {
  const equal = (primary: Json, twin: Json, run: Run): boolean => {
    if (primary === twin) return true;
    if (typeof primary !== 'string' || typeof twin !== 'string') return strictEqual(primary, twin);
    const mine = positionOf(primary, key);
    const its = positionOf(twin, key);
    if (mine === null || its === null || mine.key !== its.key) return false;
    if (mine.id === its.id) return true;
    if (!run.twinForms) return false;
    const relation = run.pair(collection, mine.id, its.id);
    return relation === 'same' || relation === 'pending';
  };
  return node('cursor', {
    equal,
    describe(primary, twin, run, _parent, at, out) {
      if (equal(primary, twin, run)) return;
      const mine = typeof primary === 'string' ? positionOf(primary, key) : null;
      const its = typeof twin === 'string' ? positionOf(twin, key) : null;
      if (mine === null || its === null) addLeaf(at, 'cursor', primary, twin, out);
      else addLeaf(at, 'cursor', primary, twin, out, cursorMeasure(mine, its, key, collection, run));
    },
    meaning(side, value, run) {
      const position = typeof value === 'string' ? positionOf(value, key) : null;
      if (position === null) return canonicalJson(value);
      return `^${JSON.stringify(position.key)}:${run.entity(side, collection, position.id)}`;
    },
  });
}

function cursorMeasure(
  mine: Position,
  its: Position,
  key: 'instant' | 'number' | 'text',
  collection: string,
  run: Run,
): Measure {
  if (mine.key === its.key) return entityMeasure(collection, mine.id, its.id, run);
  if (key === 'instant') return { of: 'instant', shiftMs: Number(its.key) - Number(mine.key) };
  return { of: 'none' };
}

/** Where a cursor stands; null for what is none. */
export function positionOf(cursor: string, key: 'instant' | 'number' | 'text'): Position | null {
  if (!/^[A-Za-z0-9_-]{1,4096}$/.test(cursor)) return null;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  // Nearly all that looks like a cursor is an id: to let the parser throw at each costs fifty times as much.
  if (!/^\s*\{/.test(text)) return null;
  let parsed: Json;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(parsed)) return null;
  const given = own(parsed, 'id');
  const id = typeof given === 'string' ? given : numberText(given);
  const meaning = keyMeaning(own(parsed, 'k'), key);
  return id !== null && meaning !== null ? { key: meaning, id } : null;
}

function keyMeaning(value: Json, key: 'instant' | 'number' | 'text'): string | null {
  if (value === null) return 'null';
  switch (key) {
    case 'instant': {
      const ms = typeof value === 'string' ? parseInstant(value) : null;
      return ms === null ? null : String(ms);
    }
    case 'number': {
      const text = typeof value === 'string' ? value : numberText(value);
      return text === null ? null : canonicalDecimal(text);
    }
    case 'text':
      return typeof value === 'string' ? `"${value}` : null;
  }
}
