/** What the tests of a domain's routes ask with: both sides, and the documents that the answers are made of. */
import { expect } from 'chai';
import { type Document, MongoClient, ObjectId } from 'mongodb';
import type { RouteEntry } from '../../src/api/route.ts';
import type { JsonValue } from '../../src/types.ts';
import { amanat } from './amanat.ts';
import { type Addresses, type BothAnswers, bothSides } from './both-sides.ts';
import { itemsOf, type JsonRecord, recordOf } from './json.ts';

/** One row of a table of questions: why it is asked, of which route, and by whom. */
export type AskedRow = readonly [
  why: string,
  pattern: string,
  status: number,
  target: () => string,
  caller?: () => string,
];

/** An ObjectId that no document of the seed has. */
export const NOBODY = 'ffffffffffffffffffffffff';

export interface Asking {
  readonly system: Addresses & { readonly mongoUri: string };
  /** The documents as stored, by `_id`. */
  docs(collection: string): readonly Document[];
  ask(pattern: string, target: string, caller?: string): Promise<BothAnswers>;
  /** The primary's body, after both of the twin's representations were found to mean the same, with this status. */
  agreed(pattern: string, target: string, options?: { caller?: string; status?: number }): Promise<JsonValue>;
  /** All items of a cursor list, page by page, with each side's own cursors and with the primary's at the twin. */
  walk(pattern: string, target: string, parameter: string, caller?: string): Promise<readonly JsonRecord[]>;
}

/** Asks Amanat as it was seeded; `collections` are read once. */
export async function asking(routes: readonly RouteEntry[], collections: readonly string[]): Promise<Asking> {
  const system = await amanat();
  const sides = await bothSides(system);
  const stored = new Map<string, readonly Document[]>();
  const client = await new MongoClient(system.mongoUri).connect();
  try {
    for (const name of collections)
      stored.set(name, await client.db().collection(name).find().sort({ _id: 1 }).toArray());
  } finally {
    await client.close();
  }
  const ask: Asking['ask'] = (pattern, target, caller) => {
    const route = routes.find((one) => one.pattern === pattern);
    if (route === undefined) throw new Error(`no route ${pattern}`);
    return sides.ask(route, target, caller);
  };
  const agreed: Asking['agreed'] = async (pattern, target, { caller, status = 200 } = {}) => {
    const answers = await ask(pattern, target, caller);
    expect(answers.differences, target).to.deep.equal([]);
    expect([answers.primary.status, answers.twin.status, answers.asPrimary.status], target).to.deep.equal(
      Array.from({ length: 3 }, () => status),
    );
    return answers.primary.body;
  };
  return {
    system,
    docs: (collection) => stored.get(collection) ?? [],
    ask,
    agreed,
    async walk(pattern, target, parameter, caller) {
      const items: JsonRecord[] = [];
      let at = target;
      for (;;) {
        const { primary, twin, differences } = await ask(pattern, at, caller);
        expect(differences, at).to.deep.equal([]);
        items.push(...itemsOf(primary.body));
        const cursors = [recordOf(primary.body).nextCursor, recordOf(twin.body).nextCursor];
        if (cursors[0] === null) return items;
        const [bySameCursor, byOwnCursor] = await Promise.all(
          cursors.map((cursor) => fetchTwin(system.twin, `${target}&${parameter}=${cursor}`, caller)),
        );
        expect(byOwnCursor, at).to.deep.equal(bySameCursor);
        at = `${target}&${parameter}=${cursors[0]}`;
      }
    },
  };
}

async function fetchTwin(twin: string, target: string, caller: string | undefined): Promise<unknown> {
  const headers: Record<string, string> = caller === undefined ? {} : { authorization: `Bearer ${caller}` };
  return (await fetch(twin + target, { headers })).json();
}

/** Every `step`th: enough of a kind where asking for all would only take longer. */
export const some = <T>(all: readonly T[], step: number): T[] => all.filter((_, index) => index % step === 0);

export const idOf = (doc: Document | undefined): string => String(doc?._id ?? 'none');

/** One that must be in the seed. */
export function the<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`the seed has no ${what}`);
  return found;
}

/** Documents by an instant and then the id, as text that sorts so. */
export const orderKey = (field: string) => (doc: Document) =>
  `${doc[field] instanceof Date ? doc[field].toISOString() : ''} ${doc._id}`;

export const cursorOf = (k: unknown, id: unknown): string =>
  Buffer.from(JSON.stringify({ k, id }), 'utf8').toString('base64url');

export const sameId = (one: unknown, other: unknown): boolean =>
  one instanceof ObjectId ? one.equals(String(other)) : String(one) === String(other);
