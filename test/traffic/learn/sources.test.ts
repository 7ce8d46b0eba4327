/** A recorded file and a gateway's mirror as what `learn` learns from; the proxy in front is in test/examples. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http, { type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { startChild } from '../../../src/amanat/demo/child.ts';
import { main } from '../../../src/cli.ts';
import { runCommand } from '../../support/run-command.ts';

/** Host, X-A and X-B of the requests to either side. */
const seen: string[] = [];

/** Answers any item; the twin spells instants in its own way. A POST to /find is a read. */
function serve(twin: boolean): Promise<{ readonly url: string; readonly server: Server }> {
  const server = http.createServer((request, response) => {
    seen.push(`${request.headers.host} ${request.headers['x-a']} ${request.headers['x-b']}`);
    if (request.url?.startsWith('/gone') === true) response.statusCode = 404;
    const n = Number(/\d+$/.exec(request.url ?? '')?.[0] ?? 0);
    const at = new Date(1e12 + n * 1e6).toISOString();
    const own = request.url?.startsWith('/own') === true;
    const shift = own && twin ? (request.headers.host?.startsWith('a.') === true ? 1_000 : 5_000) : 0;
    request.resume();
    request.on('end', () => {
      response.setHeader('Content-Type', 'application/json');
      response.end(
        JSON.stringify({
          [own ? 'id' : 'n']: n + shift,
          at: twin ? at.replace('Z', '+00:00') : at,
          how: request.method,
        }),
      );
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        server,
        url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
      });
    });
  });
}

describe('learn takes its reads', () => {
  let sides: readonly Awaited<ReturnType<typeof serve>>[];
  let folder: string;
  let file: string;
  const environment = (): Record<string, string> => ({
    SHADOWREAD_PRIMARY_URL: sides[0]?.url ?? '',
    SHADOWREAD_TWIN_URL: sides[1]?.url ?? '',
    SHADOWREAD_PORT: '0',
  });

  before(async () => {
    sides = await Promise.all([serve(false), serve(true)]);
    folder = await mkdtemp(join(tmpdir(), 'shadowread-sources-'));
    file = join(folder, 'out.yaml');
  });
  after(async () => {
    for (const { server } of sides) {
      server.closeAllConnections();
      server.close();
    }
    await rm(folder, { recursive: true, force: true });
  });

  const bodyOf = async (pattern: string): Promise<unknown> =>
    parse(await readFile(file, 'utf8')).routes.entries.find((entry: { pattern: string }) => entry.pattern === pattern)
      ?.rules.body;
  const expected = { object: { n: 'number', at: 'instant', how: 'text' } };

  it('from the hosts that it is told, with the fields that it is given, and tells which routes gave nothing but errors', async () => {
    const log = join(folder, 'hosts.log');
    const line = (host: string, path: string): string =>
      `${host}:443 127.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET ${path} HTTP/1.1" 200 10`;
    const lines = [
      ...['a.example', 'b.example', 'c.example'].map((host, n) => line(host, `/items/${n}`)),
      line('a.example', '/gone/1'),
    ];
    await writeFile(log, `${lines.join('\n')}\n`);
    seen.length = 0;
    const asked = ['--host', 'a.example', '--host', 'b.example', '--header', 'X-A: 1', '--header', 'twin:X-B: 2'];
    const { status, out, err } = await runCommand(['learn', log, ...asked, '--json'], environment());
    expect(status, err).to.equal(0);
    expect(err).to.match(/3 reads of .*; 1 request to other hosts/);
    expect(JSON.parse(out).errorsOnly).to.deep.equal(['GET /gone/:id']);
    expect([...new Set(seen)].sort()).to.deep.equal(
      ['a.example 1 undefined', 'a.example 1 2', 'b.example 1 undefined', 'b.example 1 2'].sort(),
    );
    const text = await runCommand(['learn', log, ...asked, '--out', join(folder, 'hosts.yaml')], environment());
    expect(text.err).to.match(/nothing but errors.*GET \/gone\/:id; .*--header/);
    const live = await runCommand(['learn', '--host', 'a.example'], environment());
    expect(live.status).to.equal(64);
    expect(live.err).to.match(/recorded traffic/);
  });

  it('says what to write where each host has ids of its own', async () => {
    const log = join(folder, 'tenants.log');
    const lines = ['a.example', 'b.example'].flatMap((host) =>
      Array.from(
        { length: 12 },
        (_, n) => `${host}:443 1.1.1.1 - - [26/Nov/2026:10:00:00 +0000] "GET /own/${n % 6} HTTP/1.1" 200 10`,
      ),
    );
    await writeFile(log, `${lines.join('\n')}\n`);
    const learned = async (...more: string[]) =>
      (await runCommand(['learn', log, '--min', '2', '--concurrency', '1', ...more], environment())).err;
    expect(await learned()).to.match(
      /\/own\/:id {2}\/id: .*second partner[^\n]*\n.*learn from one \(--host\), and write `per: host`/,
    );
    expect(await learned('--host', 'a.example')).to.not.match(/per: host/);
  });

  it('asks both sides for one Host where none was recorded, as compare does', async () => {
    const log = join(folder, 'no-host.log');
    await writeFile(log, '127.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET /items/1 HTTP/1.1" 200 10\n');
    seen.length = 0;
    expect((await runCommand(['learn', log, '--json'], environment())).status).to.equal(0);
    const { host } = new URL(sides[0]?.url ?? '');
    expect([...new Set(seen)]).to.deep.equal([`${host} undefined undefined`]);
  });

  it('from a recorded file', async () => {
    const log = join(folder, 'access.log');
    const lines = Array.from(
      { length: 60 },
      (_, n) =>
        `127.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "${n % 10 === 9 ? 'DELETE' : 'GET'} /items/${n} HTTP/1.1" 200 10`,
    );
    await writeFile(log, `${lines.join('\n')}\n`);
    const before = { ...process.env };
    Object.assign(process.env, environment());
    try {
      expect(await main(['learn', log, '--out', file, '--json'])).to.equal(0);
    } finally {
      process.env = before;
    }
    expect(await bodyOf('/items/:id')).to.deep.equal(expected);
    const { out } = await runCommand(['learn', log, '--pairs', '3', '--json'], environment());
    const { draft, file: none, pairs } = JSON.parse(out);
    expect([none, pairs], 'one document, which holds the draft').to.deep.equal([null, 3]);
    expect(parse(draft).routes.entries[0].pattern).to.equal('/items/:id');
  });

  it("from a log in the user's own format, and without reads whose body it does not hold", async () => {
    const log = join(folder, 'own.log');
    const lines = Array.from({ length: 25 }, (_, n) => `api.example/items/${n}|${n === 7 ? 'POST' : 'GET'}|200`);
    await writeFile(log, `${lines.join('\n')}\n`);
    const format = ['--log-format', '$host$request_uri|$request_method|$status', '--read-post', '/items/:id'];
    const ran = await runCommand(['learn', log, ...format, '--overwrite', '--out', file], environment());
    expect(ran.status, ran.err).to.equal(0);
    expect(ran.err).to.match(/24 reads of .*; 1 request that is no read/);
    expect(await bodyOf('/items/:id')).to.deep.equal(expected);
  });

  it('into a file that can be written and replaces nothing unasked, which is found before anything is learned', async () => {
    const taken = join(folder, 'mine.yaml');
    await writeFile(taken, 'mine');
    const said: string[] = [];
    const refused = async (argv: readonly string[]): Promise<void> => {
      const { status, err } = await runCommand(argv, environment());
      expect(status, argv.join(' ')).to.equal(64);
      said.push(err);
    };
    for (const out of [taken, join(folder, 'no', 'where.yaml'), folder]) {
      await refused(['learn', '--out', out]);
      await refused(['init', '--openapi', taken, '--out', out]);
    }
    await refused(['learn', '--continue', join(folder, 'none.yaml')]);
    expect(await readFile(taken, 'utf8')).to.equal('mine');
    // Nothing was learned: the next run finds no file in its way.
    const [none, out] = [join(folder, 'none.log'), join(folder, 'none.yaml')];
    await writeFile(none, '127.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "DELETE /items/1 HTTP/1.1" 200 10\n');
    const { status, err } = await runCommand(['learn', none, '--out', out], environment());
    expect(status).to.equal(2);
    expect(err).to.contain('nothing was learned, and nothing is written');
    expect(existsSync(out)).to.equal(false);
    expect(said.filter((line) => line.includes('exists, and may hold what you changed'))).to.have.length(2);
    expect(said.filter((line) => line.includes('cannot be written'))).to.have.length(4);
  });

  it("from a gateway's mirror, which is answered at once", async () => {
    const child = await startChild(
      'learn',
      ['learn', '--sink', '--out', file, '--overwrite', '--read-post', '/find/:id'],
      environment(),
    );
    const sink = String(child.ready.proxy).replace('0.0.0.0', '127.0.0.1');
    for (let n = 0; n < 40; n++) {
      const mirrored = await fetch(`${sink}/mirror`, { headers: { 'x-original-uri': `/items/${n}` } });
      expect(mirrored.status).to.equal(204);
      await fetch(`${sink}/find/${n}`, { method: 'POST', body: '{}' });
      await fetch(`${sink}/items/${n}`, { method: 'DELETE' });
    }
    await child.stop(60_000);
    expect(await bodyOf('/items/:id')).to.deep.equal(expected);
    expect(await bodyOf('/find/:id')).to.deep.equal(expected);
  });
});
