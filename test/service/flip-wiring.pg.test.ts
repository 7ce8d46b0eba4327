/** Stages in a real journal: rollbacks that a replica makes by itself, and changes that meet. */
import { expect } from 'chai';
import { createLog } from '../../src/base/log.ts';
import { loadConfig } from '../../src/config.ts';
import { ShadowError } from '../../src/errors.ts';
import { type JournalReader, openReader } from '../../src/journal/reader.ts';
import { type JournalWriter, openWriter, type StageChange } from '../../src/journal/writer.ts';
import { type FlipWiring, wireFlip } from '../../src/service/flip-wiring.ts';
import { createPolicy } from '../../src/service/policy.ts';
import { freshJournal } from '../support/journal-database.ts';
import { startTcpGate, type TcpGate } from '../support/tcp-gate.ts';
import { until } from '../support/until.ts';

const route = { key: 'GET /a/:id', method: 'GET', pattern: '/a/:id', domain: 'alpha' } as const;
const config = loadConfig(null, { SHADOWREAD_TWIN_URL: 'http://127.0.0.1:9' }).config;
const change: StageChange = {
  ...{ domain: 'alpha', stage: 'flipped', percent: 100 },
  ...{ who: 'ada', reason: 'it is time', override: false, decision: null },
};

describe('stages in the journal', () => {
  let gate: TcpGate;
  let writer: JournalWriter;
  let behind: JournalWriter;
  let reader: JournalReader;
  const wirings: FlipWiring[] = [];

  before(async () => {
    const url = await freshJournal();
    const { hostname, port } = new URL(url);
    gate = await startTcpGate(hostname, Number(port));
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String(gate.port);
    writer = openWriter({ url });
    behind = openWriter({ url: through.href });
    reader = openReader({ url });
  });

  afterEach(() => {
    for (const wiring of wirings.splice(0)) wiring.close();
  });

  after(async () => {
    await Promise.all([writer.close(), behind.close(), reader.close()]);
    await gate.close();
  });

  const stage = async (): Promise<string> => (await reader.stages()).map((row) => `${row.stage} by ${row.by}`).join();

  /** A replica that follows what the journal has now, and writes through the gate. */
  async function replica(lines: string[] = []): Promise<FlipWiring> {
    const policy = createPolicy(config, [route]);
    const log = createLog((line) => void lines.push(line));
    const wiring = wireFlip({ config, policy, instance: 'one', writer: behind, lagMs: () => 0, log });
    wiring.followed({ stages: await reader.stages(), controls: [] });
    wirings.push(wiring);
    return wiring;
  }

  const fail = ({ hooks }: FlipWiring): void => {
    for (let read = 0; read < config.flip.minimum + 3; read += 1)
      hooks.onServed?.({
        route,
        side: 'twin',
        fellBack: true,
        headersMs: 1,
        totalMs: 1,
        status: 502,
        caller: '',
        error: null,
      });
  };

  it('a rollback that the journal could not be told is told when it can', async () => {
    await writer.setStage(change);
    const lines: string[] = [];
    const one = await replica(lines);
    await gate.set('gone');
    fail(one);
    await until(() => lines.some((line) => line.includes('not in the journal yet')));
    expect([...one.guard.rolledBack().keys()]).to.deep.equal(['alpha']);
    expect(await stage()).to.equal('flipped by ada');
    await gate.set('open');
    await until(async () => (await stage()) === 'shadow by replica one');
  });

  it('but not over what was decided meanwhile', async () => {
    await writer.setStage(change);
    const lines: string[] = [];
    const one = await replica(lines);
    await gate.set('gone');
    fail(one);
    await until(() => lines.some((line) => line.includes('not in the journal yet')));
    await writer.setStage({ ...change, percent: 5, who: 'bob' });
    const turns = gate.turns;
    await gate.set('open');
    await until(() => gate.turns > turns + 4);
    expect(await stage()).to.equal('flipped by bob');
  });

  it('a change that was decided on another stage than the present one is refused, and says who was first', async () => {
    const [now] = await reader.stages();
    await writer.setStage({ ...change, stage: 'shadow', who: 'bob', reason: 'incident 42' });
    const thrown: unknown = await writer.setStage({ ...change, after: now?.version ?? null }).catch((error) => error);
    expect(thrown).to.be.instanceOf(ShadowError).and.include({ code: 'SHADOW_REFUSED', exit: 1 });
    expect(String(thrown)).to.include('shadow at 100 %, by bob: incident 42');
    expect(await stage()).to.equal('shadow by bob');
    const both = await Promise.allSettled(
      ['cy', 'di'].map((who) => writer.setStage({ ...change, domain: 'never flipped', who, after: null })),
    );
    expect(both.map(({ status }) => status).sort()).to.deep.equal(['fulfilled', 'rejected']);
  });
});
