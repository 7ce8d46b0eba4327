/** Compares every document with its row: streaming, resumable, sampled or full; live writes cause no false alarm. */

import { randomBytes } from 'node:crypto';
import type { Db } from 'mongodb';
import type { Sql } from 'postgres';
import type { ModelMapping } from '../../api/mapping.ts';
import type { Stored } from '../../api/rows/convert.ts';
import { placeOf } from '../../base/hash.ts';
import { firstSize, nextSize } from '../batch-size.ts';
import { readDrainLag } from '../lag.ts';
import { idsOfPairs, judge } from './judge.ts';
import { nextPairs, type Pair, type Range } from './pairs.ts';
import {
  beginAnew,
  type Choice,
  type Finding,
  type FindingKind,
  type Place,
  readPlaces,
  saveFindings,
  savePlace,
  suspectsOf,
} from './progress.ts';
import { settle } from './settle.ts';

export interface VerifyOptions {
  readonly mongo: Db;
  readonly sql: Sql;
  readonly mappings: readonly ModelMapping[];
  readonly domains?: readonly string[];
  /** Share of documents, above 0 and up to 1; each run chooses others. */
  readonly sample?: number;
  /** Documents a second at most; absent as fast as it goes. */
  readonly rate?: number;
  /** Starts from the beginning instead of continuing a stopped run. */
  readonly restart?: boolean;
  /** How long a row may be behind before it is reported, ms, in addition to the drain's lag. */
  readonly settleMs?: number;
  readonly batch?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
  readonly collection: string;
  readonly documents: number;
  readonly total: number;
  /** Documents a second of this run. */
  readonly rate: number;
}

export interface ModelReport {
  readonly model: string;
  readonly domain: string;
  readonly collection: string;
  /** Documents and rows without one that were looked at. */
  readonly documents: number;
  readonly agree: number;
  readonly missing: number;
  readonly extra: number;
  readonly drift: number;
  readonly behind: number;
  readonly unsettled: number;
  readonly excused: number;
  /** How many documents drift in each field. */
  readonly fields: Readonly<Record<string, number>>;
}

export interface VerifyReport {
  /** False if the signal stopped it; the next run continues. */
  readonly complete: boolean;
  readonly sample: number;
  readonly models: readonly ModelReport[];
  /** The first findings, `excused` ones included. */
  readonly findings: readonly Finding[];
  readonly seconds: number;
  readonly rate: number;
}

const BATCH = 500;
/** Suspects that may gather before they are looked at again. */
const SUSPECTS = 500;
const TOLD = 1_000;
const SETTLE_MS = 5_000;

/** Rejects where a store cannot be asked. */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { sql, domains } = options;
  const mappings = options.mappings.filter(({ domain }) => domains === undefined || domains.includes(domain));
  const collections = mappings.map(({ collection }) => collection);
  let places = await readPlaces(sql);
  const kept = collections.flatMap((name) => places.get(name) ?? []);
  const sample = options.sample ?? 1;
  const finished = collections.every((name) => places.get(name)?.done === true);
  if (options.restart === true || finished || kept.some((place) => place.sample !== sample)) {
    await sql.begin((tx) => beginAnew(tx, collections));
    places = new Map();
  }
  const [taken] = collections.flatMap((name) => places.get(name) ?? []);
  const choice: Choice = { sample, salt: taken?.salt ?? randomBytes(4).toString('hex') };
  const pace = new Pace(options.rate ?? Number.POSITIVE_INFINITY);
  for (const mapping of mappings) {
    await walk(options, mapping, places.get(mapping.collection) ?? BEGINNING, choice, pace);
    if (options.signal?.aborted === true) break;
  }
  return reportOf(options, mappings, choice, pace);
}

const BEGINNING: Place = { lastId: null, done: false, documents: 0, agree: 0 };

async function walk(
  options: VerifyOptions,
  mapping: ModelMapping,
  from: Place,
  choice: Choice,
  pace: Pace,
): Promise<void> {
  const { mongo, sql, signal } = options;
  const { collection } = mapping;
  if (from.done) return;
  const total = await mongo.collection(collection).estimatedDocumentCount();
  const chosen = choice.sample < 1 ? (id: string) => isChosen(id, choice) : null;
  // Of a sample only the ids are read at first: more of them at once.
  const most = Math.min(5_000, Math.ceil((options.batch ?? BATCH) / choice.sample));
  let size = chosen === null ? firstSize(most) : most;
  const range = (after: string | null): Range => ({ after, size, chosen });
  let place = from;
  let suspects = (await suspectsOf(sql, collection, SUSPECTS)).length;
  let ahead = nextPairs(mongo, sql, mapping, range(place.lastId));
  for (let more = true; more; ) {
    const { pairs, last } = await ahead;
    more = last !== null && signal?.aborted !== true;
    // The next batch is read while this one is compared.
    if (chosen === null) size = nextSize(documentsOf(pairs), most);
    if (more) {
      ahead = nextPairs(mongo, sql, mapping, range(last));
      // Its failure is thrown where it is awaited; until then the comparing may fail first.
      ahead.catch(() => undefined);
    }
    if (last === null && suspects > 0) {
      // Those of earlier pages, with the place: the last page is read again after a kill, and they are not.
      place = await settleAll(options, mapping, place, choice);
      suspects = 0;
    }
    const ids = await idsOfPairs(sql, options.mappings, mapping, pairs);
    const found: Finding[] = [];
    for (const pair of pairs) {
      const { state, fields } = judge(mapping, pair, ids);
      if (state !== 'agree') found.push({ collection, mongoId: pair.id, kind: 'suspect', fields, reason: null });
    }
    place = {
      lastId: last ?? place.lastId,
      done: false,
      documents: place.documents + pairs.length,
      agree: place.agree + pairs.length - found.length,
    };
    suspects += found.length;
    // The last batch is counted together with its decided suspects: if the run is killed between, it is read again.
    if (last !== null) {
      await sql.begin(async (tx) => {
        await saveFindings(tx, found);
        await savePlace(tx, collection, place, choice);
      });
    } else await saveFindings(sql, found);
    if (suspects >= SUSPECTS || (last === null && suspects > 0)) {
      place = await settleAll(options, mapping, place, last !== null ? choice : null);
      suspects = 0;
    }
    if (last === null) await savePlace(sql, collection, { ...place, done: true }, choice);
    options.onProgress?.({ collection, documents: place.documents, total, rate: pace.perSecond });
    await pace.after(pairs.length);
  }
}

const documentsOf = (pairs: readonly Pair[]): Stored[] => pairs.flatMap(({ doc }) => (doc === null ? [] : [doc]));

/** Looks at the suspects again until each is decided. */
async function settleAll(
  options: VerifyOptions,
  mapping: ModelMapping,
  from: Place,
  choice: Choice | null,
): Promise<Place> {
  const { sql, mongo } = options;
  let place = from;
  for (;;) {
    const ids = await suspectsOf(sql, mapping.collection, SUSPECTS);
    if (ids.length === 0) return place;
    const lagMs = (await readDrainLag(sql)) ?? 0;
    const waitMs = (options.settleMs ?? SETTLE_MS) + lagMs * 1.5;
    const outcome = await settle({ mongo, sql, mappings: options.mappings, mapping, ids, waitMs });
    place = { ...place, agree: place.agree + outcome.agree.length };
    await sql.begin(async (tx) => {
      await saveFindings(tx, outcome.findings);
      await tx`delete from verify_findings where collection = ${mapping.collection} and mongo_id = any(${outcome.agree})`;
      if (choice !== null) await savePlace(tx, mapping.collection, place, choice);
    });
  }
}

async function reportOf(
  { sql }: VerifyOptions,
  mappings: readonly ModelMapping[],
  choice: Choice,
  pace: Pace,
): Promise<VerifyReport> {
  const collections = mappings.map(({ collection }) => collection);
  const places = await readPlaces(sql);
  const counts = await sql<{ collection: string; kind: FindingKind; n: number }[]>`
    select collection, kind, count(*)::float8 as n from verify_findings where collection = any(${collections}) group by 1, 2`;
  const fields = await sql<{ collection: string; field: string; n: number }[]>`
    select collection, field, count(*)::float8 as n from verify_findings, unnest(fields) as field
    where collection = any(${collections}) and kind = 'drift' group by 1, 2 order by 1, 2`;
  const findings = await sql<Finding[]>`
    select collection, mongo_id as "mongoId", kind, fields, reason from verify_findings
    where collection = any(${collections}) and kind <> 'suspect'
    order by kind = 'excused', collection, mongo_id limit ${TOLD}`;
  const models = mappings.map((mapping): ModelReport => {
    const { collection } = mapping;
    const n = (kind: FindingKind): number => counts.find((c) => c.collection === collection && c.kind === kind)?.n ?? 0;
    return {
      model: mapping.model,
      domain: mapping.domain,
      collection,
      documents: places.get(collection)?.documents ?? 0,
      agree: places.get(collection)?.agree ?? 0,
      missing: n('missing'),
      extra: n('extra'),
      drift: n('drift'),
      behind: n('behind'),
      unsettled: n('unsettled'),
      excused: n('excused'),
      fields: Object.fromEntries(fields.filter((f) => f.collection === collection).map((f) => [f.field, f.n])),
    };
  });
  return {
    complete: collections.every((name) => places.get(name)?.done === true),
    sample: choice.sample,
    models,
    findings: [...findings],
    seconds: pace.seconds,
    rate: pace.perSecond,
  };
}

/** By a hash, so that both stores' ids and a run that is taken up choose alike. */
const isChosen = (id: string, { sample, salt }: Choice): boolean => placeOf(salt + id) < sample;

class Pace {
  readonly #limit: number;
  readonly #began = performance.now();
  #documents = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get seconds(): number {
    return (performance.now() - this.#began) / 1_000;
  }

  get perSecond(): number {
    return this.#documents / Math.max(0.001, this.seconds);
  }

  async after(documents: number): Promise<void> {
    this.#documents += documents;
    const ahead = (this.#documents / this.#limit - this.seconds) * 1_000;
    if (ahead > 1) await new Promise((resolve) => setTimeout(resolve, ahead));
  }
}
