import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { parse } from 'yaml';
import { configOf } from '../../src/config.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { openReader } from '../../src/journal/reader.ts';
import { openWriter } from '../../src/journal/writer.ts';
import { type FaultAlerts, watchFaultAlerts } from '../../src/service/fault-alerts.ts';
import type { Fault } from '../../src/types.ts';
import { freshJournal } from '../support/journal-database.ts';
import { until } from '../support/until.ts';
import { mismatch } from '../support/verdicts.ts';

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const fault = (id: string, fatal: boolean): Fault => ({
  id,
  cause: 'data_drift',
  domain: 'payments',
  collection: 'payments',
  entity: '66d4c0ffee00000000000001',
  field: fatal ? 'amount' : 'note',
  route: null,
  fingerprint: null,
  sample: null,
  fatal,
});

/** The templates that the documentation shows. */
const documented = [
  ...readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8').matchAll(/```yaml\n(alerts:[^`]*)```/g),
].map(([, text]) => parse(text ?? ''));

describe('alerts of new faults', () => {
  let journalUrl: string;
  let server: Server;
  let url: string;
  let answers: number[];
  let received: Received[];
  const said: string[] = [];
  const log = {
    info: () => undefined,
    warn: (text: string) => void said.push(text),
    often: (_topic: string, text: string) => void said.push(text),
  };
  const open: FaultAlerts[] = [];

  before(async () => {
    journalUrl = await freshJournal();
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => {
        body += chunk;
      });
      request.on('end', () => {
        received.push({ headers: request.headers, body });
        const status = answers.shift() ?? 200;
        response.writeHead(status, status === 302 ? { location: `${url}/elsewhere` } : {}).end('ok');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    answers = [];
    received = [];
    said.length = 0;
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });
  after(() => {
    server.close();
  });

  const seen = async (...faults: readonly Fault[]): Promise<void> => {
    const journal = openJournal({
      url: journalUrl,
      instance: 'seed',
      limits: { journalBuffer: 10 },
      log: () => undefined,
    });
    journal.record(mismatch({ cause: { cause: 'data_drift', entities: [], note: null, faults } }));
    expect(await journal.close(120_000)).to.equal(true);
  };
  const watch = (alerts: object = {}, token: string | null = null, to = url): void => {
    const { config } = configOf(
      {
        primary: { url: 'http://127.0.0.1:9' },
        admin: { publicUrl: 'https://shadow.example/ops/' },
        alerts: { everyMs: 30, ...alerts },
      },
      {},
    );
    const writer = openWriter({ url: journalUrl });
    const secrets = { alertUrl: to, alertToken: token };
    const watching = watchFaultAlerts({ journalUrl, config, secrets, writer, log });
    if (watching === null) throw new Error('nothing watches');
    open.push({
      close: async () => {
        await watching.close();
        await writer.close();
      },
    });
  };
  const told = async (id: string): Promise<number> => {
    const reader = openReader({ url: journalUrl });
    const rows = await reader.audit({ subject: `fault ${id}` });
    await reader.close();
    return rows.filter(({ what }) => what === 'alert').length;
  };

  it('are sent once for each fatal fault, however many replicas look, and not for others', async () => {
    await seen(fault('aaaaaaaaaaaa', true), fault('bbbbbbbbbbbb', false));
    watch({}, 'a-token-of-the-receiver');
    watch({}, 'a-token-of-the-receiver');
    await until(async () => (await told('aaaaaaaaaaaa')) === 1, 20);
    const looks = 8;
    await new Promise((resolve) => setTimeout(resolve, looks * 40));
    expect(received).to.have.length(1);
    expect(received[0]?.headers.authorization).to.equal('Bearer a-token-of-the-receiver');
    expect(JSON.parse(received[0]?.body ?? '')).to.include({
      fault: 'aaaaaaaaaaaa',
      what: 'new',
      domain: 'payments',
      link: 'https://shadow.example/ops/#/fault/aaaaaaaaaaaa',
    });
  });

  it('are tried again where the receiver is in trouble, and follow no redirect', async () => {
    await seen(fault('cccccccccccc', true));
    answers = [503, 302, 200];
    watch({ webhook: { tries: 2 } });
    await until(async () => (await told('cccccccccccc')) === 1, 20);
    expect(received).to.have.length(3);
    expect(said.join()).to.contain('status 302');
    expect(said.join()).not.to.contain(url);
  });

  it('come again when a repaired fault returns', async () => {
    const writer = openWriter({ url: journalUrl });
    await writer.patchFault('cccccccccccc', { state: 'repaired' }, 'test');
    await writer.close();
    await seen(fault('cccccccccccc', true));
    watch();
    await until(async () => (await told('cccccccccccc')) === 2, 20);
    expect(JSON.parse(received.at(-1)?.body ?? '')).to.include({ what: 'returned' });
  });

  it('end at once on a stop, also while nobody answers', async () => {
    await seen(fault('dddddddddddd', true));
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    watch({}, null, `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    await until(() => new Promise<boolean>((resolve) => silent.getConnections((_error, n) => resolve(n > 0))), 10);
    await Promise.all(open.splice(0).map((one) => one.close()));
    silent.closeAllConnections();
    silent.close();
    expect(await told('dddddddddddd')).to.equal(0);
  });

  it('are what Slack and Alertmanager take, as the documentation shows', async () => {
    expect(documented).to.have.length(2);
    const bodies: unknown[] = [];
    for (const [at, { alerts }] of documented.entries()) {
      const id = `eeeeeeeeeee${at}`;
      await seen(fault(id, true));
      watch({ webhook: { template: alerts.webhook.template } });
      await until(async () => (await told(id)) === 1, 20);
      bodies.push(JSON.parse(received.find(({ body }) => body.includes(id))?.body ?? 'null'));
      await Promise.all(open.splice(0).map((one) => one.close()));
    }
    const [slack, alertmanager] = bodies;
    expect(slack).to.have.all.keys('text');
    expect(alertmanager).to.be.an('array').with.length(1);
    expect(JSON.stringify(alertmanager)).to.contain('"alertname":"ShadowNewFault"').and.to.contain('"startsAt":"20');
  });
});
