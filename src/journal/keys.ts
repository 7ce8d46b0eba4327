/** Small numbers for long names: epochs, count keys, series and shapes are looked up once and remembered. */

import { createHash } from 'node:crypto';
import type postgres from 'postgres';
import { OTHERS, othersFingerprint } from '../rules/digest.ts';
import type { Fault } from '../types.ts';
import type { Batch, CountEntry, CoverageEntry, EvidenceKey, HistogramEntry } from './batch.ts';
import { countRow, epochName, type Named, type Numbered, nulls, seriesRow, shapeRow } from './key-rows.ts';
import {
  combinationRoom,
  FAULTS_OF_DOMAIN,
  faultRoom,
  fingerprintRoom,
  keyOf,
  type Name,
  noisyPathRoom,
  OVERFLOW,
  type Room,
  type RouteBounds,
  shapeRoom,
} from './room.ts';
import { jsonFor } from './text.ts';

/** Most names that are remembered; others are looked up again, which costs a round trip. */
const MOST_REMEMBERED = 100_000;

export interface BatchKeys {
  /** An epoch has begun for a domain whose batches went to another epoch before. */
  readonly begun: boolean;
  epoch(about: EvidenceKey): number;
  count(entry: CountEntry): number;
  series(entry: HistogramEntry): number;
  shape(entry: Pick<CoverageEntry, 'about' | 'route' | 'shape'>): number;
  /** The fingerprint itself, or the `others` of its route where there is no room for it. */
  fingerprint(route: string, fingerprint: string): string;
  /** Fingerprints that occurred together, with `others` for those without room; a single one has its fingerprint as id. */
  combination(route: string, fingerprints: readonly string[]): Combination;
  noisyPath(route: string, path: string): string;
  /** False if the domain already has as many separate faults as the journal keeps. */
  hasRoomFor(fault: Pick<Fault, 'id' | 'domain'>): boolean;
}

export interface Combination {
  readonly id: string;
  readonly fingerprints: readonly string[];
}

/** Most combinations of a route per fingerprint: patterns come together in few ways. */
const COMBINATIONS_EACH = 5;

export class Keys {
  readonly #remembered = new Map<string, number>();
  /** The epoch that each key's last batch went to. */
  readonly #lastEpochs = new Map<string, number>();
  readonly #fingerprintRoom: Room;
  readonly #combinationRoom: Room;
  readonly #shapeRoom: Room;
  readonly #noisyPathRoom: Room;
  readonly #faultRoom = faultRoom(FAULTS_OF_DOMAIN);

  constructor(bounds: RouteBounds) {
    this.#fingerprintRoom = fingerprintRoom(bounds.fingerprints);
    this.#combinationRoom = combinationRoom(bounds.fingerprints * COMBINATIONS_EACH);
    this.#shapeRoom = shapeRoom(bounds.shapes);
    this.#noisyPathRoom = noisyPathRoom(bounds.noisyPaths);
  }

  /**
   * Gives the number of everything that a batch names, and makes missing ones. Idempotent, so it runs outside the
   * batch's transaction.
   */
  async resolve(sql: postgres.Sql, batch: Batch): Promise<BatchKeys> {
    const local = new Map<string, number>();
    const epochs = new Map<string, EvidenceKey>();
    const firstAt = new Map<string, number>();
    const note = (about: EvidenceKey, at: number): void => {
      const name = epochName(about);
      epochs.set(name, about);
      firstAt.set(name, Math.min(firstAt.get(name) ?? Number.POSITIVE_INFINITY, at));
    };
    for (const { about, firstAt: at } of batch.counts) note(about, at);
    // Histograms may come a batch later than their counts.
    for (const { about, minute } of batch.histograms) if (!epochs.has(epochName(about))) note(about, minute);
    // The same holds for rows that found no place in the batch of their counts.
    for (const { about } of batch.hashes) if (!epochs.has(epochName(about))) note(about, Date.now());
    for (const { about, at } of batch.mismatches) if (!epochs.has(epochName(about))) note(about, at);
    await this.#epochs(sql, epochs, firstAt, local);
    const begun = this.#haveBegun([...epochs.keys()], local);
    const epoch = (about: EvidenceKey): number => need(local, epochName(about));

    const counts = batch.counts.map((entry) => countRow(entry, epoch(entry.about)));
    await this.#ensure(counts, local, {
      insert: (rows) => sql`insert into shadowread.count_keys
        (domain, route, served, representation, verdict, reason, fatal, epoch)
        select domain, route, served, representation, verdict, reason, fatal, epoch from jsonb_to_recordset(${rows}::text::jsonb)
          as x(domain text, route text, served text, representation text, verdict text, reason text, fatal bool, epoch int)
        on conflict do nothing`,
      select: (rows) => sql<Numbered[]>`select name, k.id from jsonb_to_recordset(${rows}::text::jsonb)
          as x(name text, domain text, route text, served text, representation text, verdict text, reason text, fatal bool, epoch int)
        join shadowread.count_keys k using (domain, route, served, representation, verdict, reason, fatal, epoch)`,
    });
    const series = batch.histograms.map((entry) => seriesRow(entry, epoch(entry.about)));
    await this.#ensure(series, local, {
      insert: (rows) => sql`insert into shadowread.series (domain, route, measure, served, representation, epoch)
        select domain, route, measure, served, representation, epoch from jsonb_to_recordset(${rows}::text::jsonb)
          as x(domain text, route text, measure text, served text, representation text, epoch int)
        on conflict do nothing`,
      select: (rows) => sql<Numbered[]>`select name, k.id from jsonb_to_recordset(${rows}::text::jsonb)
          as x(name text, domain text, route text, measure text, served text, representation text, epoch int)
        join shadowread.series k using (domain, route, measure, served, representation, epoch)`,
    });
    const noShape = await this.#shapeRoom.without(
      sql,
      [...batch.coverage, ...batch.hashes]
        .filter(({ shape }) => shape !== OVERFLOW)
        .map(({ route, shape }) => ({ route, name: shape })),
    );
    const held = <Entry extends Pick<CoverageEntry, 'about' | 'route' | 'shape'>>(entry: Entry) =>
      noShape.has(keyOf({ route: entry.route, name: entry.shape })) ? { ...entry, shape: OVERFLOW } : entry;
    const shapes = [...batch.coverage, ...batch.hashes].map((entry) => shapeRow(held(entry)));
    await this.#ensure(shapes, local, {
      insert: (rows) => sql`insert into shadowread.shapes (domain, route, shape)
        select domain, route, shape from jsonb_to_recordset(${rows}::text::jsonb) as x(domain text, route text, shape text)
        on conflict do nothing`,
      select: (rows) => sql<Numbered[]>`select name, k.id from jsonb_to_recordset(${rows}::text::jsonb)
          as x(name text, domain text, route text, shape text)
        join shadowread.shapes k using (domain, route, shape)`,
    });
    const named = await this.#patterns(sql, batch);
    const noPath = await this.#noisyPathRoom.without(
      sql,
      batch.controlPaths.filter(({ path }) => path !== OTHERS).map(({ route, path }) => ({ route, name: path })),
    );
    const ofDomain = ({ id: name, domain: route }: Pick<Fault, 'id' | 'domain'>): Name => ({ route, name });
    const noFault = await this.#faultRoom.without(
      sql,
      batch.faults.map(({ fault }) => ofDomain(fault)),
    );
    return {
      ...named,
      begun,
      hasRoomFor: (fault) => !noFault.has(keyOf(ofDomain(fault))),
      noisyPath: (route, path) => (noPath.has(keyOf({ route, name: path })) ? OTHERS : path),
      epoch,
      count: (entry) => need(local, countRow(entry, epoch(entry.about)).name),
      series: (entry) => need(local, seriesRow(entry, epoch(entry.about)).name),
      shape: (entry) => need(local, shapeRow(held(entry)).name),
    };
  }

  /** Forgets epochs that somebody has closed since they were looked up; true where there were some. */
  async forgetClosed(sql: postgres.Sql, batch: Batch, keys: BatchKeys): Promise<boolean> {
    const ids = [...new Set(batch.counts.map(({ about }) => keys.epoch(about)))];
    if (ids.length === 0) return false;
    const rows =
      await sql`select 1 from shadowread.epochs where id = any(${ids}::int[]) and closed_at is not null limit 1`;
    if (rows.length > 0) this.forget();
    return rows.length > 0;
  }

  /** Forgets all: after an error that a stale number could have caused. */
  forget(): void {
    this.#remembered.clear();
    const rooms = {
      fingerprint: this.#fingerprintRoom,
      combination: this.#combinationRoom,
      shape: this.#shapeRoom,
      noisyPath: this.#noisyPathRoom,
      fault: this.#faultRoom,
    };
    for (const room of Object.values(rooms)) room.forget();
  }

  #haveBegun(names: readonly string[], local: ReadonlyMap<string, number>): boolean {
    if (this.#lastEpochs.size + names.length > MOST_REMEMBERED) this.#lastEpochs.clear();
    let begun = false;
    for (const name of names) {
      const id = need(local, name);
      begun ||= (this.#lastEpochs.get(name) ?? id) !== id;
      this.#lastEpochs.set(name, id);
    }
    return begun;
  }

  async #patterns(sql: postgres.Sql, batch: Batch): Promise<Pick<BatchKeys, 'fingerprint' | 'combination'>> {
    const sets: { readonly route: string; readonly fingerprints: readonly string[] }[] = [
      ...batch.fingerprints.map(({ route, fingerprint }) => ({ route, fingerprints: [fingerprint] })),
      ...batch.combinations,
      ...batch.hashes.flatMap(({ route, differs }) => (differs === null ? [] : [{ route, fingerprints: differs }])),
      ...batch.mismatches,
    ];
    const wanted: Name[] = sets.flatMap(({ route, fingerprints }) =>
      fingerprints.filter((one) => one !== othersFingerprint(route)).map((name) => ({ route, name })),
    );
    const without = await this.#fingerprintRoom.without(sql, wanted);
    const fingerprint = (route: string, name: string): string =>
      without.has(keyOf({ route, name })) ? othersFingerprint(route) : name;
    const whole = (route: string, of: readonly string[]): Combination => {
      const fingerprints = [...new Set(of.map((one) => fingerprint(route, one)))].sort();
      const [one = othersFingerprint(route), ...more] = fingerprints;
      return { id: more.length === 0 ? one : idOf(route, fingerprints), fingerprints };
    };
    const alone = await this.#combinationRoom.without(
      sql,
      sets
        .map(({ route, fingerprints }) => ({ route, of: whole(route, fingerprints) }))
        .filter(({ of }) => of.fingerprints.length > 1)
        .map(({ route, of }) => ({ route, name: of.id })),
    );
    return {
      fingerprint,
      combination(route, of) {
        const found = whole(route, of);
        if (!alone.has(keyOf({ route, name: found.id }))) return found;
        const others = othersFingerprint(route);
        return { id: others, fingerprints: [others] };
      },
    };
  }

  async #epochs(
    sql: postgres.Sql,
    wanted: ReadonlyMap<string, EvidenceKey>,
    firstAt: ReadonlyMap<string, number>,
    local: Map<string, number>,
  ): Promise<void> {
    const missing: Record<string, unknown>[] = [];
    for (const [name, about] of wanted) {
      const known = this.#remembered.get(name);
      if (known === undefined) missing.push({ name, ...about, at: new Date(firstAt.get(name) ?? 0).toISOString() });
      else local.set(name, known);
    }
    if (missing.length === 0) return;
    // Complete keys first: they begin an epoch that incomplete ones then fit.
    missing.sort((a, b) => nulls(a) - nulls(b) || (String(a.name) < String(b.name) ? -1 : 1));
    const rows = await sql<{ name: string; id: number }[]>`
      select name, shadowread.epoch_of(domain, backfill, "twinBuild", rules, at) as id
      from jsonb_to_recordset(${jsonFor(missing)}::text::jsonb)
        as x(name text, domain text, backfill text, "twinBuild" text, rules text, at timestamptz)`;
    for (const { name, id } of rows) {
      local.set(name, id);
      const about = wanted.get(name);
      // A key with an unknown part follows the domain's latest epoch, so it is asked for each time.
      if (about !== undefined && nulls(about) === 0) this.#remember(name, id);
    }
  }

  async #ensure(
    wanted: readonly Named[],
    local: Map<string, number>,
    by: {
      insert(rows: string): PromiseLike<unknown>;
      select(rows: string): PromiseLike<Iterable<Numbered>>;
    },
  ): Promise<void> {
    const missing = new Map<string, Record<string, unknown>>();
    for (const { name, row } of wanted) {
      const known = this.#remembered.get(name);
      if (known === undefined) missing.set(name, { name, ...row });
      else local.set(name, known);
    }
    if (missing.size === 0) return;
    // The same order in all replicas, else two that make the same names could wait for each other.
    const rows = jsonFor([...missing.values()].sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1)));
    await by.insert(rows);
    for (const { name, id } of await by.select(rows)) {
      local.set(name, id);
      this.#remember(name, id);
    }
  }

  #remember(name: string, id: number): void {
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(name, id);
  }
}

function idOf(route: string, fingerprints: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([route, fingerprints]))
    .digest('hex')
    .slice(0, 16);
}

function need(found: ReadonlyMap<string, number>, name: string): number {
  const id = found.get(name);
  if (id === undefined) throw new Error(`the journal gave no number for ${name}`);
  return id;
}
