/** The state of the migration, polled in the background: how far Postgres is behind, and which backfill its rows came from. */

import type { ApiModule } from '../api/module.ts';
import { inTime } from '../base/in-time.ts';
import type { Log } from '../base/log.ts';
import { isMissingTable } from '../base/postgres.ts';
import { messageOf } from '../errors.ts';
import { openMigrationDatabase } from '../migration/db.ts';
import { readDrainLag } from '../migration/lag.ts';
import { currentBackfillId } from '../migration/runs.ts';

/** How old the lag may be, ms: it decides how long re-reads wait and which side serves a caller that has written. */
const LAG_MS = 1_000;
/** A backfill takes minutes; its id begins a new evidence epoch, ms. */
const BACKFILL_MS = 15_000;
/** A database that is silent for longer cannot be asked, ms: the last lag would be taken for the present one. */
const ANSWER_MS = 5_000;

export interface SyncWatch {
  /** ms; null while no drain reports, or its database cannot be read. */
  lagMs(): number | null;
  /** Null while unknown. */
  backfillOf(domain: string): string | null;
  close(): Promise<void>;
}

/** Never throws: if a database cannot be read, the state is unknown until it can. */
export function watchSync(parts: {
  readonly url: string;
  readonly api: ApiModule;
  readonly onLag: (ms: number) => void;
  /** Called when the rows of a domain come from another backfill than before: an evidence epoch begins. */
  readonly onBackfill: () => void;
  readonly log: Log;
}): SyncWatch {
  const sql = openMigrationDatabase(parts.url, 1);
  const backfills = new Map<string, string>();
  let lag: number | null = null;
  let backfillsAt = Number.NEGATIVE_INFINITY;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let turn = Promise.resolve();

  async function look(): Promise<void> {
    try {
      lag = await inTime(sql, ANSWER_MS, readDrainLag(sql));
      if (lag !== null) parts.onLag(lag);
      if (performance.now() - backfillsAt < BACKFILL_MS) return;
      for (const domain of parts.api.domains) {
        const id = await inTime(sql, ANSWER_MS, currentBackfillId(sql, domain, parts.api.mappings));
        if (id === null) continue;
        const before = backfills.get(domain);
        backfills.set(domain, id);
        if (before !== undefined && before !== id) parts.onBackfill();
      }
      backfillsAt = performance.now();
    } catch (error) {
      lag = null;
      // The twin's database may be one that the migration has never written to.
      if (isMissingTable(error)) return;
      if (!closed) parts.log.often('sync', `sync: the migration's database cannot be asked: ${messageOf(error)}`);
    }
  }

  function next(): void {
    turn = look().then(() => {
      if (!closed) timer = setTimeout(next, LAG_MS).unref();
    });
  }
  next();

  return {
    lagMs: () => lag,
    backfillOf: (domain) => backfills.get(domain) ?? null,
    async close() {
      closed = true;
      clearTimeout(timer);
      await sql.end({ timeout: 1 }).catch(() => undefined);
      await turn;
    },
  };
}
