/** Page lists of payments in both representations, the same ones on every run. */

import { comparator, instant, jsonb, money, nullable, object, page, ref, text } from '../src/rules/kit.ts';
import type { IdPairs } from '../src/rules/rule.ts';
import type { JsonValue } from '../src/types.ts';

/** As an answer of `GET /api/payments` reads, with the metadata of `GET /api/payments/:id`. */
export const payments = comparator(
  'bench.payments',
  page(
    object({
      _id: ref('payments'),
      reference: text(),
      status: text(),
      provider: text(),
      amount: money('currency'),
      currency: text(),
      fee: nullable(money('currency')),
      chain: nullable(text()),
      txHash: nullable(text()),
      escrow: text(),
      buyer: object({ _id: ref('users'), name: text() }),
      seller: object({ _id: ref('users'), name: text() }),
      offer: nullable(object({ _id: ref('selleroffers'), price: money('currency'), currency: text() })),
      request: nullable(object({ _id: ref('purchaserequests'), title: text() })),
      cartId: nullable(text()),
      note: nullable(text()),
      paidAt: nullable(instant()),
      releasedAt: nullable(instant()),
      createdAt: instant(),
      updatedAt: instant(),
      metadata: nullable(jsonb()),
    }),
    ['-createdAt'],
    { sortParam: 'sort' },
  ),
);

export interface BenchPair {
  readonly primary: Buffer;
  readonly twin: Buffer;
  readonly ids: IdPairs;
}

const NAMES = {
  latin: ['Amelie Brandt', 'Jonas Keller', 'Maria da Silva', 'Owen Price', 'Ines Castillo', 'Tomas Novak'],
  mixed: ['Amelie Brandt', 'سارا محمدی', 'Мария Иванова', 'Owen Price 🚲', 'Ines Castillo', 'Tomáš Novák'],
};
const TITLES = {
  latin: ['A used bicycle with two baskets', 'Desk lamp, brass, about 1960', 'Translation of a contract'],
  mixed: ['A used bicycle with two baskets', 'چراغ رومیزی برنجی', 'Перевод договора, 12 страниц'],
};

/** A page of so many payments. `names`: only ASCII text, or several scripts. */
export function paymentPage(rows: number, names: 'latin' | 'mixed'): BenchPair {
  const random = seeded(rows * 2 + (names === 'latin' ? 0 : 1));
  const pairs = new Pairs(random);
  const [primary, twin]: [JsonValue[], JsonValue[]] = [[], []];
  const people = Array.from({ length: 40 }, (_, i) => ({
    ids: pairs.next('users'),
    name: NAMES[names][i % NAMES[names].length] ?? '',
  }));
  for (let i = 0; i < rows; i++) {
    const [mine, its] = payment(i, random, pairs, people, names);
    primary.push(mine);
    twin.push(its);
  }
  const pagination = { page: 1, limit: rows, total: rows * 7, pages: 7 };
  return {
    primary: Buffer.from(JSON.stringify({ data: primary, pagination })),
    twin: Buffer.from(JSON.stringify({ data: twin, pagination })),
    ids: pairs,
  };
}

interface Person {
  readonly ids: readonly [objectId: string, uuid: string];
  readonly name: string;
}

function payment(
  i: number,
  random: () => number,
  pairs: Pairs,
  people: readonly Person[],
  names: 'latin' | 'mixed',
): [JsonValue, JsonValue] {
  const [id, offer, request] = [pairs.next('payments'), pairs.next('selleroffers'), pairs.next('purchaserequests')];
  const person = (): Person => people[Math.floor(random() * people.length)] ?? { ids: id, name: '' };
  const [buyer, seller] = [person(), person()];
  const cents = 100 + Math.floor(random() * 5_000_000);
  const at = Date.UTC(2026, 4, 28) - i * 61_007;
  const iso = (ms: number) => new Date(ms).toISOString();
  const paid = random() < 0.7;
  const title = TITLES[names][i % 3] ?? '';
  const shared = {
    reference: `PAY-${100_000 + i}`,
    status: paid ? 'completed' : 'pending',
    provider: ['request_network', 'stripe', 'shkeeper'][i % 3] ?? '',
    currency: 'USDC',
    escrow: paid ? 'held' : 'none',
    createdAt: iso(at),
    updatedAt: iso(at + 4_000),
  };
  const hash = `0x${hex(random, 64)}`;
  const decimal = (units: number) =>
    `${Math.floor(units / 100)}.${String(units % 100).padStart(2, '0')}${'0'.repeat(16)}`;
  const blob = (oid: (id: string) => JsonValue, date: (ms: number) => JsonValue): JsonValue => ({
    requestNetworkData: { requestId: hash, paymentReference: hex(random, 16), chainId: 137, at: date(at + 1_000) },
    derivedDestination: { index: i, destination: oid(offer[0]), path: `m/44'/60'/0'/0/${i}` },
    transactionSafety: { confirmations: 12, risk: 0.25, checks: ['amount', 'address', 'replay'] },
  });
  const plainBlob = blob((each) => each, iso);
  const extendedBlob = JSON.parse(JSON.stringify(plainBlob));
  extendedBlob.requestNetworkData.at = { $date: { $numberLong: String(at + 1_000) } };
  extendedBlob.derivedDestination.destination = { $oid: offer[0] };
  const primary: JsonValue = {
    _id: id[0],
    ...shared,
    amount: cents / 100,
    fee: (cents % 997) / 100,
    ...(paid ? { chain: 'polygon', txHash: hash, paidAt: iso(at + 3_000) } : {}),
    buyer: { _id: buyer.ids[0], name: buyer.name },
    seller: { _id: seller.ids[0], name: seller.name },
    offer: { _id: offer[0], price: cents / 100, currency: 'USDC' },
    request: { _id: request[0], title },
    metadata: plainBlob,
    __v: 0,
  };
  const twin: JsonValue = {
    _id: id[1],
    ...shared,
    amount: decimal(cents),
    fee: decimal(cents % 997),
    chain: paid ? 'polygon' : null,
    txHash: paid ? hash : null,
    paidAt: paid ? iso(at + 3_000) : null,
    releasedAt: null,
    cartId: null,
    note: null,
    buyer: { _id: buyer.ids[1], name: buyer.name },
    seller: { _id: seller.ids[1], name: seller.name },
    offer: { _id: offer[1], price: decimal(cents), currency: 'USDC' },
    request: { _id: request[1], title },
    metadata: asJsonb(extendedBlob),
  };
  return [primary, twin];
}

/** `id_map` as a cache holds it: everything is looked up already. */
class Pairs implements IdPairs {
  readonly #random: () => number;
  readonly #uuids = new Map<string, Map<string, string>>();
  readonly #objectIds = new Map<string, Map<string, string>>();

  constructor(random: () => number) {
    this.#random = random;
  }

  next(collection: string): readonly [string, string] {
    const id = hex(this.#random, 24);
    const rest = hex(this.#random, 30);
    const dashed = `${rest.slice(0, 8)}-${rest.slice(8, 12)}-7${rest.slice(12, 15)}-8${rest.slice(15, 18)}-${rest.slice(18)}`;
    const [objectId, uuid] = [flat(id), flat(dashed)];
    mapOf(this.#uuids, collection).set(objectId, uuid);
    mapOf(this.#objectIds, collection).set(uuid, objectId);
    return [objectId, uuid];
  }

  uuidOf(collection: string, objectId: string): string | undefined {
    return this.#uuids.get(collection)?.get(objectId);
  }

  objectIdOf(collection: string, uuid: string): string | undefined {
    return this.#objectIds.get(collection)?.get(uuid);
  }
}

function mapOf(maps: Map<string, Map<string, string>>, collection: string): Map<string, string> {
  let found = maps.get(collection);
  if (found === undefined) {
    found = new Map();
    maps.set(collection, found);
  }
  return found;
}

function hex(random: () => number, length: number): string {
  const bytes = Uint8Array.from({ length: (length + 1) >> 1 }, () => Math.floor(random() * 256));
  return Buffer.from(bytes).toString('hex').slice(0, length);
}

/** A string in one piece, as a cache has it that was filled from a database; not the pieces it was put together from. */
const flat = (text: string): string => Buffer.from(text).toString('latin1');

/** Keys as Postgres' jsonb keeps them: by length, then by bytes. */
export function asJsonb(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(asJsonb);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, asJsonb(item)]));
}

/** Mulberry32: small, and the same numbers everywhere. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
