/**
 * How a replica follows what people decide (stages and shared controls): by notifications of Postgres, and by
 * polling.
 */
import type postgres from 'postgres';
import { inTime } from '../base/in-time.ts';
import { messageOf } from '../errors.ts';
import { connectJournal } from './connection.ts';
import type { JournalLog } from './options.ts';
import { type ControlRow, controls, type StageRow, stages } from './read/decisions.ts';

export interface Followed {
  readonly stages: readonly StageRow[];
  readonly controls: readonly ControlRow[];
}

export interface Follower {
  /** Ends following. */
  close(): Promise<void>;
}

const POLL_MS = 1_000;
const MOST_POLL_MS = 5_000;
/** No look waits longer for the journal, ms. */
const ANSWER_MS = 5_000;

/**
 * Calls `onChange` with all stages and controls when it first knows them and after every change, within two seconds of it.
 * While the journal cannot be read nothing is called: what was known stays, and at the start the primary serves.
 */
export function follow(options: {
  readonly url: string;
  readonly log: JournalLog;
  readonly onChange: (followed: Followed) => void;
}): Follower {
  const sql = connectJournal(options.url, {
    max: 1,
    name: 'shadowread follower',
    onRenewed: () => {
      listening = null;
    },
  });
  let closed = false;
  let known = '';
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let listening: postgres.ListenMeta | null = null;
  let busy: Promise<void> | null = null;
  let again = false;

  const poll = async (): Promise<void> => {
    try {
      if (listening === null) {
        // The driver listens on a separate connection, which ends with its pool.
        listening = await inTime(
          sql,
          ANSWER_MS,
          sql.listen(
            'shadowread_change',
            () => void look(),
            () => void look(),
          ),
        );
      }
      const followed = await inTime(sql, ANSWER_MS, Promise.all([stages(sql), controls(sql)]));
      failures = 0;
      const now = JSON.stringify(followed);
      if (closed || now === known) return;
      known = now;
      options.onChange(Object.freeze({ stages: followed[0], controls: followed[1] }));
    } catch (error) {
      failures += 1;
      // A journal that has no schema yet is not reported as a failure: the first batch creates it.
      if (failures === 5)
        options.log('warn', `journal: stages cannot be read, the last known stay: ${messageOf(error)}`);
    }
  };
  const look = (): Promise<void> => {
    if (closed) return Promise.resolve();
    if (busy !== null) {
      again = true;
      return busy;
    }
    busy = poll().finally(() => {
      busy = null;
      if (closed) return;
      const soon = again;
      again = false;
      clearTimeout(timer);
      timer = setTimeout(() => void look(), soon ? 0 : Math.min(MOST_POLL_MS, POLL_MS * Math.max(1, failures)));
      timer.unref();
    });
    return busy;
  };
  void look();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await sql.end({ timeout: 1 }).catch(() => undefined);
    },
  };
}
