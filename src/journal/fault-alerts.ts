/**
 * Which faults still need an alert. All replicas look, one at a time. The audit trail holds the alerts that were sent, so
 * that each fault raises one alert however many replicas there are and whenever they restart.
 */
import { connectJournal, journalError } from './connection.ts';
import { type FaultRow, selectFaults } from './read/faults.ts';

/** Older faults raise no alert, so that switching alerts on does not send a whole backlog. */
const NEWS = '1 hour';
/** Most alerts of one look. */
const AT_ONCE = 10;
const LOCK = 0x5ad0_0a1e;

export interface FaultNews {
  /**
   * Does `work` for each fault without an alert, unless another replica is doing it; rejects with SHADOW_JOURNAL if the
   * journal is down.
   */
  each(kind: 'fatal' | 'all', work: (fault: FaultRow) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export function openFaultNews(options: { readonly url: string }): FaultNews {
  const sql = connectJournal(options.url, { max: 1, name: 'shadowread alerts' });
  return {
    async each(kind, work) {
      try {
        // In a transaction: a lock of the session would stay with a connection that a pooler has given to somebody else, and no
        // replica would send an alert again.
        await sql.begin(async (tx) => {
          const [locked] = await tx<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(${LOCK}) as mine`;
          if (locked?.mine !== true) return;
          const rows = await tx<FaultRow[]>`
            ${selectFaults(tx)}
            where f.state in ('open', 'returned') and not f.others and ${kind === 'all' ? tx`true` : tx`f.fatal`}
              and (f.first_seen > now() - ${NEWS}::interval or f.state = 'returned')
              and not exists (
                select from shadowread.audit a
                where a.subject = 'fault ' || f.fault and a.what = 'alert'
                  and (f.state <> 'returned' or a.at > f.repaired_at))
            order by f.first_seen limit ${AT_ONCE}`;
          for (const row of rows) await work(row);
        });
      } catch (error) {
        throw journalError(error);
      }
    },
    close: () => sql.end({ timeout: 1 }),
  };
}
