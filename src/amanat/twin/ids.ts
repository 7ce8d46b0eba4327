import type { Sql } from 'postgres';

export interface KnownId {
  readonly uuid: string;
  readonly mongoId: string;
}

/** Looks ids up in `id_map`. Pairs never change, so a bounded number of known ones is kept; unknown ones are not. */
export class IdResolver {
  readonly #sql: Sql;
  readonly #limit: number;
  readonly #known = new Map<string, KnownId>();

  constructor(sql: Sql, limit = 10_000) {
    this.#sql = sql;
    this.#limit = limit;
  }

  /** `id` is a lowercase ObjectId or uuid; null where `id_map` has no such entity in this collection. */
  async resolve(collection: string, id: string): Promise<KnownId | null> {
    const key = `${collection}/${id}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const sql = this.#sql;
    const [row] =
      id.length === 24
        ? await sql<KnownId[]>`
            select uuid, mongo_id as "mongoId" from id_map where collection = ${collection} and mongo_id = ${id}`
        : await sql<KnownId[]>`
            select uuid, mongo_id as "mongoId" from id_map where collection = ${collection} and uuid = ${id}`;
    if (row === undefined) return null;
    if (this.#known.size >= this.#limit) this.#known.clear();
    this.#known.set(key, row);
    return row;
  }
}
