/**
 * Looks at one pair of answers beside what is known so far. Nothing is changed until the observation is kept: a pair
 * that would end an agreement may be a read that raced a write, and is better asked again first.
 */
import { CURRENCY_SCALES } from '../../rules/currencies.ts';
import { measureOf } from '../../rules/engine/node.ts';
import { positionOf } from '../../rules/engine/ref.ts';
import { blobEqual, strictEqual } from '../../rules/engine/strict.ts';
import { isArray, isObject, type JsonArray, type JsonObject, jsonTypeOf, own } from '../../rules/exact-number.ts';
import type { JsonValue } from '../../types.ts';
import { type Alignment, alignLists } from './align.ts';
import {
  AGREES,
  ALL_AGREEMENTS,
  cursorKeysOf,
  idFormOf,
  idText,
  isExtendedScalar,
  isIdName,
  isStrongId,
  leafAgreement,
} from './forms.ts';
import type { PathNode } from './path-node.ts';
import { formOf } from './told.ts';

export class Observation {
  readonly #changes: (() => void)[] = [];
  /** Agreements that held so far and that this pair would end. */
  ends = 0;

  later(change: () => void): void {
    this.#changes.push(change);
  }

  /** Makes what was seen count. */
  keep(): void {
    for (const change of this.#changes) change();
    this.#changes.length = 0;
  }
}

export interface Looking {
  readonly observation: Observation;
  readonly query: ReadonlyMap<string, string>;
}

type Json = JsonValue | undefined;

/** Nesting beyond this is compared as a whole. */
const DEPTH = 48;
/** An object with more different keys than this has free keys. */
const FIELDS = 120;
/** Mongoose's version key, which no object rule looks at. */
const VERSION_KEY = '__v';

/** `guessed`: the two may not belong together, so that nothing is concluded of their ids. */
export function look(
  node: PathNode,
  primary: Json,
  twin: Json,
  looking: Looking,
  guessed = false,
  depth = 0,
  unit: Unit | null = null,
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
  } else lookAtLeaf(node, primary, twin, looking, guessed, unit);
}

/** The currency that a sibling names, with the decimals of its smallest unit. */
interface Unit {
  readonly field: string;
  readonly scale: number;
}

function unitOf(primary: JsonObject, twin: JsonObject): Unit | null {
  const field = Object.keys(primary).find((key) => /currency$/i.test(key));
  const currency = field === undefined ? undefined : own(primary, field);
  if (field === undefined || typeof currency !== 'string' || own(twin, field) !== currency) return null;
  const scale = Object.hasOwn(CURRENCY_SCALES, currency) ? CURRENCY_SCALES[currency] : undefined;
  return scale === undefined ? null : { field, scale };
}

function lookOneSided(node: PathNode, primary: Json, twin: Json, { observation }: Looking): void {
  if ((primary ?? twin) === null) {
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

function lookAtLeaf(
  node: PathNode,
  primary: JsonValue,
  twin: JsonValue,
  looking: Looking,
  guessed: boolean,
  unit: Unit | null,
): void {
  const { observation } = looking;
  const found = leafAgreement(primary, twin, isIdName(node.name), unit?.scale ?? null);
  const cursor = cursorOf(primary, twin);
  const [mine, its] = cursor === null ? [idText(primary), idText(twin)] : [cursor.primary, cursor.twin];
  const strong = isStrongId(idFormOf(primary)) || isStrongId(idFormOf(twin));
  const { bits } = found;
  let pairing: (() => void) | null = null;
  const holdsIds = cursor !== null || ((bits & AGREES.id) !== 0 && (strong || isIdName(node.name)));
  if (holdsIds && mine !== null && its !== null && !guessed) {
    const relation = node.ids.relation(mine, its);
    if (relation === 'contradiction') {
      // What has been seen once may be the raced read itself; this one has been asked again by whoever looks.
      if (bits !== ALL_AGREEMENTS) observation.ends += 1;
      pairing = () => {
        if (node.ids.replace(mine, its)) node.replaced += 1;
        else node.agreements &= ~(AGREES.id | AGREES.cursor);
      };
    } else pairing = () => node.ids.add(mine, its);
  }
  const left = node.agreements & bits;
  if (left === 0 && node.agreements !== 0) observation.ends += 1;
  observation.later(() => {
    node.agree(bits, bits === ALL_AGREEMENTS);
    if (typeof primary === 'string') node.seeText(primary);
    if (found.decimals !== null) node.seeDecimals(found.decimals);
    if (cursor !== null) node.seeCursorKeys(cursor.keys);
    if (unit !== null && found.decimals !== null) node.currencyField = unit.field;
    pairing?.();
    if ((bits & AGREES.id) !== 0 && typeof twin === 'number') node.idTypes.add('number');
    if ((bits & AGREES.id) !== 0 && typeof twin === 'string') node.idTypes.add('string');
    if (bits !== ALL_AGREEMENTS) node.tell(formOf(primary, twin, measureOf(primary, twin)));
  });
}

/** Two texts that are cursors of one position, with the ids in them. */
function cursorOf(primary: JsonValue, twin: JsonValue) {
  if (typeof primary !== 'string' || typeof twin !== 'string') return null;
  const keys = cursorKeysOf(primary, twin);
  const [kind] = keys;
  const [mine, its] = kind === undefined ? [null, null] : [positionOf(primary, kind), positionOf(twin, kind)];
  return mine === null || its === null ? null : { keys, primary: mine.id, twin: its.id };
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
  if (node.values === null && (haveIdKeys(mine) || haveIdKeys(its) || (node.children?.size ?? 0) > FIELDS)) {
    node.becomeRecord();
  }
  if (node.values !== null) {
    lookAtRecords(node, primary, twin, looking, guessed, depth);
    return;
  }
  const unit = unitOf(primary, twin);
  for (const key of new Set([...mine, ...its])) {
    if (key !== VERSION_KEY)
      look(node.child(key), own(primary, key), own(twin, key), looking, guessed, depth + 1, unit);
  }
}

const haveIdKeys = (keys: readonly string[]): boolean =>
  keys.length > 0 && keys.every((key) => isStrongId(idFormOf(key)));

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
  const alignment = alignLists(primary, twin, (path, id) => at(node.item(), path)?.ids.partnerOf(id)?.twin);
  const blob = !equal && alignment.inOrder && blobEqual(primary, twin);
  if (primary.length !== twin.length && node.order.lengths === 0) observation.ends += 1;
  if (startsToMove(node, primary, alignment)) observation.ends += 1;
  observation.later(() => {
    node.lists += 1;
    node.agree(equal ? ALL_AGREEMENTS : blob ? AGREES.blob : 0, equal);
    if (primary.length === twin.length) node.order.see(alignment, looking.query);
    else {
      node.order.lengths += 1;
      node.tell(`${primary.length > twin.length ? 'fewer' : 'more'} items on the twin`);
    }
  });
  const item = node.item();
  for (const { primary: i, twin: j, guessed: unsure } of alignment.pairs) {
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

/** Where the primary, asked twice, does not agree with itself. */
export function lookForNoise(node: PathNode, first: Json, second: Json, { observation }: Looking): void {
  const walk = (here: PathNode, a: Json, b: Json): void => {
    if (isObject(a) && isObject(b) && !isExtendedScalar(a) && here.values === null) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
        if (key !== VERSION_KEY) walk(here.child(key), own(a, key), own(b, key));
      }
    } else if (isArray(a) && isArray(b) && a.length === b.length) {
      a.forEach((item, i) => {
        walk(here.item(), item, b[i]);
      });
    } else {
      const same = strictEqual(a, b);
      observation.later(() => {
        here.askedTwice += 1;
        if (!same) here.noise += 1;
      });
    }
  };
  walk(node, first, second);
}
