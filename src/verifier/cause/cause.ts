/**
 * Why a pair differs: looks up the entities that the answers name in both stores. Says `data_drift`, `missing_row`,
 * `extra_row` or `known_gap` only where the stores show it, `twin_logic` only where they agree on everything that the difference can
 * come from, and `unknown`, with what could not be looked up, in every other case.
 */

import type { ModelMapping } from '../../api/mapping.ts';
import type { CallerOf } from '../../api/module.ts';
import type { RouteEntry } from '../../api/route.ts';
import { collectionsIn } from '../../rules/walk.ts';
import type { CauseEntity, CauseFinding, Fault } from '../../types.ts';
import { comparedBody } from '../answers.ts';
import type { KnownIds } from '../ids/known-ids.ts';
import type { Redactor } from '../redactor.ts';
import type { Pair } from '../verifier-parts.ts';
import { type Decision, decide, type Examined, type Named, type Swept } from './decide.ts';
import { entitiesAt, type NamedEntity } from './entities.ts';
import { Examiner } from './examiner.ts';
import { explain } from './faults.ts';
import { RowIds } from './row-ids.ts';
import type { CauseSource } from './source.ts';
import { Sweeps } from './sweeps.ts';

export interface CauseParts {
  readonly source: CauseSource;
  readonly mappings: readonly ModelMapping[];
  /** Null: the API does not say who asks. */
  readonly callerOf: CallerOf | null;
  readonly ids: KnownIds;
  readonly redactor: Redactor;
  /** The sync's lag, ms: a row that is behind may only be on its way. */
  readonly lagMs: () => number;
  /** Least pause before what looks wrong is looked at once more, ms. */
  readonly pauseMs: number;
  /** Documents that may be walked through for one mismatch whose answers name no entity. */
  readonly sweepDocuments: number;
}

/** Entities told in a finding. */
const TOLD = 20;

export class CauseFinder {
  readonly #parts: CauseParts;
  readonly #byCollection: ReadonlyMap<string, ModelMapping>;
  readonly #examiner: Examiner;
  readonly #sweeps = new Sweeps<Swept | null>();

  constructor(parts: CauseParts) {
    this.#parts = parts;
    this.#byCollection = new Map(parts.mappings.map((mapping) => [mapping.collection, mapping]));
    this.#examiner = new Examiner(parts.source, parts.redactor, this.#byCollection);
  }

  /** A store that fails once is asked once more, after a pause: rejects with its second failure. */
  async find(pair: Pair): Promise<CauseFinding> {
    try {
      return await this.#look(pair);
    } catch {
      // A statement that took too long, a connection that ended. Without a cause a row's fault would be one of its route.
      await this.#pause();
      return this.#look(pair);
    }
  }

  async #look(pair: Pair): Promise<CauseFinding> {
    const ids = this.#rowIds();
    const named = await this.#named(pair, ids);
    let examined = await this.#examiner.named(named, ids);
    if (examined.some((one) => one.state !== 'same' && one.state !== 'unreadable')) {
      // What is only on its way has arrived by then; what is wrong stays.
      await this.#pause();
      examined = await this.#examiner.named(named, ids);
    }
    const differences = pair.compared.differences;
    const { entry } = pair.reading.route;
    const { redactor } = this.#parts;
    const showing = pair.reading.route.showing(pair.primary.status);
    const values = pathValues(pair);
    const seen = { entry, differences, named, examined, mappings: this.#byCollection, redactor, showing, values };
    const first = decide(differences, named, examined, this.#byCollection, null);
    const near = explain({ ...seen, swept: null });
    if (!first.sweep && !near.sweep) return this.#told(first, examined, near.faults);
    const swept = await this.#sweepFor(pair);
    if (swept === null) return this.#told(first, examined, near.faults);
    const { faults } = explain({ ...seen, swept });
    if (!first.sweep) return this.#told(first, examined, faults);
    const second = decide(differences, named, examined, this.#byCollection, swept, values);
    return this.#told(second, second.from === 'sweep' ? swept.bad : examined, faults);
  }

  /**
   * How far the sync is behind now, in the collections that the read's answer can come from, ms. Rejects where MongoDB
   * cannot be asked.
   */
  async lagOf(entry: RouteEntry): Promise<number> {
    const oldest = await this.#parts.source.oldestPending(this.#mappingsOf(entry));
    return oldest === null ? 0 : Math.max(0, Date.now() - oldest.getTime());
  }

  #rowIds(): RowIds {
    return new RowIds(this.#parts.ids, this.#parts.source, this.#byCollection);
  }

  async #pause(): Promise<void> {
    const ms = Math.min(5_000, this.#parts.pauseMs + this.#parts.lagMs() * 1.5);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** The entities of the request and of each difference, as documents. */
  async #named(pair: Pair, ids: RowIds): Promise<readonly Named[]> {
    const { entry } = pair.reading.route;
    const found: { readonly entity: NamedEntity; readonly difference: number | null }[] = [];
    for (const [param, collection] of Object.entries(entry.ids)) {
      const id = pair.reading.params[param];
      if (id !== undefined)
        found.push({ entity: { collection, id, side: 'primary', as: 'param', field: null }, difference: null });
    }
    const caller = this.#caller(pair);
    if (caller !== null) found.push({ entity: caller, difference: null });
    const good = pair.primary.status >= 200 && pair.primary.status < 300;
    const rule = good ? entry.comparator.body : entry.comparator.error;
    pair.compared.differences.forEach((difference, i) => {
      if (!difference.path.startsWith('/') && difference.path !== '') return;
      for (const entity of entitiesAt(rule, comparedBody(pair.primary), comparedBody(pair.twin), difference.path)) {
        found.push({ entity, difference: i });
      }
    });
    const paired = await ids.pair(found.map(({ entity }) => entity));
    return found.flatMap(({ entity, difference }, i) => {
      const pairOf = paired[i] ?? null;
      return pairOf === null ? [] : [{ ...entity, ...pairOf, difference }];
    });
  }

  /** Who asked, where the API says how to tell. */
  #caller(pair: Pair): NamedEntity | null {
    const { access } = pair.reading.route.entry;
    const { callerOf } = this.#parts;
    if (access === 'public' || callerOf === null) return null;
    const caller = callerOf(pair.reading.exchange.request.rawHeaders);
    if (caller === null || !this.#byCollection.has(caller.collection)) return null;
    return { ...caller, side: 'primary', as: access === 'admin' ? 'caller' : 'param', field: null };
  }

  /** Walks the collections that the answer can come from, where they are small enough; null where they are not. */
  async #sweepFor(pair: Pair): Promise<Swept | null> {
    const mappings = this.#mappingsOf(pair.reading.route.entry);
    if (mappings.length === 0) return null;
    const key = mappings.map(({ collection }) => collection).join();
    return this.#sweeps.share(key, () => this.#sweep(mappings, this.#rowIds()));
  }

  async #sweep(mappings: readonly ModelMapping[], ids: RowIds): Promise<Swept | null> {
    const { source, sweepDocuments } = this.#parts;
    const sizes = await Promise.all(mappings.map((mapping) => source.size(mapping)));
    if (sizes.reduce((sum, size) => sum + size, 0) > sweepDocuments) return null;
    const first = await this.#examiner.walk(mappings, ids);
    if (first.length === 0) return { bad: [], complete: true };
    // As above: a walk meets rows that are on their way, and only what stays is wrong.
    await this.#pause();
    return { bad: await this.#examiner.again(mappings, first, ids), complete: true };
  }

  #mappingsOf(entry: RouteEntry): readonly ModelMapping[] {
    const named = new Set([...collectionsIn(entry.comparator.body), ...Object.values(entry.ids)]);
    const own = this.#parts.mappings.filter(
      (mapping) => mapping.domain === entry.domain || named.has(mapping.collection),
    );
    // A domain without models, such as a dashboard, looks at all of them.
    return this.#parts.mappings.some((mapping) => mapping.domain === entry.domain) ? own : this.#parts.mappings;
  }

  #told({ cause, note }: Decision, examined: readonly Examined[], faults: readonly Fault[]): CauseFinding {
    const telling = examined.filter((one) => one.state !== 'same');
    const entities = (telling.length > 0 ? telling : examined).slice(0, TOLD);
    return {
      cause,
      faults,
      entities: entities.map(
        ({ collection, mongoId, uuid, state, fields }): CauseEntity => ({ collection, mongoId, uuid, state, fields }),
      ),
      note,
    };
  }
}

/** The values in the path that name no entity by its id: an email, a slug. */
function pathValues({ reading }: Pair): ReadonlySet<string> {
  const { ids } = reading.route.entry;
  return new Set(Object.entries(reading.params).flatMap(([name, value]) => (Object.hasOwn(ids, name) ? [] : [value])));
}
