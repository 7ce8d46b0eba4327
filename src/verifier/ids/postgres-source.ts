import type { Sql } from 'postgres';
import { inTime } from '../../base/in-time.ts';
import { openPostgresPool } from '../../base/postgres.ts';
import type { WantedId } from '../../rules/rule.ts';
import { type IdMapSource, type IdPair, isUuid } from './source.ts';

interface Waiting {
  readonly wanted: readonly WantedId[];
  readonly resolve: (pairs: readonly IdPair[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Ids in one statement at most; more are asked in further ones. */
const AT_ONCE = 5_000;

/** Reads that wait for a silent database hold the places of others, ms. */
const ANSWER_MS = 10_000;

/** A small read-only pool. Kept out of the way of prepared statements, since a pooler may sit in between. */
export function openReadOnly(url: string, connections: number, statementMs: number): Sql {
  return openPostgresPool(url, {
    name: 'shadowread-verifier',
    max: connections,
    statementMs,
    ownTypes: true,
    readOnly: true,
    idleSeconds: 30,
  });
}

/** `id_map` in Postgres. Everything that is wanted in one tick is one round trip. */
export class PostgresIdMap implements IdMapSource {
  readonly #sql: Sql;
  #waiting: Waiting[] = [];

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  lookup(wanted: readonly WantedId[]): Promise<readonly IdPair[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ wanted, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => void this.#flush());
    });
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: 1 });
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const byUuid = new Map<string, WantedId>();
      const byObjectId = new Map<string, WantedId>();
      for (const { wanted } of waiting) {
        for (const one of wanted) (isUuid(one.id) ? byUuid : byObjectId).set(keyOf(one.collection, one.id), one);
      }
      const [uuids, objectIds] = await inTime(
        this.#sql,
        ANSWER_MS,
        Promise.all([this.#query([...byUuid.values()], 'uuid'), this.#query([...byObjectId.values()], 'mongo_id')]),
      );
      for (const { wanted, resolve } of waiting) {
        resolve(
          wanted.map(({ collection, id }) => {
            const key = keyOf(collection, id);
            if (isUuid(id)) return { collection, uuid: id, objectId: uuids.get(key) ?? null };
            return { collection, objectId: id, uuid: objectIds.get(key) ?? null };
          }),
        );
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  /** The other half of each pair, by collection and the id it was asked with. */
  async #query(wanted: readonly WantedId[], by: 'uuid' | 'mongo_id'): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      const part = wanted.slice(at, at + AT_ONCE);
      const collections = part.map((one) => one.collection);
      const ids = part.map((one) => one.id);
      const rows =
        by === 'uuid'
          ? await this.#sql<{ collection: string; mongo_id: string; uuid: string }[]>`
              select m.collection, m.mongo_id, m.uuid from id_map m
              join unnest(${collections}::text[], ${ids}::uuid[]) as w (collection, id)
                on m.collection = w.collection and m.uuid = w.id`
          : await this.#sql<{ collection: string; mongo_id: string; uuid: string }[]>`
              select m.collection, m.mongo_id, m.uuid from id_map m
              join unnest(${collections}::text[], ${ids}::text[]) as w (collection, id)
                on m.collection = w.collection and m.mongo_id = w.id::char(24)`;
      for (const row of rows) {
        if (by === 'uuid') found.set(keyOf(row.collection, row.uuid), row.mongo_id);
        else found.set(keyOf(row.collection, row.mongo_id), row.uuid);
      }
    }
    return found;
  }
}

function keyOf(collection: string, id: string): string {
  return `${collection}:${id.toLowerCase()}`;
}
