/** `shadowread replay`: stored pairs by the rules of now, and by those of a file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { replay } from '../../src/cli/replay.ts';
import { IdPairs } from '../../src/journal/id-pairs.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { RelatedIds } from '../../src/verifier/ids/related-ids.ts';
import { type Evidence, sealEvidence } from '../../src/verifier/sealed-pair.ts';
import { freshJournal } from '../support/journal-database.ts';
import { mismatch } from '../support/verdicts.ts';

const KEY = Buffer.alloc(32, 5);
const ID = '64b000000000000000000001';
const quiet = (): void => undefined;

/** What is told of one stored pair. */
type Told = { readonly route: string; readonly now: string; readonly why: string | null };

function sealed(
  key: string,
  primary: unknown,
  twin: unknown,
  representation: Evidence['representation'] = 'primary',
): Uint8Array {
  const verdict = mismatch({ key });
  const answer = (body: unknown) => ({
    status: 200,
    rawHeaders: ['content-type', 'application/json'],
    body: Buffer.from(JSON.stringify(body)),
    askedAt: 1,
  });
  const evidence: Evidence = {
    exchangeId: verdict.exchangeId,
    route: verdict.route,
    served: 'primary',
    representation,
    request: { method: 'GET', target: `/api/payments/${ID}`, rawHeaders: [], body: null },
    withoutCredentials: false,
    trace: verdict.trace,
    at: verdict.at,
    pairs: [{ primary: answer(primary), twin: answer(twin) }],
  };
  return sealEvidence(evidence, KEY, Date.now() + 60_000);
}

describe('shadowread replay', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-replay-'));
  const rules = (text: string): string => {
    const path = join(folder, `${Math.random().toString(36).slice(2)}.yaml`);
    writeFileSync(path, text);
    return path;
  };
  const environment: Record<string, string> = {};
  const kept: Record<string, string | undefined> = {};

  before(async () => {
    const url = await freshJournal();
    const journal = openJournal({ url, instance: 'a', limits: { journalBuffer: 100, flushMs: 60_000 }, log: quiet });
    const one = 'GET /api/payments/:id';
    const payment = { _id: ID, note: 'paid', amount: 10, currency: 'USD' };
    journal.record(mismatch({ key: one, evidence: sealed(one, payment, { ...payment, note: 'paid ' }) }));
    journal.record(mismatch({ key: one, evidence: sealed(one, payment, { ...payment, amount: 11 }) }));
    journal.record(mismatch({ key: 'GET /gone', evidence: sealed('GET /gone', {}, {}) }));
    journal.record(mismatch({ key: one }));
    expect(await journal.flush(120_000)).to.equal(true);
    await journal.close();
    Object.assign(environment, {
      SHADOWREAD_JOURNAL_URL: url,
      SHADOWREAD_EVIDENCE_KEY: KEY.toString('hex'),
      SHADOWREAD_PRIMARY_URL: 'http://127.0.0.1:9',
    });
    for (const [name, value] of [...Object.entries(environment), ['MIGRATION_PG_URL', undefined] as const]) {
      kept[name] = process.env[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  after(() => {
    for (const [name, value] of Object.entries(kept)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(folder, { recursive: true });
  });

  /** What the command prints as JSON, and its exit status. */
  async function asked(options: Readonly<Record<string, unknown>>) {
    const write = process.stdout.write;
    let out = '';
    process.stdout.write = (text: string | Uint8Array) => {
      out += String(text);
      return true;
    };
    try {
      const status = await replay([], { format: 'json', ...options });
      const said: { readonly judged: number; readonly matches: number; readonly pairs: readonly Told[] } =
        JSON.parse(out);
      return { status, ...said };
    } finally {
      process.stdout.write = write;
    }
  }

  it('judges every stored pair by the rules of now, and says which it cannot', async () => {
    const { status, judged, matches, pairs } = await asked({});
    expect([judged, matches, status]).to.deep.equal([3, 0, 2]);
    expect(pairs.filter(({ now }) => now === 'mismatch')).to.have.length(2);
    expect(pairs.find(({ route }) => route === 'GET /gone')).to.include({
      now: 'unreadable',
      why: 'the route is not in the table',
    });
  });

  it('knows the pairs of ids that the config pairs by consistency, by a rule or as the same text', async () => {
    const url = await freshJournal();
    const journal = openJournal({ url, instance: 'a', limits: { journalBuffer: 100, flushMs: 60_000 }, log: quiet });
    const key = 'GET /orders/:id';
    const order = { id: ID, buyer: 'b7', cart: 'c1', note: 'paid' };
    const asTwin = { id: 42, buyer: 'usr_b7', cart: 'c1', note: 'paid' };
    const pairs = [asTwin, { ...asTwin, id: 43 }, { ...asTwin, buyer: 'usr_b8' }, { ...asTwin, note: 'open' }];
    for (const twin of pairs) journal.record(mismatch({ key, evidence: sealed(key, order, twin, 'twin') }));
    await journal.flush(120_000);
    await journal.close();
    const known = new RelatedIds({ orders: { by: 'consistent', type: null } });
    known.suppose([{ collection: 'orders', primary: ID, twin: '42' }]);
    await (await IdPairs.open(url, known)).close();
    const config = rules(`
ids: { orders: { by: consistent }, buyers: { by: rule, rule: { prefix: usr_ } }, carts: { by: same } }
routes:
  table: none
  entries:
    - { pattern: "/orders/:id", domain: orders, rules: { object: { id: { ref: orders }, buyer: { ref: buyers }, cart: { ref: carts }, note: text } } }
`);
    process.env.SHADOWREAD_JOURNAL_URL = url;
    try {
      const { status, pairs: told } = await asked({ config });
      expect(told.map(({ why }) => why)).to.deep.equal([null, null, null, null]);
      expect(told.filter(({ now }) => now === 'match')).to.have.length(1);
      expect(status).to.equal(0);
    } finally {
      process.env.SHADOWREAD_JOURNAL_URL = environment.SHADOWREAD_JOURNAL_URL;
    }
  });

  it('with --rules says which of them would match by those', async () => {
    const file = rules(
      'GET /api/payments/:id:\n  object:\n    _id: { ref: payments }\n    note: { ignored: the twin pads notes }\n    amount: { money: currency }\n',
    );
    const { judged, matches, pairs } = await asked({ rules: file });
    expect([judged, matches]).to.deep.equal([3, 1]);
    expect(pairs.map(({ now }) => now).toSorted()).to.deep.equal(['match', 'mismatch', 'unreadable']);
  });

  it('looks no further back than --since says', async () => {
    expect(await asked({ since: -60_000 })).to.include({ judged: 0, status: 0 });
  });

  it('refuses rules of an unknown route, rules that are none, and a file that is no mapping', async () => {
    const refusal = (text: string) =>
      asked({ rules: rules(text) }).then(
        () => null,
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
      );
    expect(await refusal('GET /nowhere: strict\n')).to.equal('SHADOW_ROUTE');
    expect(await refusal('GET /api/payments/:id: { money: }\n')).to.equal('SHADOW_CONFIG');
    expect(await refusal('just words\n')).to.equal('SHADOW_CONFIG');
  });
});
