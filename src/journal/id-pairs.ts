/**
 * Pairs of ids found by consistency, kept for all replicas and over restarts: the replica that finds an id first sets its
 * partner, and all others compare with that. If storing fails, only those pairs are not kept.
 */
import { inTime } from '../base/in-time.ts';
import type { KeptPair, PairStore } from '../rules/pair-store.ts';
import { connectJournal } from './connection.ts';
import { FORGOTTEN_IDS as SUBJECT } from './forget-ids.ts';

/** Pause between two exchanges with the journal, ms. */
const EVERY_MS = 1_000;
/** How long a start waits for what is kept, ms. */
const PATIENCE_MS = 2_000;
/** Longer than its statements may take, ms. */
const ANSWER_MS = 7_000;
/** Longer ids are no ids; those of this length fit into an index in any script. */
const LONGEST_ID = 500;
/** Pairs in one statement at most. */
const AT_ONCE = 2_000;
/** Pairs of one collection that a process loads; RelatedIds keeps no more. */
const LOADED = 200_000;

export class IdPairs {
  readonly #sql: ReturnType<typeof connectJournal>;
  readonly #ids: PairStore;
  readonly #collections: readonly string[];
  #since = '-infinity';
  /** The last pair that was forgotten, as far as this process has heard; null before the first exchange. */
  #heard: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(url: string, ids: PairStore) {
    this.#sql = connectJournal(url, { max: 1, name: 'shadowread ids', statementMs: 5_000 });
    this.#ids = ids;
    this.#collections = ids.kept;
  }

  /** Loads the kept pairs and goes on exchanging. If the journal cannot be read, it tries again. */
  static async open(url: string, ids: PairStore): Promise<IdPairs> {
    const made = new IdPairs(url, ids);
    const first = made.#exchange();
    // A journal that is down keeps no proxy from verifying.
    await Promise.race([first, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref())]);
    made.#turn = first;
    made.#next();
    return made;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#turn;
    await this.#exchange();
    await this.#sql.end({ timeout: 1 });
  }

  #next(): void {
    this.#timer = setTimeout(() => {
      this.#turn = this.#exchange().then(() => {
        if (!this.#closed) this.#next();
      });
    }, EVERY_MS).unref();
  }

  async #exchange(): Promise<void> {
    let sent: readonly KeptPair[] = [];
    try {
      await inTime(this.#sql, ANSWER_MS, this.#hear());
      sent = this.#ids.takeMet(AT_ONCE).filter(({ primary, twin }) => isStorable(primary) && isStorable(twin));
      if (sent.length > 0) await inTime(this.#sql, ANSWER_MS, this.#send(sent));
      sent = [];
      await inTime(this.#sql, ANSWER_MS, this.#load());
    } catch {
      // Without the journal each process knows only the pairs that it has found itself.
      this.#ids.giveBack(sent);
    }
  }

  async #send(pairs: readonly KeptPair[]): Promise<void> {
    const given = JSON.stringify(pairs);
    await this.#sql`
      with met as (
        select * from jsonb_to_recordset(${given}::text::jsonb) as m (collection text, "primary" text, twin text, sightings int)
        -- What somebody has forgotten meanwhile must not come back from the memory of this process.
        where not exists (
          select from shadowread.audit a where a.subject = ${SUBJECT} || m.collection and a.id > ${this.#heard ?? 0}
            and a.before->>'primary' = m."primary" and a.before->>'twin' = m.twin
        )
      ), added as (
        insert into shadowread.id_pairs (collection, primary_id, twin_id, sightings)
        select collection, "primary", twin, sum(sightings) from met group by 1, 2, 3 order by 1, 2
        on conflict do nothing returning collection, primary_id
      )
      update shadowread.id_pairs p set sightings = least(p.sightings + m.sightings, 1000000), seen_at = clock_timestamp()
      from met m where p.collection = m.collection and p.primary_id = m.primary and p.twin_id = m.twin`;
  }

  /** What people said are no pairs. A process that starts holds none, so that earlier ones do not concern it. */
  async #hear(): Promise<void> {
    const subjects = this.#collections.map((collection) => `${SUBJECT}${collection}`);
    const rows = await this.#sql<{ id: number; subject: string; primary: string; twin: string }[]>`
      select id::float8 as id, subject, before->>'primary' as "primary", before->>'twin' as twin from shadowread.audit
      where subject = any(${subjects}) and id > ${this.#heard ?? 0} order by id`;
    if (this.#heard !== null)
      this.#ids.forget(rows.map(({ subject, ...pair }) => ({ collection: subject.slice(SUBJECT.length), ...pair })));
    this.#heard = rows.at(-1)?.id ?? this.#heard ?? 0;
  }

  /**
   * What other replicas have found since. The time of a transaction is that of its beginning, so the query goes back
   * further.
   */
  async #load(): Promise<void> {
    const rows = await this.#sql<
      { collection: string; primary: string; twin: string; sightings: number; at: string }[]
    >`
      select collection, primary_id as "primary", twin_id as twin, sightings, seen_at::text as at from shadowread.id_pairs
      where collection = any(${this.#collections as string[]}) and seen_at > ${this.#since}::text::timestamptz - interval '5 seconds'
      order by seen_at limit ${LOADED}`;
    this.#ids.adopt(rows);
    this.#since = rows.at(-1)?.at ?? this.#since;
  }
}

/** One id that Postgres does not hold, or that is too long for its index, would keep all others out. */
function isStorable(id: string): boolean {
  return id.length <= LONGEST_ID && id.isWellFormed() && !id.includes('\0');
}
