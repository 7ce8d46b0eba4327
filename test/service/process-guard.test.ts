import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { FaultFigures } from '../../src/base/faults.ts';
import { RawClient, type SeenMessage } from '../support/raw-http.ts';
import { until } from '../support/until.ts';
import { Wire } from '../support/wire.ts';

async function ask(port: number, target: string): Promise<SeenMessage> {
  const client = new RawClient(port);
  const seen = await client.ask(Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`), 'GET');
  client.close();
  return seen;
}

describe('a process that serves and in which an exception comes out of nowhere', () => {
  let child: ChildProcess;
  let port = 0;
  let said = '';
  beforeEach(async () => {
    said = '';
    child = fork(fileURLToPath(new URL('../support/crash-main.ts', import.meta.url)), { silent: true });
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    const [first] = await once(child, 'message');
    port = first.port;
  });
  afterEach(() => {
    child.kill('SIGKILL');
  });

  it('ends the request that it came of, counts it, says no word of its message, and serves all others', async () => {
    const slow = ask(port, '/slow');
    const bomb = await ask(port, '/bomb');
    expect(bomb.end, 'cut, or refused').to.not.equal('complete');
    expect((await ask(port, '/ok')).body.toString()).to.equal('/ok');
    expect((await slow).body.toString()).to.equal('begun, ended');
    expect(child.exitCode).to.equal(null);
    child.send('figures');
    const [figures]: FaultFigures[] = await once(child, 'message');
    expect(figures).to.deep.include({ total: 1, byStage: { process: 1 } });
    expect(figures?.last).to.include({ stage: 'process', kind: 'TypeError' });
    expect(said).to.include('TypeError').and.not.include('zqx7');
  });

  it('that is a broken invariant lets requests under way end, and then ends with status 1', async () => {
    const wire = new Wire(port);
    wire.send('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    await wire.sees('begun, ');
    const exited = once(child, 'exit');
    void ask(port, '/broken');
    await until(() => said.includes('nothing adds up; the process drains and ends'));
    await wire.sees('ended');
    expect((await exited)[0]).to.equal(1);
  });
});
