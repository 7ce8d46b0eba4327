/**
 * Looks at one pair of answers beside what is known so far. Nothing is changed until the observation is kept: a pair
 * that would end an agreement may be a read that raced a write, and is better asked again first.
 */
import { blobEqual, strictEqual } from '../../rules/engine/strict.ts';
import { isArray, isObject, type JsonArray, type JsonObject, jsonTypeOf, own } from '../../rules/exact-number.ts';
import type { JsonValue } from '../../types.ts';
import { type Alignment, alignLists } from './align.ts';
import { AGREES, ALL_AGREEMENTS, idFormOf, isExtendedScalar, isStrongId } from './forms.ts';
import { namedBy } from './ids-by-word.ts';
import { type Beside, lookAtLeaf, NOTHING_BESIDE, unitOf } from './look-at-leaf.ts';
import type { Looking } from './observation.ts';
import { type PathNode, VERSION_KEY } from './path-node.ts';
import { formOf } from './told.ts';

type Json = JsonValue | undefined;

/** Nesting beyond this is compared as a whole. */
const DEPTH = 48;
/** An object with more different keys than this has free keys. */
const FIELDS = 120;

/** `guessed`: the two may not belong together, so that nothing is concluded of their ids. */
export function look(
  node: PathNode,
  primary: Json,
  twin: Json,
  looking: Looking,
  guessed = false,
  depth = 0,
  beside: Beside = NOTHING_BESIDE,
): void {
  if (primary === undefined && twin === undefined) return;
  if (primary === undefined || twin === undefined) {
    lookOneSided(node, primary, twin, looking);
    return;
  }
  looking.observation.later(() => {
    const type = jsonTypeOf(primary);
    node.types.set(type, (node.types.get(type) ?? 0) + 1);
  });
  if (depth < DEPTH && isObject(primary) && isObject(twin) && !isExtendedScalar(primary) && !isExtendedScalar(twin)) {
    lookAtObjects(node, primary, twin, looking, guessed, depth);
  } else if (depth < DEPTH && isArray(primary) && isArray(twin)) {
    lookAtLists(node, primary, twin, looking, guessed, depth);
  } else {
    if (kindOf(primary) !== kindOf(twin)) {
      looking.observation.later(() => {
        node.unlike += 1;
      });
    }
    lookAtLeaf(node, primary, twin, looking, guessed, beside);
  }
}

function kindOf(value: JsonValue): 'list' | 'object' | 'value' {
  if (isArray(value)) return 'list';
  return isObject(value) && !isExtendedScalar(value) ? 'object' : 'value';
}

function lookOneSided(node: PathNode, primary: Json, twin: Json, { observation }: Looking): void {
  if (primary === null || twin === null) {
    observation.later(() => {
      node.nullForAbsent += 1;
      node.pairs += 1;
    });
    return;
  }
  if (node.agreements !== 0 && node.oneSided === 0) observation.ends += 1;
  observation.later(() => {
    node.oneSided += 1;
    node.agree(0, false);
    node.tell(formOf(primary, twin, null));
  });
}

function lookAtObjects(
  node: PathNode,
  primary: JsonObject,
  twin: JsonObject,
  looking: Looking,
  guessed: boolean,
  depth: number,
): void {
  const equal = strictEqual(primary, twin);
  const bits = equal ? ALL_AGREEMENTS : blobEqual(primary, twin) ? AGREES.blob : 0;
  const mine = Object.keys(primary);
  const its = Object.keys(twin);
  looking.observation.later(() => {
    node.objects += 1;
    node.agree(bits, equal);
  });
  if (node.values === null && (haveFreeKeys(mine) || haveFreeKeys(its) || (node.children?.size ?? 0) > FIELDS)) {
    node.becomeRecord();
  }
  if (node.values !== null) {
    lookAtRecords(node, primary, twin, looking, guessed, depth);
    return;
  }
  const unit = unitOf(primary, twin);
  for (const key of new Set([...mine, ...its])) {
    if (key !== VERSION_KEY)
      look(node.child(key), own(primary, key), own(twin, key), looking, guessed, depth + 1, {
        unit,
        named: namedBy(key, primary),
      });
  }
}

/** Ids, dates and months, or numbers: what is under one is of the same kind as what is under the next. */
const haveFreeKeys = (keys: readonly string[]): boolean =>
  keys.length > 0 && keys.every((key) => isStrongId(idFormOf(key)) || FREE_KEY.test(key));

const FREE_KEY = /^(?:\d{4}-(?:\d\d|W\d\d|Q[1-4])(?:-\d\d)?(?:[T ][\d:.]+(?:Z|[+-][\d:]+)?)?|\d{1,20})$/;

function lookAtRecords(
  node: PathNode,
  primary: JsonObject,
  twin: JsonObject,
  looking: Looking,
  guessed: boolean,
  depth: number,
): void {
  const mine = Object.keys(primary);
  const free = new Set(Object.keys(twin));
  const partners = new Map<string, string>();
  for (const key of mine) {
    const partner = free.has(key) ? key : node.ids.partnerOf(key)?.twin;
    if (partner === undefined || !free.delete(partner)) continue;
    partners.set(key, partner);
  }
  const unknown = mine.filter((key) => !partners.has(key));
  const rest = [...free];
  const aligned = alignLists(
    unknown.map((key) => own(primary, key) ?? null),
    rest.map((key) => own(twin, key) ?? null),
    () => undefined,
  );
  const sure = new Set<string>();
  for (const { primary: i, twin: j, guessed: unsure } of aligned.pairs) {
    const [key, other] = [unknown[i], rest[j]];
    if (key === undefined || other === undefined) continue;
    partners.set(key, other);
    if (!unsure && !guessed) sure.add(key);
  }
  for (const key of mine) {
    const partner = partners.get(key);
    if (partner === undefined) {
      look(node.value(), own(primary, key), undefined, looking, guessed, depth + 1);
      continue;
    }
    if (sure.has(key)) looking.observation.later(() => node.ids.add(key, partner));
    look(node.value(), own(primary, key), own(twin, partner), looking, guessed, depth + 1);
  }
  const taken = new Set(partners.values());
  for (const key of Object.keys(twin)) {
    if (!taken.has(key)) look(node.value(), undefined, own(twin, key), looking, guessed, depth + 1);
  }
}

function lookAtLists(
  node: PathNode,
  primary: JsonArray,
  twin: JsonArray,
  looking: Looking,
  guessed: boolean,
  depth: number,
): void {
  const { observation } = looking;
  const equal = strictEqual(primary, twin);
  const alignment = alignLists(
    primary,
    twin,
    (path, id) => at(node.item(), path)?.ids.partnerOf(id)?.twin ?? looking.known.partnerOf(id)?.twin,
  );
  const blob = !equal && alignment.inOrder && blobEqual(primary, twin);
  const isWhole = primary.length === twin.length && alignment.pairs.length === primary.length;
  if (!isWhole && node.order.lengths === 0) observation.ends += 1;
  if (startsToMove(node, primary, alignment)) observation.ends += 1;
  observation.later(() => {
    node.lists += 1;
    node.agree(equal ? ALL_AGREEMENTS : blob ? AGREES.blob : 0, equal);
    if (primary.length === twin.length) {
      node.order.see(alignment, looking.query);
      if (alignment.pairs.length < primary.length) {
        node.order.lengths += 1;
        node.tell('other items on the twin');
      }
    } else {
      node.order.lengths += 1;
      node.tell(`${primary.length > twin.length ? 'fewer' : 'more'} items on the twin`);
    }
  });
  const item = node.item();
  for (const { primary: i, twin: j, guessed: unsure } of alignment.pairs) {
    // Beside a row that is lost, a row that only its place speaks for is another one.
    if (unsure && primary.length !== twin.length) continue;
    look(item, primary[i], twin[j], looking, guessed || unsure, depth + 1);
  }
}

/** Many lists in one order and now another: a row may have been written in between. */
function startsToMove(node: PathNode, primary: JsonArray, alignment: Alignment): boolean {
  return primary.length > 1 && !alignment.inOrder && node.order.moved === 0;
}

function at(node: PathNode, path: string): PathNode | undefined {
  if (path === '') return node;
  let found: PathNode | undefined = node;
  for (const name of path.split('.')) found = found?.children?.get(name);
  return found;
}
