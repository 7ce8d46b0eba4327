import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { connectJournal } from '../../src/journal/connection.ts';

/** Lets everybody in, and resets the connection at the first query. */
function inhospitable(): Server {
  const letIn = Buffer.concat(['R\0\0\0\b\0\0\0\0', 'Z\0\0\0\u0005I'].map((message) => Buffer.from(message, 'latin1')));
  return createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(letIn);
      socket.once('data', () => socket.resetAndDestroy());
    });
  });
}

describe('a promise that is rejected while nobody waits for it', () => {
  let server: Server;
  let port = 0;
  before(async () => {
    server = inhospitable();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.close();
  });

  it('ends no command, and is told with where it was thrown, never with its message', async () => {
    const main = fileURLToPath(new URL('../support/rejections-main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, String(port)]);
    const [out, said] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect([out, child.exitCode], said).to.deep.equal(['refused', 0]);
    expect(said)
      .to.match(/nobody waited for it: RangeError\n {4}at .*rejections-main/)
      .and.not.include('zqx7');
    // The driver's own query for array types.
    expect(said).to.match(/a connection to Postgres ended or failed while it was made: ECONNRESET \(Error\)\n {4}at /);
  });

  it('does not come of a journal whose connections end while they are made', async () => {
    const sql = connectJournal(`postgres://u@127.0.0.1:${port}/d`, { max: 1 });
    // Mocha ends the run at a rejection that nobody waits for.
    const refused = await sql`select 1`.catch((error: unknown) => error);
    expect(refused).to.include({ code: 'ECONNRESET' });
    await sql.end({ timeout: 0 });
  });
});
