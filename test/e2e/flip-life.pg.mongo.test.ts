import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Amanat, amanat } from '../support/amanat.ts';
import { freshJournal } from '../support/journal-database.ts';
import { type LyingTwin, startLyingTwin } from '../support/lying-twin.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';
import { type Ran, runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';

/** A gate that a test's traffic can pass: the conditions are all there, the numbers are small. */
const CONFIG = `
routes: { table: amanat }
twin: { representation: primary, timeoutMs: 20000 }
settle: { delaysMs: [10, 30] }
shadow: { control: 0 }
journal: { flushMs: 100 }
gate: { minimumPerRoute: 1, minimumPerShape: 1, mismatchLimit: 0.6, failureLimit: 0.6, latencyRatio: 100, settledLimit: 1, forcedSkipLimit: 0.5 }
flip: { windowMs: 20000, minimum: 3, mismatchShare: 0.2, errorShare: 0.3, latencyMs: 20000 }
`;
const BIN = fileURLToPath(new URL('../../bin/shadowread.js', import.meta.url));

/** The body as clients read it; Mongo's version key is no part of it. */
const meaning = (body: string): unknown => JSON.parse(body, (key, value) => (key === '__v' ? undefined : value));

describe('the life of a domain: shadow, gate, 5 %, 100 %, drift, rollback', () => {
  let on: Amanat;
  let twin: LyingTwin;
  let proxy: ProxyProcess;
  let environment: Record<string, string>;

  const named = (): Record<string, string> => ({ ...environment, SHADOWREAD_CONFIG: proxy.configFile });
  const shadowread = (...args: string[]): Promise<Ran> => runCommand(args, named());
  /** Levels and leaderboards: what every client of the domain sees throughout. */
  const ask = async (users: readonly string[]): Promise<void> => {
    for (const path of [
      '/api/levels',
      '/api/points/leaderboard?limit=3',
      ...users.flatMap((user) => [`/api/points/${user}`, `/api/points/${user}/transactions`]),
    ]) {
      const [through, direct] = await Promise.all([fetch(`${proxy.url}${path}`), fetch(`${on.reference}${path}`)]);
      expect(through.status, path).to.equal(direct.status);
      expect(meaning(await through.text()), path).to.deep.equal(meaning(await direct.text()));
    }
  };
  let users: string[];

  before(async () => {
    on = await amanat();
    twin = await startLyingTwin(on.twin);
    const journal = await freshJournal();
    environment = {
      SHADOWREAD_PRIMARY_URL: on.reference,
      SHADOWREAD_TWIN_URL: twin.url,
      SHADOWREAD_JOURNAL_URL: journal,
      MIGRATION_PG_URL: on.databaseUrl,
    };
    proxy = await startProxyProcess(environment, CONFIG);
    const { data } = (await (await fetch(`${on.reference}/api/points/leaderboard?limit=12`)).json()) as {
      data: { _id: string }[];
    };
    users = data.map(({ _id }) => _id);
  });
  after(async () => {
    await proxy.stop();
    await twin.close();
  });

  it('does not flip without evidence: no data is never a pass', async () => {
    // Once as a process, whose exit status is what a script sees.
    const refused = spawnSync(process.execPath, [BIN, 'flip', 'points'], {
      env: { ...process.env, ...named() },
      encoding: 'utf8',
    });
    expect(refused.status).to.equal(2);
    expect(refused.stderr).to.match(/^SHADOW_REFUSED: points does not flip/);
    expect((await shadowread('gate', 'points')).status).to.equal(2);
  });

  it('passes the gate once every route has its evidence, in every format', async () => {
    await ask(users);
    await ask(users);
    await proxy.quiet();
    const passed = await shadowread('gate', 'points', '--format', 'json', '--wait', '300s');
    expect(passed.status, passed.out + passed.err).to.equal(0);
    expect((await shadowread('gate', 'points', '--format', 'junit')).out).to.match(/<testsuite/);
    expect((await shadowread('gate', 'points', '--format', 'markdown')).out).to.match(/points/);
    expect(JSON.parse((await shadowread('decisions', 'points', '--json')).out)[0]).to.include({
      domain: 'points',
      outcome: 'pass',
    });
  });

  it('serves 5 %, then all of it, from the twin, and shadows the primary', async () => {
    expect((await shadowread('flip', 'points', '--percent', '5')).status).to.equal(0);
    await proxy.until(({ domains }) => domains.points?.stage === 'flipped' && domains.points.percent === 5);
    await ask(users.slice(0, 5));
    expect((await shadowread('flip', 'points')).status).to.equal(0);
    await proxy.until(({ domains }) => domains.points?.percent === 100);
    const before = twin.asked.length;
    await ask(users.slice(0, 5));
    expect(twin.asked.length - before).to.be.greaterThan(10);
    const now = await proxy.quiet();
    expect(now.verdicts.mismatch).to.equal(0);
  });

  it('answers from the primary where the twin fails before its first byte; no client sees an error', async () => {
    twin.fail(503);
    await fetch(`${proxy.url}/api/levels`).then(async (answer) => {
      expect(answer.status).to.equal(200);
      expect(meaning(await answer.text())).to.deep.equal(
        meaning(await (await fetch(`${on.reference}/api/levels`)).text()),
      );
    });
    twin.fail(null);
  });

  it('rolls back by itself when the twin drifts, in the replica, and tells the journal', async () => {
    // The failure above may have tripped it already on its own: the life goes on from a fresh flip.
    await shadowread('flip', 'points', '--override', '--reason', 'the next part of the test');
    await proxy.until(({ domains }) => domains.points?.stage === 'flipped');
    twin.lie((body) => body.replace(/"balance":(\d+)/, (_, balance) => `"balance":${Number(balance) + 1}`));
    // So many within the window as it takes, however long one is.
    await until(async () => {
      for (const user of users) expect((await fetch(`${proxy.url}/api/points/${user}`)).status).to.equal(200);
      return (await proxy.status()).domains.points?.stage === 'shadow';
    });
    twin.lie(null);
    await ask(users.slice(0, 3));
    const audit = (
      await proxy.get<{ audit: { what: string; subject: string; reason: string | null }[] }>('/api/control')
    ).audit;
    expect(
      audit.find(({ what, reason }) => what === 'stage' && reason?.startsWith('automatic rollback'))?.subject,
    ).to.equal('points');
  });

  it('rolls back at once by command, and refuses admin while others are not flipped', async () => {
    await shadowread('flip', 'points', '--override', '--reason', 'test');
    await proxy.until(({ domains }) => domains.points?.stage === 'flipped');
    expect((await shadowread('rollback', 'points')).status).to.equal(0);
    await proxy.until(({ domains }) => domains.points?.stage === 'shadow');
    expect((await shadowread('flip', 'admin')).status).to.be.oneOf([1, 2]);
    expect((await shadowread('flip', 'nowhere')).status).to.equal(64);
  });
});
