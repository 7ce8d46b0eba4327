import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { limitConnections, oneAtATime, shared } from '../../src/admin/connections.ts';
import { until } from '../support/until.ts';

const ASK = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('one connection to the admin port', () => {
  const begun: ServerResponse[] = [];
  const server = createServer(oneAtATime((_request, response) => void begun.push(response)));
  let client: Socket;
  let said = '';

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(async () => {
    begun.length = 0;
    said = '';
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
    });
    client.on('error', () => undefined);
    await once(client, 'connect');
  });
  afterEach(() => client.destroy());
  after(() => server.close());

  it('has one request under way, whatever it sends ahead, and gets its answers in order', async () => {
    client.write(ASK.repeat(3));
    for (const nth of [1, 2, 3]) {
      await until(() => begun.length === nth);
      await new Promise(setImmediate);
      expect(begun).to.have.length(nth);
      begun.at(-1)?.end(`answer ${nth};`);
      await until(() => said.includes(`answer ${nth};`));
    }
  });

  it('is closed where it sends more ahead than anybody needs, with one request begun at most', async () => {
    const closed = once(client, 'close');
    client.write(ASK.repeat(1_000));
    await closed;
    expect(begun.length).to.be.at.most(1);
  });

  it('is closed where its reader does not read, and is one of a limited number', () => {
    const limited = createServer();
    limitConnections(limited);
    expect(limited.timeout).to.be.within(20_000, 120_000);
    expect(limited.maxConnections).to.be.within(200, 1_000);
  });
});

describe('work that many ask for at once', () => {
  it('is done once for all, and again for who comes later, also where it failed', async () => {
    let runs = 0;
    const work = shared(async () => {
      runs += 1;
      const nth = runs;
      await new Promise(setImmediate);
      if (nth === 1) throw new Error('the first fails');
      return nth;
    });
    const failed = await Promise.allSettled([work(), work(), work()]);
    expect(failed.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected', 'rejected']);
    expect(await Promise.all([work(), work()])).to.deep.equal([2, 2]);
    expect(await work()).to.equal(3);
  });
});
