import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { runCommand } from '../support/run-command.ts';

/** As a load balancer without a server behind it: it lets everybody in, and shows them out without a word. */
function revolvingDoor(): Server {
  return createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => setTimeout(() => socket.end(), 300));
  });
}

describe('a command whose Postgres lets it in and says nothing', () => {
  let server: Server;
  let url: string;
  before(async () => {
    server = revolvingDoor().listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `postgres://u:p@127.0.0.1:${(server.address() as AddressInfo).port}/d`;
  });
  after(() => {
    server.close();
  });

  it('ends with 2 and says so', async () => {
    const { status, err } = await runCommand(['gaps'], { MIGRATION_PG_URL: url, MONGODB_URI: 'mongodb://127.0.0.1:1' });
    expect(err).to.match(/^SHADOW_POSTGRES: .*no answer within 10000 ms/m);
    expect(status).to.equal(2);
  });
});
