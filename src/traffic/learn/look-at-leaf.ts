/** A pair of single values: in which ways they agree, and which ids or cursors they pair. */
import { CURRENCY_SCALES } from '../../rules/currencies.ts';
import { measureOf } from '../../rules/engine/node.ts';
import { positionOf } from '../../rules/engine/ref.ts';
import { type JsonObject, numberText, own } from '../../rules/exact-number.ts';
import type { JsonValue } from '../../types.ts';
import {
  AGREES,
  ALL_AGREEMENTS,
  couldBePositions,
  cursorKeysOf,
  idFormOf,
  idText,
  isCursorName,
  isIdName,
  isStrongId,
  leafAgreement,
} from './forms.ts';
import type { NamedBy } from './ids-by-word.ts';
import type { Looking } from './observation.ts';
import type { Pairing, PathNode } from './path-node.ts';
import { formOf } from './told.ts';
import { textIdsOf, urlIdsOf } from './url-ids.ts';

/** What other fields of the object say of a value. */
export interface Beside {
  readonly unit: Unit | null;
  readonly named: NamedBy | null;
}

export const NOTHING_BESIDE: Beside = Object.freeze({ unit: null, named: null });

/** The currency that a sibling names, with the decimals of its smallest unit. */
export interface Unit {
  readonly field: string;
  readonly scale: number;
}

export function unitOf(primary: JsonObject, twin: JsonObject): Unit | null {
  const field = Object.keys(primary).find((key) => /currency$/i.test(key));
  const currency = field === undefined ? undefined : own(primary, field);
  if (field === undefined || typeof currency !== 'string' || own(twin, field) !== currency) return null;
  const scale = Object.hasOwn(CURRENCY_SCALES, currency) ? CURRENCY_SCALES[currency] : undefined;
  return scale === undefined ? null : { field, scale };
}

export function lookAtLeaf(
  node: PathNode,
  primary: JsonValue,
  twin: JsonValue,
  looking: Looking,
  guessed: boolean,
  { unit, named }: Beside,
): void {
  const { observation } = looking;
  const cursor = cursorOf(primary, twin);
  const holdsOne = namesOne(node.name) || (cursor === null && couldBePositions(node.name, primary, twin));
  const found = leafAgreement(primary, twin, holdsOne, unit?.scale ?? null);
  const urlIds = urlIdsOf(primary, twin);
  const within = textIdsOf(primary, twin);
  const textIds = urlIds === null ? within : null;
  const [mine, its] = cursor === null ? [idText(primary), idText(twin)] : [cursor.primary, cursor.twin];
  const strong = isStrongId(idFormOf(primary)) || isStrongId(idFormOf(twin));
  // A URL is no id, whatever its field is called.
  const inUrl = urlIds === null || found.bits === ALL_AGREEMENTS ? found.bits : (found.bits & ~AGREES.id) | AGREES.url;
  const bits = textIds === null ? inUrl : inUrl | AGREES.within;
  const pairings: Pairing[] = [];
  const holdsIds = cursor !== null || ((bits & AGREES.id) !== 0 && (strong || holdsOne));
  if (holdsIds && mine !== null && its !== null) {
    if (!guessed) pairings.push({ ids: node.ids, primary: mine, twin: its, proves: AGREES.id | AGREES.cursor });
    else observation.later(() => node.pairByPlace(mine, its));
    if (!guessed) {
      const type = numberText(twin) === null ? 'string' : 'number';
      observation.later(() => node.idsByWord.see(named, mine, its, type));
    }
    if (!guessed && isStrongId(idFormOf(primary))) observation.later(() => looking.known.add(mine, its));
  }
  for (const one of urlIds ?? textIds ?? []) {
    const slot = node.urlSlot(one.slot, one.name);
    if (!guessed)
      pairings.push({ ids: slot.ids, primary: one.primary, twin: one.twin, proves: AGREES.url | AGREES.within });
    if (one.primary !== one.twin) {
      observation.later(() => {
        slot.differs = true;
      });
    }
  }
  // What has been seen once may be the raced read itself; this one has been asked again by whoever looks.
  const ends = (pairing: Pairing): boolean => (node.agreements & pairing.proves) !== 0 && contradicts(pairing);
  if (bits !== ALL_AGREEMENTS && pairings.some(ends)) observation.ends += 1;
  const left = node.agreements & bits;
  if (left === 0 && node.agreements !== 0) observation.ends += 1;
  observation.later(() => {
    node.agree(bits, bits === ALL_AGREEMENTS);
    node.twinForms.see(primary, twin, unit?.scale ?? null);
    if (typeof primary === 'string') node.seeText(primary);
    if (found.decimals !== null) node.seeDecimals(found.decimals);
    if (cursor !== null) node.seeCursorKeys(cursor.keys);
    if (unit !== null && found.decimals !== null) node.currencyField = unit.field;
    for (const pairing of pairings) node.pairUp(pairing);
    if ((bits & AGREES.id) !== 0 && numberText(twin) !== null) node.idTypes.add('number');
    if ((bits & AGREES.id) !== 0 && typeof twin === 'string') node.idTypes.add('string');
    if (bits === ALL_AGREEMENTS) return;
    if (urlIds !== null && typeof primary === 'string' && typeof twin === 'string') looking.origins.see(primary, twin);
    if (within !== null) node.tell('the same text but for ids within it');
    else node.tell(formOf(primary, twin, measureOf(primary, twin)));
  });
}

/** An entity, or a position in a list of them: of either each side may have a name of its own. */
const namesOne = (name: string): boolean => isIdName(name) || isCursorName(name);

const contradicts = ({ ids, primary, twin }: Pairing): boolean => ids.relation(primary, twin) === 'contradiction';

/** Two texts that are cursors of one position, with the ids in them. */
function cursorOf(primary: JsonValue, twin: JsonValue) {
  if (typeof primary !== 'string' || typeof twin !== 'string') return null;
  const keys = cursorKeysOf(primary, twin);
  const [kind] = keys;
  const [mine, its] = kind === undefined ? [null, null] : [positionOf(primary, kind), positionOf(twin, kind)];
  return mine === null || its === null ? null : { keys, primary: mine.id, twin: its.id };
}
