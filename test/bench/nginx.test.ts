import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { hasNginx, startNginx } from '../../bench/nginx.ts';

describe("the bench's nginx", () => {
  before(function () {
    if (!hasNginx() || !existsSync('/proc/self/stat')) this.skip();
  });

  it('is gone when it is closed, its workers too', async () => {
    const server = createServer((_request, response) => response.end('yes'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const nginx = await startNginx(port, port, 20_000 + (process.pid % 20_000), false);
    const master = nginx.pid;
    const family = processes().filter(({ pid, parent }) => pid === master || parent === master);
    expect(family.length, 'a master and its worker').to.be.greaterThan(1);
    await nginx.close();
    server.closeAllConnections();
    server.close();
    const left = processes().filter(({ pid }) => family.some((one) => one.pid === pid));
    expect(left).to.deep.equal([]);
  });
});

function processes(): { readonly pid: number; readonly parent: number }[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const stat = /^\d+$/.test(name) ? readFileSync(`/proc/${name}/stat`, 'latin1') : '';
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return stat === '' || state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent) }];
    } catch {
      return [];
    }
  });
}
