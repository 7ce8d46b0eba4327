/**
 * In which ways two values of one place agree. A value pair gives a set of agreements (bits); what every pair of a path
 * shares is what a rule may be drafted from. Equal values agree in every way, as they do under every rule.
 */
import { parseDecimal, sameDecimal, withinHalfUnit } from '../../rules/decimal.ts';
import { positionOf } from '../../rules/engine/ref.ts';
import { blobEqual, strictEqual } from '../../rules/engine/strict.ts';
import { isObject, numberText, own } from '../../rules/exact-number.ts';
import { parseInstant } from '../../rules/instant.ts';
import type { JsonValue } from '../../types.ts';

export const AGREES = Object.freeze({
  /** The same JSON value. */
  equal: 1,
  /** The same millisecond in another spelling. */
  instant: 2,
  /** The same decimal in another form: `10.5`, `"10.50"`, `{"$numberDecimal": "10.5"}`. */
  decimal: 4,
  /** Equal after rounding to the decimals that the shorter of the two shows. */
  rounded: 8,
  /** JSON numbers, not both whole, that differ in what floating-point arithmetic leaves: within 1e-9 relative, and 1e-6. */
  ratio: 16,
  /** Ids of two kinds; whether always the same partner is the id table's to say. */
  id: 32,
  /** URLs that differ in nothing but scheme, host, port and ids; whose partner an id is, is the id table's to say. */
  url: 64,
  /** Extended JSON of the same value. */
  blob: 128,
  /** Equal after rounding to the smallest unit of the currency that a sibling names. */
  currency: 256,
  /** At most half of that unit apart. */
  halfUnit: 512,
  /** Cursors of the same position; whose id is whose partner is the id table's to say. */
  cursor: 1024,
  /** Texts that differ in nothing but ids within them; whose partner an id is, is the id table's to say. */
  within: 2048,
});

export const ALL_AGREEMENTS = 4095;
export type Agreement = keyof typeof AGREES;

/** From the strictest to the loosest: the first that every pair shares becomes the rule. */
export const BY_STRICTNESS: readonly Agreement[] = [
  'equal',
  'instant',
  'decimal',
  'id',
  'url',
  'within',
  'cursor',
  'currency',
  'rounded',
  'halfUnit',
  'ratio',
  'blob',
];

export type IdForm = 'objectId' | 'uuid' | 'integer' | 'text';

const OBJECT_ID = /^[0-9a-f]{24}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const INTEGER = /^(0|[1-9]\d{0,18})$/;
/** Also past 2^53, where a double would be another id. */
const WHOLE = /^-?\d{1,40}$/;
/** As a number prints; `007` is a text. */
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;

/** What sort of id a value may be by its form; null for what is none. */
export function idFormOf(value: JsonValue | undefined): IdForm | null {
  const number = numberText(value);
  if (number !== null) return INTEGER.test(number) ? 'integer' : null;
  if (typeof value !== 'string') return null;
  if (OBJECT_ID.test(value)) return 'objectId';
  if (UUID.test(value)) return 'uuid';
  if (INTEGER.test(value)) return 'integer';
  return value !== '' && value.length <= 128 && !/\s/.test(value) ? 'text' : null;
}

/** A form that nothing but an id has. */
export const isStrongId = (form: IdForm | null): boolean => form === 'objectId' || form === 'uuid';

/** The text of an id, whichever JSON type it has; null for what can be none. */
export function idText(value: JsonValue | undefined): string | null {
  if (typeof value === 'string') return value;
  const number = numberText(value);
  return number !== null && WHOLE.test(number) ? number : null;
}

/** `{"$oid"}`, `{"$date"}`, `{"$numberDecimal"}`: one value, whatever its braces. */
export function isExtendedScalar(value: JsonValue | undefined): boolean {
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === '$oid' || keys[0] === '$date' || keys[0] === '$numberDecimal');
}

/** The decimal text of a number in any of its forms; null for what is none. */
export function decimalTextOf(value: JsonValue | undefined): string | null {
  if (typeof value === 'string') return DECIMAL.test(value) ? value : null;
  if (isObject(value)) {
    const inner = own(value, '$numberDecimal');
    return typeof inner === 'string' && isExtendedScalar(value) && DECIMAL.test(inner) ? inner : null;
  }
  return numberText(value);
}

export interface LeafAgreement {
  readonly bits: number;
  readonly decimals: Decimals | null;
}

/** Of two decimals: the digits after the point that the longer and the shorter show, and to how many they agree. */
export interface Decimals {
  readonly longer: number;
  readonly shorter: number;
  readonly agreeTo: number;
}

const NOTHING: LeafAgreement = Object.freeze({ bits: 0, decimals: null });

/**
 * How two values agree, but for URLs (`urlIdsOf`). `idNamed`: the field's name says that it holds an id. `unitScale`: decimals of the smallest unit
 * of the currency beside it.
 */
export function leafAgreement(
  primary: JsonValue,
  twin: JsonValue,
  idNamed: boolean,
  unitScale: number | null = null,
): LeafAgreement {
  const decimals = decimalsOf(primary, twin);
  if (strictEqual(primary, twin)) return { bits: ALL_AGREEMENTS, decimals };
  let bits = blobEqual(primary, twin) ? AGREES.blob : 0;
  if (decimals !== null) bits |= numericBits(primary, twin, decimals);
  if (unitScale !== null) bits |= currencyBits(primary, twin, unitScale);
  if (typeof primary === 'string' && typeof twin === 'string') {
    if (cursorKeysOf(primary, twin).length > 0) bits |= AGREES.cursor;
    const ms = parseInstant(primary);
    if (ms !== null && ms === parseInstant(twin)) bits |= AGREES.instant;
  }
  if (couldBeIds(primary, twin, idNamed)) bits |= AGREES.id;
  return bits === 0 && decimals === null ? NOTHING : { bits, decimals };
}

/** More decimals than any currency's smallest unit has. */
const FINEST = 20;

function decimalsOf(primary: JsonValue, twin: JsonValue): Decimals | null {
  const [mine, its] = [decimalTextOf(primary), decimalTextOf(twin)];
  if (mine === null || its === null) return null;
  const [a, b] = [parseDecimal(mine), parseDecimal(its)];
  if (a === null || b === null || typeof a === 'string' || typeof b === 'string') return null;
  const [longer, shorter] = [Math.max(a.scale, b.scale), Math.min(a.scale, b.scale)];
  if (sameDecimal(a, b, null)) return { longer, shorter, agreeTo: FINEST };
  let agreeTo = -1;
  while (agreeTo < FINEST && sameDecimal(a, b, agreeTo + 1)) agreeTo += 1;
  return { longer, shorter, agreeTo };
}

function numericBits(primary: JsonValue, twin: JsonValue, { shorter, agreeTo }: Decimals): number {
  if (agreeTo === FINEST) return AGREES.decimal | AGREES.rounded;
  // A whole number beside a fraction says nothing of the decimals that both would show.
  let bits = shorter > 0 && agreeTo >= shorter ? AGREES.rounded : 0;
  if (typeof primary === 'number' && typeof twin === 'number' && isFloatNoise(primary, twin)) bits |= AGREES.ratio;
  return bits;
}

/** Of amounts of billions a cent is less than 1e-9, and of clocks in milliseconds a second. */
function isFloatNoise(primary: number, twin: number): boolean {
  if (Number.isInteger(primary) && Number.isInteger(twin)) return false;
  const apart = Math.abs(primary - twin);
  const largest = Math.max(Math.abs(primary), Math.abs(twin));
  return apart <= 1e-9 * largest && apart <= Math.max(1e-6, 8 * Number.EPSILON * largest);
}

function currencyBits(primary: JsonValue, twin: JsonValue, scale: number): number {
  const [mine, its] = [decimalTextOf(primary), decimalTextOf(twin)];
  const [a, b] = [mine === null ? null : parseDecimal(mine), its === null ? null : parseDecimal(its)];
  if (a === null || b === null) return 0;
  return (sameDecimal(a, b, scale) ? AGREES.currency : 0) | (withinHalfUnit(a, b, scale) ? AGREES.halfUnit : 0);
}

/** Kinds of sort keys in a cursor, the narrowest first. */
export const CURSOR_KEYS = ['instant', 'number', 'text'] as const;

/** By which kinds of sort keys two texts are cursors of one position. */
export function cursorKeysOf(primary: string, twin: string): readonly (typeof CURSOR_KEYS)[number][] {
  if (primary.length < 12 || twin.length < 12) return [];
  return CURSOR_KEYS.filter((kind) => {
    const mine = positionOf(primary, kind);
    return mine !== null && mine.key === positionOf(twin, kind)?.key;
  });
}

/** An ObjectId or uuid on one side is an id wherever it stands; anything else only where the name says so. */
function couldBeIds(primary: JsonValue, twin: JsonValue, idNamed: boolean): boolean {
  const [mine, its] = [idFormOf(primary), idFormOf(twin)];
  if (mine === null || its === null) return false;
  return isStrongId(mine) || isStrongId(its) || idNamed;
}

/**
 * Two opaque texts under a name that often holds a position (`next`). Where that may as well be a page's number, an
 * instant or a URL, the name alone says nothing.
 */
export function couldBePositions(name: string, primary: JsonValue, twin: JsonValue): boolean {
  return NEXT.test(name) && isOpaque(primary) && isOpaque(twin);
}

const NEXT = /^(next|prev|previous|continuation)(_?page|_?key)?$|^(start|search)_?after$/i;
const OPAQUE = /^(?=.*\d)[\w+/=-]{10,}$|^(?=.*[a-z])(?=.*[A-Z])[\w+/=-]{10,}$/;
const isOpaque = (value: JsonValue): boolean =>
  typeof value === 'string' && OPAQUE.test(value) && !/^\d+$/.test(value) && !/^\d{4}-\d\d/.test(value);

/** `_id`, `id`, `userId`, `user_id`, `uuid`, `parentIds`, `ID`, `orderID`. */
export const isIdName = (name: string): boolean =>
  /^_?(id|uuid|guid)s?$/i.test(name) ||
  /Ids?$|_ids?$|_IDS?$|(?<=[a-z])IDs?$|(?:Uui|Gui|Uli)d$|(?<=[a-z])(?:UUID|GUID|ULID)$|_(?:uuid|guid|ulid)$/.test(name);

/** `cursor`, `nextCursor`, `end_cursor`, `nextPageToken`: a position, which each side writes in its own way. */
export const isCursorName = (name: string): boolean => /(^|_)cursor$|Cursor$|(page|continuation)_?token$/i.test(name);
