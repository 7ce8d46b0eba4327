/**
 * How many names of a kind a route may have in the journal. A name comes from what clients ask and sides answer, so
 * without a bound one route with random keys would fill every list; what finds no room counts under one more name.
 */
import type postgres from 'postgres';
import { OTHERS } from '../rules/digest.ts';
import { jsonFor } from './text.ts';

export interface RouteBounds {
  readonly fingerprints: number;
  readonly shapes: number;
  readonly noisyPaths: number;
}

export const PER_ROUTE: RouteBounds = { fingerprints: 100, shapes: 300, noisyPaths: 100 };

/** A shape without room; the journal has called it so from the start. */
export const OVERFLOW = '(overflow)';

export interface Name {
  readonly route: string;
  readonly name: string;
}

/** Finds out which names are held already, and how many their routes have. */
type Look = (sql: postgres.ISql, json: string) => PromiseLike<readonly Held[]>;
interface Held extends Name {
  readonly known: boolean;
  readonly held: number;
}

/** Most names that are remembered as held; others are looked up again. */
const MOST_REMEMBERED = 50_000;

/**
 * The room for one kind of name. Replicas that bring new names at the same moment may together exceed the bound a
 * little.
 */
export class Room {
  readonly #most: number;
  readonly #look: Look;
  readonly #known = new Set<string>();

  constructor(most: number, look: Look) {
    this.#most = most;
    this.#look = look;
  }

  /** The names for which there is no room; of several new names the first ones get it. */
  async without(sql: postgres.ISql, names: readonly Name[]): Promise<ReadonlySet<string>> {
    const wanted = new Map<string, Name>();
    for (const one of names) if (!this.#known.has(keyOf(one))) wanted.set(keyOf(one), one);
    const none = new Set<string>();
    if (wanted.size === 0) return none;
    const left = new Map<string, number>();
    const rows = await this.#look(sql, jsonFor([...wanted.values()]));
    const known = new Set(rows.filter((row) => row.known).map(keyOf));
    for (const { route, held } of rows) left.set(route, Math.max(0, this.#most - held));
    for (const [key, { route }] of wanted) {
      const room = left.get(route) ?? 0;
      if (!known.has(key) && room === 0) {
        none.add(key);
        continue;
      }
      if (!known.has(key)) left.set(route, room - 1);
      if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
      this.#known.add(key);
    }
    return none;
  }

  forget(): void {
    this.#known.clear();
  }
}

export function keyOf({ route, name }: Name): string {
  return `${route}\0${name}`;
}

export const fingerprintRoom = (most: number): Room =>
  new Room(
    most,
    (sql, json) => sql<Held[]>`
      select w.route, w.name, f.fingerprint is not null as known, h.n as held
      from jsonb_to_recordset(${json}::text::jsonb) as w(route text, name text)
      left join shadowread.fingerprints f on f.fingerprint = w.name
      join lateral (select count(*)::int as n from shadowread.fingerprints x where x.route = w.route and not x.others) h on true`,
  );

/** Most separate faults of one domain; repaired ones make room. */
export const FAULTS_OF_DOMAIN = 1_000;

/** For faults the limit is per domain instead of per route. */
export const faultRoom = (most: number): Room =>
  new Room(
    most,
    (sql, json) => sql<Held[]>`
      select w.route, w.name, f.fault is not null as known, h.n as held
      from jsonb_to_recordset(${json}::text::jsonb) as w(route text, name text)
      left join shadowread.faults f on f.fault = w.name
      join lateral (select count(*)::int as n from shadowread.faults x
        where x.domain = w.route and not x.others and x.state <> 'repaired') h on true`,
  );

export const combinationRoom = (most: number): Room =>
  new Room(
    most,
    (sql, json) => sql<Held[]>`
      select w.route, w.name, c.combination is not null as known, h.n as held
      from jsonb_to_recordset(${json}::text::jsonb) as w(route text, name text)
      left join shadowread.combinations c on c.combination = w.name
      join lateral (select count(*)::int as n from shadowread.combinations x where x.route = w.route) h on true`,
  );

export const shapeRoom = (most: number): Room =>
  new Room(
    most,
    (sql, json) => sql<Held[]>`
      select w.route, w.name, s.id is not null as known, h.n as held
      from jsonb_to_recordset(${json}::text::jsonb) as w(route text, name text)
      left join shadowread.shapes s on s.route = w.route and s.shape = w.name
      join lateral (select count(*)::int as n from shadowread.shapes x where x.route = w.route and x.shape <> ${OVERFLOW}) h on true`,
  );

export const noisyPathRoom = (most: number): Room =>
  new Room(
    most,
    (sql, json) => sql<Held[]>`
      select w.route, w.name, p.path is not null as known, h.n as held
      from jsonb_to_recordset(${json}::text::jsonb) as w(route text, name text)
      left join shadowread.control_paths p on p.route = w.route and p.path = w.name
      join lateral (select count(*)::int as n from shadowread.control_paths x where x.route = w.route and x.path <> ${OTHERS}) h on true`,
  );
