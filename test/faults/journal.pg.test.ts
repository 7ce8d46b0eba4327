/** Whatever becomes of the journal or the clock: clients never know, and in the end every read is counted once. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type HostileTwin, hostileTwin } from '../support/hostile-twin.ts';
import { freshJournal } from '../support/journal-database.ts';
import { journalSums, withJournal } from '../support/journal-sums.ts';
import { CONCURRENCY, Ordeal } from '../support/ordeal.ts';
import { THING, thingsConfig } from '../support/steady-primary.ts';
import { startTcpGate, type TcpGate } from '../support/tcp-gate.ts';

const DRAIN_MS = 120_000;
const CONFIG = `${thingsConfig()}
listen: { host: 127.0.0.1, drainMs: ${DRAIN_MS} }
journal: { flushMs: 30 }
twin: { concurrency: ${CONCURRENCY} }
verifier: { niceness: 0 }
`;
const HOUR = 3_600_000;
const CLOCK = new URL('../support/shifted-clock.ts', import.meta.url).href;

const FULL = `
  create function public.disk_is_full() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
  create trigger disk_is_full before insert on shadowread.counts for each statement execute function public.disk_is_full()`;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('faults of the journal and of the clock, on a real process', () => {
  let url: string;
  let door: TcpGate;
  let twin: HostileTwin;
  let on: Ordeal;
  let folder: string;
  const setClock = (ms: number): Promise<void> => writeFile(join(folder, 'clock'), String(ms));

  before(async () => {
    url = await freshJournal();
    const journal = new URL(url);
    door = await startTcpGate(journal.hostname, Number(journal.port));
    await door.set('gone');
    journal.hostname = '127.0.0.1';
    journal.port = String(door.port);
    folder = await mkdtemp(join(tmpdir(), 'shadowread-clock-'));
    await setClock(0);
    twin = await hostileTwin(THING);
    on = await Ordeal.begin({
      environment: {
        SHADOWREAD_TWIN_URL: twin.url,
        SHADOWREAD_JOURNAL_URL: journal.href,
        NODE_OPTIONS: `--import=${CLOCK}`,
        SHIFTED_CLOCK: join(folder, 'clock'),
      },
      config: CONFIG,
    });
  });
  after(async () => {
    await on?.end();
    await door.close();
    await twin.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The fault bites: verdicts wait. */
  const lags = async (): Promise<void> => {
    const { journal } = await on.proxy.until(({ journal: { lagSeconds } }) => lagSeconds > 0);
    expect(journal.lagSeconds).to.be.greaterThan(0);
  };
  /** All that was ever read is in the journal, once. */
  const caughtUp = async (): Promise<void> => {
    await on.proxy.until(({ journal: { lagSeconds } }) => lagSeconds === 0);
    expect((await journalSums(url)).total, 'verdicts in the journal').to.equal(on.reads);
  };

  it('Postgres down at the start, and there later', async () => {
    await on.suffer({ name: 'journal down at the start', begin: lags, end: () => door.set('open') });
    await caughtUp();
  });

  it('Postgres killed under load', async () => {
    const terminate = (): Promise<unknown> =>
      withJournal(
        url,
        (sql) =>
          sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      );
    await on.suffer({
      name: 'journal killed under load',
      begin: () => undefined,
      during: async () => {
        for (let i = 0; i < 5; i += 1) {
          await terminate();
          await pause(40);
        }
        await terminate();
        await door.set('gone');
        await lags();
      },
      end: () => door.set('open'),
    });
    await caughtUp();
  });

  it('Postgres stuck in the middle of a batch', async () => {
    await on.suffer({
      name: 'journal stuck',
      begin: () => undefined,
      during: async () => {
        await door.set('stuck');
        await lags();
      },
      end: () => door.set('open'),
    });
    await caughtUp();
  });

  it('Postgres slow', async () => {
    await on.suffer({ name: 'journal slow', begin: () => door.set('slow'), end: () => door.set('open') });
    await caughtUp();
  });

  it("Postgres' disk full", async () => {
    await on.suffer({
      name: 'journal full (53100)',
      begin: async () => {
        await withJournal(url, (sql) => sql.unsafe(FULL));
      },
      during: async () => {
        await lags();
        await pause(300);
        await lags();
      },
      end: async () => {
        await withJournal(url, (sql) => sql.unsafe('drop function public.disk_is_full cascade'));
      },
    });
    await caughtUp();
  });

  for (const [name, shifts] of [
    ['leaps 5 hours ahead', [5 * HOUR]],
    ['falls back by 5 hours and 5 more', [0, -5 * HOUR]],
    ['goes to and fro by days', [40 * HOUR, -40 * HOUR, 0]],
  ] as const) {
    it(`the clock ${name} under load`, async () => {
      await on.suffer({
        name: `the clock ${name}`,
        begin: () => undefined,
        during: async () => {
          for (const shift of shifts) {
            await setClock(shift);
            await pause(150);
          }
        },
        end: () => undefined,
      });
      await caughtUp();
    });
  }

  it('the clock leaps while it stops: reads in flight are still verified and written', async () => {
    const body = `content-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(THING)}\r\n\r\n${THING}`;
    // Answers that are still on their way when the signal comes, and for longer than a wrong deadline would leave them.
    twin.misdeed = (socket) => void setTimeout(() => socket.write(`HTTP/1.1 200 OK\r\n${body}`), 400);
    const driven = await on.clients.drive({ requests: 30 });
    const began = performance.now();
    const [status] = await Promise.all([on.stop(), pause(20).then(() => setClock(10 * HOUR))]);
    const ms = performance.now() - began;
    const sums = await journalSums(url);
    console.log(
      `      stopped in ${Math.round(ms)} ms with ${status}; ${sums.total} verdicts in the journal for ${on.primary.reads} reads: ${JSON.stringify(sums.byKind)}`,
    );
    expect([...driven.changed, ...driven.failed]).to.deep.equal([]);
    expect(status).to.equal(0);
    // The clients' own questions to the primary, one for each of three kinds of reads, did not go through the proxy.
    expect(sums.total).to.equal(on.reads + driven.reads);
    expect(sums.byKind.shutdown).to.equal(undefined);
    expect(ms).to.be.lessThan(DRAIN_MS);
  });
});
