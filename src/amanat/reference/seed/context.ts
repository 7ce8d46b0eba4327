/** What the seed of a domain is made with. The same seed and size give the same documents on every machine. */
import { createHash } from 'node:crypto';
import { ObjectId } from 'mongodb';
import { type CollectionName, collectionNames, countOf, type SeedSize } from './counts.ts';
import { Prng } from './prng.ts';

export type { CollectionName, SeedSize } from './counts.ts';
export { Prng } from './prng.ts';
export { personName, sentence, words } from './texts.ts';

export interface SeedDocument {
  readonly collection: CollectionName;
  readonly doc: Record<string, unknown>;
}

export interface SeedOptions {
  readonly seed: number;
  readonly size: SeedSize;
  /** Also make documents that Postgres cannot hold, which a backfill must reject with a reason. */
  readonly rejects?: boolean;
}

/** The seed's "now": every instant of the data lies before it, unless it is an expiry or a deadline. */
const SEED_EPOCH = new Date('2026-06-01T00:00:00.000Z');

/** The data spans so many days before the epoch. */
const SPAN_MS = 700 * 86_400_000;

/** Users 0, 1 and 2 are admins; of the others about a third are sellers (`index % 3 === 0`), the rest buyers. */
export const ADMINS = 3;
export const isAdmin = (user: number): boolean => user < ADMINS;
export const isSeller = (user: number): boolean => user >= ADMINS && user % 3 === 0;

export interface SeedContext {
  readonly seed: number;
  readonly size: SeedSize;
  readonly rejects: boolean;
  readonly epoch: Date;
  count(collection: CollectionName): number;
  /** Id of the collection's document number `index`; ids of one collection are ordered by index and by `createdAt`. */
  oid(collection: CollectionName, index: number): ObjectId;
  /** Instant of creation that the id carries (to the second), ascending by index, now and then the same twice. */
  createdAt(collection: CollectionName, index: number): Date;
  /** A generator for each label, so that numbers drawn for others do not change it. */
  random(...labels: readonly (string | number)[]): Prng;
  /** The id of any document of the collection, the early ones more often: real traffic has favourites. */
  pick(collection: CollectionName, random: Prng): ObjectId;
  /** Index of a user who sells (see `isSeller`). */
  seller(random: Prng): number;
  /** Index of a user who is neither admin nor seller. */
  buyer(random: Prng): number;
  /** An ObjectId that no document has, as a reference to a deleted document has. */
  gone(collection: CollectionName, index: number): ObjectId;
}

export function createSeedContext(options: SeedOptions): SeedContext {
  const { seed, size } = options;
  const count = (collection: CollectionName): number => countOf(collection, size);
  const fixed = new Map(
    collectionNames.map((name) => [name, createHash('sha256').update(`${seed}/${name}`).digest('hex').slice(0, 10)]),
  );
  // A document is referred to again and again, and its instant takes a generator of its own.
  const instants = new Map(collectionNames.map((name) => [name, new Map<number, number>()]));
  const createdAt = (collection: CollectionName, index: number): Date => {
    const known = instants.get(collection);
    const instant = known?.get(index) ?? instantOf(collection, index);
    known?.set(index, instant);
    return new Date(instant);
  };
  const instantOf = (collection: CollectionName, index: number): number => {
    const step = SPAN_MS / (count(collection) + 1);
    // Every eleventh shares its instant with the one before it, so that orders have ties.
    const at = index % 11 === 10 ? index - 1 : index;
    const jitter = new Prng(seed, 'createdAt', collection, at).next() * 0.8;
    return Math.floor(SEED_EPOCH.getTime() - SPAN_MS + (at + jitter) * step);
  };
  const idAt = (collection: CollectionName, at: Date, counter: number): ObjectId => {
    const seconds = Math.floor(at.getTime() / 1000)
      .toString(16)
      .padStart(8, '0');
    return new ObjectId(`${seconds}${fixed.get(collection) ?? '0000000000'}${counter.toString(16).padStart(6, '0')}`);
  };
  return Object.freeze({
    seed,
    size,
    rejects: options.rejects ?? false,
    epoch: SEED_EPOCH,
    count,
    createdAt,
    oid: (collection: CollectionName, index: number) => idAt(collection, createdAt(collection, index), index),
    gone: (collection: CollectionName, index: number) =>
      idAt(collection, createdAt(collection, index % count(collection)), 0xf0_00_00 + (index % 0xf_ff_ff)),
    random: (...labels: readonly (string | number)[]) => new Prng(seed, ...labels),
    pick(collection: CollectionName, random: Prng) {
      const index = Math.floor(random.next() ** 2 * count(collection));
      return idAt(collection, createdAt(collection, index), index);
    },
    seller(random: Prng) {
      const sellers = Math.floor((count('users') - 1) / 3);
      return 3 * random.int(1, sellers);
    },
    buyer(random: Prng) {
      const user = random.int(ADMINS + 1, count('users') - 1);
      return user % 3 === 0 ? user + (user + 1 < count('users') ? 1 : -1) : user;
    },
  });
}

/** An id for an embedded element, made at `at`. */
export function objectIdAt(at: Date, random: Prng): ObjectId {
  const seconds = Math.max(0, Math.floor(at.getTime() / 1000))
    .toString(16)
    .padStart(8, '0');
  return new ObjectId(seconds + random.hex(16));
}
