import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { requireTokenBeyondLoopback } from '../../src/admin/access.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';

const TOKEN = 'change-token-of-the-tests';
const LOOK = 'reading-token-of-the-tests';

interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** By node:http: fetch would not send a Host, an Origin or a Sec-Fetch-Site of our choice. */
function ask(url: string, headers: Readonly<Record<string, string>> = {}, method = 'GET', body = ''): Promise<Asked> {
  const { promise, resolve, reject } = Promise.withResolvers<Asked>();
  const request = httpRequest(url, { method, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      }),
    );
  });
  request.on('error', reject);
  request.end(body);
  return promise;
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const PATCH = '{"shadowing":false}';
const JSON_TYPE = { 'content-type': 'application/json' };

describe('access to the admin port', () => {
  let folder: string;
  let proxy: ProxyProcess;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shadowread-access-'));
    await writeFile(join(folder, 'look'), `${LOOK}\n`);
    proxy = await startProxyProcess(
      { SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9', SHADOWREAD_ADMIN_TOKEN: TOKEN },
      `routes: { table: amanat }\nadmin: { readTokenFile: ${join(folder, 'look')}, hosts: [ops.example] }\n`,
    );
  });
  after(async () => {
    await proxy?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('refuses the whole API without a token, and leaves health and metrics open', async () => {
    for (const path of [
      'status',
      'routes',
      'overview',
      'mismatches',
      'fingerprints',
      'gates',
      'control',
      'events',
      'none',
    ]) {
      const { status, headers } = await ask(`${proxy.admin}/api/${path}`);
      expect(status, path).to.equal(401);
      expect(headers['www-authenticate']).to.contain('Bearer');
    }
    expect((await ask(`${proxy.admin}/healthz`)).status).to.equal(200);
    expect((await ask(`${proxy.admin}/readyz`)).status).to.equal(503);
    expect((await ask(`${proxy.admin}/metrics`, { host: 'scraped-by-name:9464' })).status).to.equal(200);
  });

  it('lets the token change and the read-only token look', async () => {
    expect((await ask(`${proxy.admin}/api/status`, bearer(LOOK))).status).to.equal(200);
    const refused = await ask(`${proxy.admin}/api/control`, { ...bearer(LOOK), ...JSON_TYPE }, 'PATCH', PATCH);
    expect(refused.status).to.equal(403);
    expect(refused.body).to.contain('may look and not change');
    const changed = await ask(`${proxy.admin}/api/control`, { ...bearer(TOKEN), ...JSON_TYPE }, 'PATCH', PATCH);
    expect(changed.status).to.equal(200);
  });

  it('keeps each change with who made it, also without a journal, and never with the token', async () => {
    await ask(
      `${proxy.admin}/api/control`,
      { ...bearer(TOKEN), ...JSON_TYPE, 'x-shadow-who': 'Ada <b>' },
      'PATCH',
      '{"routes":{"GET /api/levels":{"paused":true}},"reason":"deploying"}',
    );
    const { body } = await ask(`${proxy.admin}/api/control`, bearer(LOOK));
    const { audit } = JSON.parse(body) as { audit: Record<string, unknown>[] };
    expect(audit[0]).to.include({ who: 'Ada b', what: 'control', subject: 'GET /api/levels', reason: 'deploying' });
    expect(body).to.not.contain(TOKEN).and.not.contain(LOOK);
  });

  it('answers 421 to a Host that is not ours: a page that resolves to this port gets nothing', async () => {
    for (const host of ['evil.example', 'evil.example:9464', '127.0.0.1.evil.example'])
      expect((await ask(`${proxy.admin}/api/status`, { ...bearer(TOKEN), host })).status, host).to.equal(421);
    expect((await ask(`${proxy.admin}/`, { host: 'evil.example' })).status).to.equal(421);
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:9464', 'ops.example:443', 'OPS.example'])
      expect((await ask(`${proxy.admin}/api/status`, { ...bearer(TOKEN), host })).status, host).to.equal(200);
  });

  it('refuses a change from another origin, cookie or not', async () => {
    const { host } = new URL(proxy.admin);
    const change = (headers: Record<string, string>): Promise<Asked> =>
      ask(
        `${proxy.admin}/api/control`,
        { cookie: `shadowread_token=${TOKEN}`, ...JSON_TYPE, ...headers },
        'PATCH',
        PATCH,
      );
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: `http://${host}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: `http://${host}` },
    ])
      expect((await change(headers)).status, JSON.stringify(headers)).to.equal(403);
    expect((await change({ origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })).status).to.equal(200);
  });

  it('keeps every call that changes something, repairs too, to the token that may and to its own pages', async () => {
    const { body } = await ask(`${proxy.admin}/api`, bearer(TOKEN));
    const { endpoints } = JSON.parse(body) as { endpoints: { method: string; path: string }[] };
    const changes = endpoints.filter(({ method }) => method !== 'GET');
    expect(changes.map(({ path }) => path)).to.include.members(['/api/faults/:id/repair', '/api/faults/:id/recheck']);
    const foreign = { cookie: `shadowread_token=${TOKEN}`, origin: 'http://evil.example' };
    for (const { method, path } of changes) {
      for (const headers of [bearer(LOOK), foreign]) {
        const url = `${proxy.admin}${path.replaceAll(/:\w+/g, '0abc')}`;
        const { status } = await ask(url, { ...headers, ...JSON_TYPE }, method, '{}');
        expect(status, `${method} ${path}`).to.equal(403);
      }
    }
  });

  it('says which methods an address takes, where it is asked by another', async () => {
    const asked = async (method: string, path: string): Promise<unknown[]> => {
      const { status, headers } = await ask(`${proxy.admin}${path}`, bearer(TOKEN), method);
      return [status, headers.allow];
    };
    for (const path of ['/healthz', '/readyz', '/metrics', '/api/status', '/api/mismatches/0abc'])
      expect(await asked('POST', path), path).to.deep.equal([405, 'GET, HEAD']);
    expect(await asked('PUT', '/api/control')).to.deep.equal([405, 'GET, HEAD, PATCH']);
    expect(await asked('GET', '/api/session')).to.deep.equal([405, 'POST']);
    expect(await asked('GET', '/api/faults/0abc/repair')).to.deep.equal([405, 'POST']);
    expect((await asked('POST', '/api/nowhere'))[0]).to.equal(404);
  });

  it('hands the token over once, into a cookie that scripts cannot read and other sites cannot send', async () => {
    const signed = await ask(`${proxy.admin}/api/session`, JSON_TYPE, 'POST', JSON.stringify({ token: TOKEN }));
    expect(signed.status).to.equal(200);
    const cookie = String(signed.headers['set-cookie']);
    expect(cookie).to.contain('HttpOnly').and.contain('SameSite=Strict').and.contain('Path=/');
    const carried = { cookie: cookie.split(';')[0] ?? '' };
    expect((await ask(`${proxy.admin}/api/status`, carried)).status).to.equal(200);
  });

  it('sends its security fields with every answer, refusals and files included', async () => {
    for (const path of ['/', '/assets/app.js', '/vendor/htm.js', '/api/status', '/nothing', '/healthz']) {
      const { headers } = await ask(`${proxy.admin}${path}`);
      expect(headers['content-security-policy'], path).to.contain("default-src 'none'").and.not.contain('unsafe');
      expect(headers['x-content-type-options'], path).to.equal('nosniff');
      expect(headers['x-frame-options'], path).to.equal('DENY');
      expect(headers['referrer-policy'], path).to.equal('no-referrer');
      expect(headers['x-powered-by'], path).to.equal(undefined);
    }
  });

  it('serves its own files and no others', async () => {
    for (const path of [
      '/assets/../access.ts',
      '/assets/%2e%2e/access.ts',
      '/assets/..%2f..%2fconfig.ts',
      '/vendor/package.json',
    ])
      expect((await ask(`${proxy.admin}${path}`)).body, path).to.not.match(/import |dependencies/);
  });

  it('signs in with the token that may only look, and says what it may', async () => {
    const signIn = (body: string, more: Record<string, string> = {}): Promise<Asked> =>
      ask(`${proxy.admin}/api/session`, { ...JSON_TYPE, ...more }, 'POST', body);
    const signed = await signIn(JSON.stringify({ token: ` ${LOOK}\n` }));
    expect(signed.status).to.equal(200);
    expect(JSON.parse(signed.body)).to.deep.equal({ ok: true, access: 'read' });
    const cookie = { cookie: String(signed.headers['set-cookie']).split(';')[0] ?? '' };
    const status = await ask(`${proxy.admin}/api/status`, cookie);
    expect(JSON.parse(status.body)).to.include({ access: 'read' });
    expect((await ask(`${proxy.admin}/api/control`, { ...cookie, ...JSON_TYPE }, 'PATCH', PATCH)).status).to.equal(403);
    expect((await signIn(JSON.stringify({ token: LOOK }), { origin: 'http://evil.example' })).status).to.equal(403);
    for (const body of ['{"token":{"toString":1}}', '{"token":["x"]}', '{"token":""}', '{}', '[]', ''])
      expect((await signIn(body)).status, body).to.equal(400);
  });

  it('counts changes that a token may not make apart: it may go on looking', async () => {
    const change = (token: string): Promise<Asked> =>
      ask(`${proxy.admin}/api/control`, { ...bearer(token), ...JSON_TYPE }, 'PATCH', PATCH);
    const statuses = new Set<number>();
    for (let tries = 0; tries < 40; tries += 1) statuses.add((await change(LOOK)).status);
    expect([...statuses]).to.deep.equal([403, 429]);
    expect((await ask(`${proxy.admin}/api/status`, bearer(LOOK))).status).to.equal(200);
    expect((await change(TOKEN)).status).to.equal(200);
  });

  // The last that asks anything: it uses the guesses up.
  it('makes an address wait after ten wrong tokens, by header or by signing in, whatever right ones come in between, and says how long', async () => {
    const statuses: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      statuses.push(
        tries % 2 === 0
          ? (await ask(`${proxy.admin}/api/status`, bearer(`guess-${tries}`))).status
          : (await ask(`${proxy.admin}/api/session`, JSON_TYPE, 'POST', `{"token":"guess-${tries}"}`)).status,
      );
      if (tries < 9) expect((await ask(`${proxy.admin}/api/status`, bearer(LOOK))).status).to.equal(200);
    }
    expect(statuses).to.deep.equal([...Array.from({ length: 10 }, () => 401), 429, 429]);
    // Else the answer would say which guess was right.
    const refused = await ask(`${proxy.admin}/api/status`, bearer(TOKEN));
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers['retry-after'])).to.be.within(1, 60);
    expect((await ask(`${proxy.admin}/healthz`)).status).to.equal(200);
  });

  it('leaves loopback only with a token', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost'])
      expect(() => requireTokenBeyondLoopback(host, null)).to.not.throw();
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'ops.example'])
      expect(() => requireTokenBeyondLoopback(host, null)).to.throw('only with a token');
    expect(() => requireTokenBeyondLoopback('0.0.0.0', TOKEN)).to.not.throw();
  });
});
