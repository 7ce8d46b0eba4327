/** What operators do to a real process under load: reload, switch off, stop. */
import { rm, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { type HostileTwin, hostileTwin } from '../support/hostile-twin.ts';
import { freshJournal } from '../support/journal-database.ts';
import { journalSums } from '../support/journal-sums.ts';
import { CONCURRENCY, Ordeal } from '../support/ordeal.ts';
import { THING, thingsConfig } from '../support/steady-primary.ts';

const DRAIN_MS = 120_000;
const configOf = (more: string): string => `${thingsConfig()}
listen: { host: 127.0.0.1, drainMs: ${DRAIN_MS} }
journal: { flushMs: 30 }
twin: { concurrency: ${CONCURRENCY}, timeoutMs: 60000, connectTimeoutMs: 60000 }
verifier: { niceness: 0 }
${more}
`;
const CONFIG = configOf('');

describe('signals under load, on a real process', () => {
  let url: string;
  let twin: HostileTwin;
  let on: Ordeal;

  before(async () => {
    url = await freshJournal();
    twin = await hostileTwin(THING);
    on = await Ordeal.begin({
      environment: { SHADOWREAD_TWIN_URL: twin.url, SHADOWREAD_JOURNAL_URL: url },
      config: CONFIG,
    });
  });
  after(async () => {
    await on?.end();
    await twin.close();
  });

  /** Reads the config again and waits until it is in force, or refused. */
  const reload = async (text: string | null): Promise<string | null> => {
    const { configDigest, reloadError } = await on.proxy.status();
    if (text === null) await rm(on.proxy.configFile);
    else await writeFile(on.proxy.configFile, text);
    on.proxy.child.signal('SIGHUP');
    const now = await on.proxy.until((next) => next.configDigest !== configDigest || next.reloadError !== reloadError);
    return now.reloadError;
  };
  const nothing = (): void => undefined;

  it('SIGHUP takes a changed config, again and again', () =>
    on.suffer({
      name: 'SIGHUP, 4 reloads',
      allows: /^not_sampled$/,
      begin: nothing,
      during: async () => {
        for (let i = 1; i <= 2; i += 1) {
          expect(
            await reload(configOf(`shadow: { sample: 0.${i}, sampleBy: entity }\nlimits: { queue: ${100 * i} }`)),
          ).to.equal(null);
          expect((await on.proxy.status()).limits.queue).to.equal(100 * i);
          expect(await reload(CONFIG)).to.equal(null);
        }
      },
      end: nothing,
    }));

  it('a config made invalid is refused with its line, and the one in force stays', async () => {
    const { configDigest } = await on.proxy.status();
    const said: string[] = [];
    await on.suffer({
      name: 'invalid configs',
      begin: nothing,
      during: async () => {
        for (const text of [configOf('shadow: { smaple: 1 }'), configOf('shadow: { sample: 2 }'), 'routes: [', null]) {
          said.push((await reload(text)) ?? 'taken');
          expect((await on.proxy.status()).configDigest).to.equal(configDigest);
        }
        await writeFile(on.proxy.configFile, CONFIG);
        on.proxy.child.signal('SIGHUP');
        await on.proxy.until(({ reloadError }) => reloadError === null);
      },
      end: nothing,
    });
    console.log(`      refused: ${said.map((line) => line.replace(/^\S*config\.yaml/, '')).join(' | ')}`);
    expect(said[0]).to.match(/:\d+: shadow\.smaple: there is no such option/);
    expect(said[1]).to.match(/:\d+: shadow\.sample: expected at most 1/);
    expect(said[2]).to.match(/\(yaml\)/);
    expect(said[3]).to.match(/cannot be read/);
  });

  for (const [name, turn] of [
    ['SIGUSR2', async () => on.proxy.child.signal('SIGUSR2')],
    ['the admin port', async (off: boolean) => control({ shadowing: !off })],
  ] as const) {
    it(`${name} turns shadowing off at once, and on again`, () =>
      on.suffer({
        name: `off and on by ${name}`,
        shows: 'paused',
        begin: nothing,
        during: async () => {
          await turn(true);
          let looks = 1;
          while ((await on.proxy.status()).shadowing) looks += 1;
          await on.proxy.until(({ inFlight }) => inFlight === 0);
          const asked = twin.asked;
          await new Promise((resolve) => setTimeout(resolve, 200));
          console.log(`      off by ${name} at look ${looks}; the twin was asked ${twin.asked - asked} times after`);
          expect(twin.asked).to.equal(asked);
          // A signal may come to the process after a request that was sent later.
          expect(looks).to.be.at.most(3);
          await turn(false);
          await on.proxy.until(({ shadowing }) => shadowing);
        },
        end: nothing,
      }));
  }

  const control = async (patch: object): Promise<void> => {
    const answer = await fetch(`${on.proxy.admin}/api/control`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(patch),
    });
    expect(answer.status).to.equal(200);
  };

  it('a pause and a sample of one route by the admin port hold from the next read on', async () => {
    const key = 'GET /things/:id';
    await on.suffer({
      name: 'a route paused and sampled by the admin port',
      shows: 'paused',
      allows: /^not_sampled$/,
      begin: () => control({ routes: { [key]: { paused: true } } }),
      during: async () => {
        await on.proxy.until(({ inFlight }) => inFlight === 0);
        const [asked, { seen }] = [twin.asked, await on.proxy.status()];
        await on.proxy.until((now) => now.seen > seen + 10);
        expect(twin.asked).to.equal(asked);
        await control({ routes: { [key]: { paused: false, sample: 0.0001, sampleBy: 'entity' } } });
        const then = await on.proxy.status();
        await on.proxy.until((now) => now.seen > then.seen + 10);
        await on.proxy.until(({ inFlight }) => inFlight === 0);
        expect(twin.asked).to.equal(asked);
        await control({ routes: { [key]: { sample: 1, sampleBy: 'read' } } });
      },
      end: () => undefined,
    });
  });

  it('SIGTERM: who was let in is served, every read is in the journal, and it ends by itself', async () => {
    on.primary.hold(60);
    const before = on.primary.reads;
    const asked = on.reads;
    const load = on.clients.drive({ clients: 12, untilRefused: true });
    await on.proxy.until(({ seen }) => seen > asked + 30);
    const began = performance.now();
    const [status, driven] = await Promise.all([on.stop(), load]);
    const ms = performance.now() - began;
    on.primary.hold(0);
    const sums = await journalSums(url);
    const taken = driven.reads - driven.refusedReads;
    console.log(
      `      SIGTERM: ${driven.asked} requests, ${driven.changed.length} changed, ${driven.failed.length} failed; stopped in ${Math.round(ms)} ms with ${status}; ` +
        `${taken} reads answered, ${on.primary.reads - before} asked of the primary, ${sums.total - asked} verdicts in the journal: ${JSON.stringify(sums.byKind)}`,
    );
    expect([...driven.changed, ...driven.failed]).to.deep.equal([]);
    expect(status).to.equal(0);
    expect(ms, 'not by the deadline').to.be.lessThan(DRAIN_MS);
    expect(on.primary.reads - before, 'what the primary was asked').to.equal(taken);
    expect(sums.total, 'verdicts in the journal').to.equal(asked + taken);
    expect(sums.byKind.shutdown).to.equal(undefined);
  });
});
