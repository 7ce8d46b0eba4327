/** A JSON body as a tree of places that can be changed. Knows nothing of the comparators: only what amanat.md says of forms. */
import type { Random } from '../../src/amanat/demo/random.ts';
import type { Pair } from './pair.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const isRecord = (value: unknown): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isJsonBody = (pair: Pair): boolean => !pair.route.pattern.endsWith('.csv') || pair.primary.status !== 200;

/** One place in the twin's body, with what the primary has at the same place. */
export interface Place {
  readonly path: readonly (string | number)[];
  readonly key: string;
  readonly value: Json;
  readonly primary: Json | undefined;
  /** The object that holds it. */
  readonly parent: { [key: string]: Json } | null;
  /** Inside a schemaless blob. */
  readonly blob: boolean;
}

const BLOBS = new Set(['metadata', 'settings', 'payload', 'preferences', 'resolution', 'fields']);

export function placesOf(twin: Json, primary: Json | undefined): Place[] {
  const places: Place[] = [];
  const walk = (
    value: Json,
    other: Json | undefined,
    path: readonly (string | number)[],
    key: string,
    parent: Place['parent'],
    blob: boolean,
  ): void => {
    places.push({ path, key, value, primary: other, parent, blob });
    if (Array.isArray(value)) {
      for (const [at, item] of value.entries())
        walk(item, Array.isArray(other) ? other[at] : undefined, [...path, at], key, parent, blob);
    } else if (isRecord(value) && !isDecimalForm(value) && !('$oid' in value) && !('$date' in value)) {
      for (const [name, item] of Object.entries(value)) {
        const there = isRecord(other) && Object.hasOwn(other, name) ? other[name] : undefined;
        walk(item, there, [...path, name], name, value, blob || BLOBS.has(name));
      }
    }
  };
  walk(twin, primary, [], '', null, false);
  return places;
}

interface Body {
  readonly twin: Json;
  readonly places: readonly Place[];
}

const bodies = new WeakMap<Pair, Body>();

/** The twin's body and its places, read once for all operators: frozen, so that none can change it for the others. */
export function bodyOf(pair: Pair): Body {
  let body = bodies.get(pair);
  if (body === undefined) {
    const twin: Json = JSON.parse(pair.twin.text);
    const places = placesOf(twin, JSON.parse(pair.primary.text));
    for (const { value, primary } of places) for (const one of [value, primary]) Object.freeze(one);
    body = { twin, places };
    bodies.set(pair, body);
  }
  return body;
}

/** The body with one place changed, sharing the rest with what it was; `undefined` takes the place out. */
export function changed(
  body: Json,
  path: readonly (string | number)[],
  change: (value: Json) => Json | undefined,
): Json {
  const [step, ...further] = path;
  if (step === undefined) return change(body) ?? null;
  const inner = (held: Json): Json | undefined =>
    further.length === 0 ? change(held) : changed(held, further, change);
  if (Array.isArray(body)) {
    const next = inner(body[Number(step)] ?? null);
    return next === undefined ? body.toSpliced(Number(step), 1) : body.with(Number(step), next);
  }
  if (!isRecord(body)) throw new TypeError(`no place ${step} in ${JSON.stringify(body)}`);
  const { [String(step)]: held, ...rest } = body;
  const next = inner(held ?? null);
  // Keys stay in their order.
  return next === undefined ? rest : { ...body, [String(step)]: next };
}

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const OBJECT_ID = /^[0-9a-f]{24}$/;
export const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const DECIMAL = /^-?\d+(\.\d+)?$/;

export const isDecimalForm = (value: Json | undefined): value is { $numberDecimal: string } =>
  isRecord(value) && typeof value.$numberDecimal === 'string';

/** Names that amanat.md gives to money; where a currency stands beside them, or in an aggregate. */
const MONEY = new Set([
  'amount',
  'fee',
  'price',
  'budget',
  'claimAmount',
  'available',
  'held',
  'total',
  'sum',
  'average',
  'runningBalance',
  'rate',
  'volume',
  'escrowed',
]);

/** The decimal text of a money value in any of its forms; null where the place is no money. */
export function moneyText({ key, value, primary, parent, blob }: Place): string | null {
  if (blob || !MONEY.has(key) || parent === null || !('currency' in parent)) return null;
  if (typeof value === 'number') return Number.isInteger(value) || Math.abs(value) > 1e-6 ? String(value) : null;
  if (isDecimalForm(value)) return value.$numberDecimal;
  return typeof value === 'string' && DECIMAL.test(value) && typeof primary !== 'string' ? value : null;
}

const SCALES: Readonly<Record<string, number>> = { USD: 2, EUR: 2, USDT: 6, USDC: 6, TRX: 6, BTC: 8, ETH: 18 };

export function scaleOf(place: Place): number | null {
  const currency = place.parent?.currency;
  return typeof currency === 'string' ? (SCALES[currency] ?? null) : null;
}

/** `text` plus `units` units of the last of `scale` decimals, exactly. */
export function plusUnits(text: string, scale: number, units: bigint): string {
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const digits = Math.max(scale, fraction.length);
  const magnitude = BigInt(whole + fraction.padEnd(digits, '0'));
  const value = (negative ? -magnitude : magnitude) + units * 10n ** BigInt(digits - scale);
  const plain = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  const body = digits === 0 ? plain : `${plain.slice(0, -digits)}.${plain.slice(-digits)}`;
  return value < 0n ? `-${body}` : body;
}

/** The same money in the form it had. */
export function inForm(value: Json, text: string): Json {
  if (typeof value === 'number') return Number(text);
  return isDecimalForm(value) ? { $numberDecimal: text } : text;
}

export function pickSome<T>(items: readonly T[], random: Random, most: number): T[] {
  const left = [...items];
  const picked: T[] = [];
  while (left.length > 0 && picked.length < most) picked.push(...left.splice(random.below(left.length), 1));
  return picked;
}
