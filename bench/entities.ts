/**
 * The answers under the bench: pages of payments, one page an entity, other bytes for each. The twin prints the same page
 * as Postgres would: in the primary's forms (keys in jsonb's order, null for absent), or in its own (ids with a prefix,
 * decimals of 18 digits, Extended JSON). So no two compared bodies are the same bytes.
 */
import type { JsonValue } from '../src/types.ts';
import { asJsonb, seeded } from './compare-data.ts';

export type Form = 'primary' | 'twin as primary' | 'twin';

/** Which entities are asked for: each once, or as real traffic repeats them (Zipf 1.0 over 10,000). */
export type Repeats = 'none' | 'zipf';

/** Entities that `zipf` draws from. */
const ENTITIES = 10_000;
/** Draws made before they repeat. */
const DRAWS = 65_536;

/** The next request target, for ever. `from` keeps one run's fresh entities apart from another's. */
export function targets(kb: number, repeats: Repeats, from = freshEntities()): () => string {
  if (repeats === 'zipf') {
    const draws = zipfDraws();
    let at = from % DRAWS;
    return () => target(draws[at++ % DRAWS] ?? 0, kb);
  }
  let next = from;
  return () => target(next++, kb);
}

let begun = 0;
/** Far enough from the entities of every other run of this process. */
const freshEntities = (): number => ENTITIES + begun++ * 1_000_000;

const hex8 = (entity: number): string => (entity >>> 0).toString(16).padStart(8, '0');

function target(entity: number, kb: number): string {
  return `/things/${'0'.repeat(16)}${hex8(entity)}?kb=${kb}`;
}

let drawn: Uint16Array | null = null;

/** Ranks by Zipf's law with exponent 1, by inverting its distribution; the same ones on every run. */
export function zipfDraws(): Uint16Array {
  if (drawn !== null) return drawn;
  const sums = new Float64Array(ENTITIES);
  let sum = 0;
  for (let rank = 0; rank < ENTITIES; rank++) {
    sum += 1 / (rank + 1);
    sums[rank] = sum;
  }
  const random = seeded(11);
  drawn = Uint16Array.from({ length: DRAWS }, () => firstAtLeast(sums, random() * sum));
  return drawn;
}

function firstAtLeast(sums: Float64Array, wanted: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Stands in the template where the entity's eight hex digits go. */
const ID_MARK = '@@@@@@@@';
/** Where its amount's eight digits go; a number that JSON can hold. */
const AMOUNT_MARK = '98989898';

interface Template {
  readonly bytes: Buffer;
  readonly ids: readonly number[];
  readonly amounts: readonly number[];
}

const templates = new Map<string, Template>();

/** The body of an entity's page of about so many KB. */
export function bodyOf(entity: number, kb: number, form: Form): Buffer {
  const key = `${kb} ${form}`;
  let template = templates.get(key);
  if (template === undefined) {
    template = templateOf(kb, form);
    templates.set(key, template);
  }
  const body = Buffer.from(template.bytes);
  const id = Buffer.from(hex8(entity), 'latin1');
  const amount = Buffer.from(String(10_000_000 + ((entity * 7_919) % 90_000_000)), 'latin1');
  for (const at of template.ids) body.set(id, at);
  for (const at of template.amounts) body.set(amount, at);
  return body;
}

function templateOf(kb: number, form: Form): Template {
  const rows: JsonValue[] = [];
  for (let size = 0; size < kb * 1_024; ) {
    // By the primary's form, so that all forms have the same rows.
    size += JSON.stringify(payment(rows.length, 'primary')).length + 1;
    rows.push(payment(rows.length, form));
  }
  const page = { data: rows, pagination: { page: 1, limit: rows.length, total: rows.length * 7, pages: 7 } };
  const bytes = Buffer.from(JSON.stringify(form === 'primary' ? page : asJsonb(page)));
  return { bytes, ids: marks(bytes, ID_MARK), amounts: marks(bytes, AMOUNT_MARK) };
}

function marks(bytes: Buffer, mark: string): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) found.push(at);
  return found;
}

const START = Date.UTC(2026, 4, 28);

/** One row; `paid` and unpaid by turns, so that there are fields to be absent. */
function payment(i: number, form: Form): JsonValue {
  const own = form === 'twin';
  const paid = i % 3 !== 0;
  const place = i.toString(16).padStart(16, '0');
  const id = (collection: string, hex: string): string => (own ? `${collection}_${hex}` : hex);
  const money = (digits: string): JsonValue => (own ? `${digits}.25${'0'.repeat(16)}` : Number(`${digits}.25`));
  const iso = (ms: number): string => new Date(ms).toISOString();
  const at = START - i * 61_007;
  const person = (n: number): JsonValue => ({
    _id: id('users', (n % 40).toString(16).padStart(24, 'b')),
    name: ['Amelie Brandt', 'Jonas Keller', 'Maria da Silva', 'Owen Price'][n % 4] ?? '',
  });
  const offer = `${place}0000cafe`;
  const shared = {
    _id: id('payments', `${place}${ID_MARK}`),
    reference: `PAY-${ID_MARK}-${i}`,
    status: paid ? 'completed' : 'pending',
    provider: ['request_network', 'stripe', 'shkeeper'][i % 3] ?? '',
    amount: money(AMOUNT_MARK),
    fee: money(String(100 + i)),
    currency: 'USDC',
    buyer: person(i * 7),
    seller: person(i * 11 + 3),
    createdAt: iso(at),
    updatedAt: iso(at + 4_000),
    metadata: {
      paymentReference: `${place}9f`,
      chainId: 137,
      at: own ? { $date: { $numberLong: String(at + 1_000) } } : iso(at + 1_000),
      offer: own ? { $oid: offer } : offer,
      checks: ['amount', 'address', 'replay'],
      risk: 0.25,
    },
  };
  const hash = `0x${place.repeat(4)}`;
  if (form !== 'primary')
    return { ...shared, txHash: paid ? hash : null, paidAt: paid ? iso(at + 3_000) : null, note: null };
  return paid ? { ...shared, txHash: hash, paidAt: iso(at + 3_000), __v: 0 } : { ...shared, __v: 0 };
}

/** The rules of these pages, and how their ids are paired, in the words of a config. */
export const ENTITY_RULES = `{ page: { object: { _id: { ref: payments }, reference: text, status: text, provider: text, amount: { money: currency }, fee: { money: currency }, currency: text, buyer: { object: { _id: { ref: users }, name: text } }, seller: { object: { _id: { ref: users }, name: text } }, createdAt: instant, updatedAt: instant, metadata: jsonb, txHash: text?, paidAt: instant?, note: text? } }, by: [-createdAt], sortParam: sort }`;
export const ENTITY_IDS = `{ payments: { by: rule, rule: { prefix: payments_ } }, users: { by: rule, rule: { prefix: users_ } } }`;
