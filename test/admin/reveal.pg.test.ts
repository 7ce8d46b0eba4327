import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import postgres from 'postgres';
import { openJournal } from '../../src/journal/journal.ts';
import type { KeptAnswer } from '../../src/verifier/sealed-pair.ts';
import { sealEvidence } from '../../src/verifier/sealed-pair.ts';
import { freshJournal } from '../support/journal-database.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxy-process.ts';
import { runCommand } from '../support/run-command.ts';
import { mismatch } from '../support/verdicts.ts';

const KEY = 'c3'.repeat(32);
const CHANGE = 'change-token-of-the-tests';
const LOOK = 'reading-token-of-the-tests';
const REVEAL = 'reveal-token-of-the-tests';
/** Personal, and shown to whoever may open answers. */
const NAME = 'zqx7person';
/** Never shown to anybody. */
const SECRETS = ['zqx7hash', 'zqx7cookie', 'zqx7access', 'zqx7linked'];

const kept = (name: string): KeptAnswer => ({
  status: 200,
  rawHeaders: ['Content-Type', 'application/json', 'Set-Cookie', 'sid=zqx7cookie'],
  body: Buffer.from(
    JSON.stringify({
      _id: '66d4c0ffee00000000000001',
      name,
      role: 'buyer',
      passwordHash: 'zqx7hash',
      refreshTokens: ['zqx7linked'],
      preferences: { accessToken: 'zqx7access', theme: name },
    }),
  ),
  askedAt: 1,
});

describe('opening the sealed answers of a mismatch', () => {
  let folder: string;
  let journalUrl: string;
  let proxy: ProxyProcess;
  let id: string;
  const config = (): string =>
    `routes: { table: amanat }\nadmin: { readTokenFile: ${join(folder, 'look')}, revealTokenFile: ${join(folder, 'reveal')} }\nevidence: { reveal: true }\n`;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shadowread-reveal-'));
    await writeFile(join(folder, 'look'), LOOK);
    await writeFile(join(folder, 'reveal'), REVEAL);
    journalUrl = await freshJournal();
    const seen = mismatch({
      key: 'GET /api/users/me',
      domain: 'identity',
      differences: [
        {
          path: '/name',
          kind: 'value',
          rule: 'text',
          measure: { of: 'none' },
          primary: { type: 'string', length: 10, hash: '0'.repeat(16) },
          twin: { type: 'string', length: 11, hash: '1'.repeat(16) },
        },
      ],
    });
    const sealed = sealEvidence(
      {
        exchangeId: seen.exchangeId,
        route: seen.route,
        served: 'primary',
        representation: 'primary',
        request: { method: 'GET', target: '/api/users/me', rawHeaders: [], body: null },
        withoutCredentials: true,
        trace: seen.trace,
        at: seen.at,
        pairs: [{ primary: kept(NAME), twin: kept(`${NAME}2`) }],
      },
      Buffer.from(KEY, 'hex'),
      Date.now() + 3_600_000,
    );
    const journal = openJournal({
      url: journalUrl,
      instance: 'seed',
      limits: { journalBuffer: 10 },
      log: () => undefined,
    });
    journal.record({ ...seen, evidence: sealed });
    expect(await journal.close(120_000)).to.equal(true);
    proxy = await startProxyProcess(
      {
        SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9',
        SHADOWREAD_JOURNAL_URL: journalUrl,
        SHADOWREAD_ADMIN_TOKEN: CHANGE,
        SHADOWREAD_EVIDENCE_KEY: KEY,
      },
      config(),
    );
    const rows = await fetch(`${proxy.admin}/api/mismatches`, { headers: { authorization: `Bearer ${LOOK}` } });
    id = ((await rows.json()) as { mismatches: { id: string }[] }).mismatches[0]?.id ?? '';
  });
  after(async () => {
    await proxy?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = (token: string | null, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${proxy.admin}/api/mismatches/${id}/reveal`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify(body),
    });
  const audit = async (): Promise<readonly { who: string; what: string; subject: string; reason: string | null }[]> => {
    const answer = await fetch(`${proxy.admin}/api/audit`, { headers: { authorization: `Bearer ${LOOK}` } });
    return ((await answer.json()) as { audit: Awaited<ReturnType<typeof audit>> }).audit;
  };

  it('takes the reveal token and no other, and keeps that nobody else did', async () => {
    for (const [token, status, code] of [
      [null, 401, 'SHADOW_REFUSED'],
      ['some-other-token-of-nobody', 401, 'SHADOW_REFUSED'],
      [LOOK, 403, 'SHADOW_ROLE'],
      [CHANGE, 403, 'SHADOW_ROLE'],
    ] as const) {
      const answer = await ask(token, { reason: 'because' });
      expect(answer.status, String(token)).to.equal(status);
      const text = await answer.text();
      expect(text).to.contain(code);
      expect(text).not.to.contain('zqx7');
    }
    expect(await audit()).to.deep.equal([]);
  });

  it('takes no token that reveals for a change, and no page of another site', async () => {
    const change = await fetch(`${proxy.admin}/api/control`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${REVEAL}`, 'content-type': 'application/json' },
      body: '{"shadowing":false}',
    });
    expect(change.status).to.equal(403);
    const elsewhere = await ask(REVEAL, { reason: 'because' }, { 'sec-fetch-site': 'cross-site' });
    expect(elsewhere.status).to.equal(403);
    expect(await elsewhere.text()).not.to.contain('zqx7');
  });

  it('asks for a reason in words', async () => {
    for (const body of [{}, { reason: '' }, { reason: '  x ' }, { reason: 7 }, { reason: 'why', more: 1 }, null])
      expect((await ask(REVEAL, body)).status, JSON.stringify(body)).to.equal(400);
    expect(await audit()).to.deep.equal([]);
  });

  it('shows both answers with what differs marked, no secret, to no cache; who and why is kept', async () => {
    const answer = await ask(REVEAL, { reason: 'ticket 4711' }, { 'x-shadow-who': 'Ada' });
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    const text = await answer.text();
    expect(text).to.contain(`"value":"${NAME}"`).and.to.contain(`"value":"${NAME}2"`);
    for (const secret of SECRETS) expect(text, secret).not.to.contain(secret);
    expect(text).to.contain('(secret)');
    expect(text).to.match(/"value":"zqx7person2","differs":true/);
    const { rounds } = JSON.parse(text) as { rounds: { primary: { headers: object; body: { type: string } } }[] };
    expect(rounds[0]?.primary.headers).to.deep.equal({ 'content-type': 'application/json' });
    const [row] = await audit();
    expect(row).to.include({ who: 'Ada', what: 'reveal', subject: `mismatch ${id}`, reason: 'ticket 4711' });
  });

  it('leaves the values nowhere: not in the log, not in a table, not in a later answer', async () => {
    const again = await fetch(`${proxy.admin}/api/mismatches/${id}`, {
      headers: { authorization: `Bearer ${REVEAL}` },
    });
    const sinks = [await again.text(), JSON.stringify(await audit()), proxy.child.said.join('\n')];
    const sql = postgres(journalUrl, { max: 1, onnotice: () => undefined });
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'shadowread'`;
    for (const { name } of tables)
      sinks.push(JSON.stringify(await sql`select t::text as row from shadowread.${sql(name)} t`));
    await sql.end({ timeout: 1 });
    for (const sink of sinks) expect(sink).not.to.contain('zqx7');
  });

  it('does the same at a terminal', async () => {
    const environment = { SHADOWREAD_JOURNAL_URL: journalUrl, SHADOWREAD_EVIDENCE_KEY: KEY };
    const file = join(folder, 'cli.yaml');
    await writeFile(file, config());
    const command = (...more: string[]) =>
      runCommand(['mismatch', id, '--reveal', '--config', file, ...more], environment);
    expect((await command()).status).to.equal(64);
    const ran = await command('--reason', 'ticket 4712', '--who', 'Grace');
    expect(ran.status, ran.err).to.equal(0);
    expect(ran.out).to.contain(`primary "${NAME}"`).and.to.contain(`twin    "${NAME}2"`);
    for (const secret of SECRETS) expect(ran.out).not.to.contain(secret);
    expect((await audit())[0]).to.include({ who: 'Grace', reason: 'ticket 4712' });
    await writeFile(file, 'routes: { table: amanat }\n');
    const off = await command('--reason', 'ticket 4713');
    expect(off.status).to.equal(2);
    expect(off.err).to.contain('SHADOW_ROLE').and.to.contain('evidence.reveal');
    expect(off.out).not.to.contain('zqx7');
    expect((await audit())[0]).to.include({ reason: 'ticket 4712' });
  });
});
