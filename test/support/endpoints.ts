/** A table of questions, each asked of both sides and compared; for the route tests of a domain. */
import { expect } from 'chai';
import { type Document, MongoClient } from 'mongodb';
import type { RouteEntry } from '../../src/api/route.ts';
import type { JsonValue } from '../../src/types.ts';
import { type Amanat, amanat } from './amanat.ts';
import { type BothSides, bothSides } from './both-sides.ts';

export const NOBODY = '0123456789abcdef01234567';

export class Endpoints {
  readonly #routes: readonly RouteEntry[];
  #sides: BothSides | undefined;
  #system: Amanat | undefined;
  readonly #stored = new Map<string, Document[]>();

  constructor(routes: readonly RouteEntry[]) {
    this.#routes = routes;
  }

  /** Starts the shared system and reads what is stored in these collections, by `_id`. */
  async open(...collections: readonly string[]): Promise<void> {
    this.#system = await amanat();
    this.#sides = await bothSides(this.#system);
    const client = await new MongoClient(this.#system.mongoUri).connect();
    try {
      for (const name of collections) {
        this.#stored.set(name, await client.db().collection(name).find().sort({ _id: 1 }).toArray());
      }
    } finally {
      await client.close();
    }
  }

  get system(): Amanat {
    if (this.#system === undefined) throw new Error('open() comes first');
    return this.#system;
  }

  /** Documents as they are stored: what both sides are held against. */
  stored(collection: string): readonly Document[] {
    return this.#stored.get(collection) ?? [];
  }

  /** The first document for which it holds; the seed must have one. */
  one(collection: string, holds: (doc: Document) => boolean = () => true): Document {
    const doc = this.stored(collection).find(holds);
    if (doc === undefined) throw new Error(`the seed has no such document in ${collection}`);
    return doc;
  }

  /** The uuid that `id_map` gives a document. */
  uuid(collection: string, id: unknown): string {
    return this.#sides?.ids.uuidOf(collection, String(id)) ?? 'none';
  }

  /** The primary's body, after both representations of the twin were found to mean the same. */
  async agreed(pattern: string, target: string, status = 200, caller?: string): Promise<JsonValue> {
    const route = this.#routes.find((candidate) => candidate.pattern === pattern);
    if (route === undefined || this.#sides === undefined) throw new Error(`no route ${pattern}`);
    const answers = await this.#sides.ask(route, target, caller);
    expect(answers.differences, target).to.deep.equal([]);
    expect(answers.primary.status, target).to.equal(status);
    expect(JSON.stringify(answers.primary.body), target).not.to.match(/"_outbox"|"_rev"/);
    return answers.primary.body;
  }
}

export interface EndpointRow {
  readonly pattern: string;
  readonly status: number;
  readonly why: string;
  readonly target: () => string;
  readonly caller?: () => string;
}

export const asked = (
  pattern: string,
  status: number,
  why: string,
  target: () => string,
  caller?: () => string,
): EndpointRow => ({ pattern, status, why, target, ...(caller === undefined ? {} : { caller }) });

/** One test a row. */
export function itAgrees(endpoints: Endpoints, rows: readonly EndpointRow[]): void {
  for (const { pattern, status, why, target, caller } of rows) {
    it(`${status} GET ${pattern}: ${why}`, async () => {
      await endpoints.agreed(pattern, target(), status, caller?.());
    });
  }
}
