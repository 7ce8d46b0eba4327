import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadApi, NO_API } from '../../src/api/load.ts';
import { loadConfig } from '../../src/config.ts';
import { redactedAnswers } from '../../src/service/answers-shown.ts';
import { readSecrets } from '../../src/service/secrets.ts';
import { sealEvidence } from '../../src/verifier/sealed-pair.ts';
import { amountDiffers, mismatch } from '../support/verdicts.ts';

const KEY = 'a5'.repeat(32);
const key = 'GET /orders/:id';

const loaded = (routes: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-answers-'));
  const file = join(folder, 'config.yaml');
  writeFileSync(file, `routes: { table: none, entries: [${routes}] }\n`);
  try {
    return loadConfig(file, { SHADOWREAD_EVIDENCE_KEY: KEY }).config;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const answer = (body: unknown) => ({
  status: 200,
  rawHeaders: [],
  askedAt: 1,
  body: Buffer.from(JSON.stringify(body)),
});

/** The names of a route's first answer as they are shown, all the way down. */
async function shown(routes: string, body: object, differing = amountDiffers.path): Promise<string> {
  const config = loaded(routes);
  const secrets = readSecrets(config, { SHADOWREAD_EVIDENCE_KEY: KEY });
  const api = await loadApi({ ...NO_API, entries: config.routes.entries });
  const comparators = new Map(api.routes.map((route) => [route.key, route.comparator]));
  const verdict = mismatch({ key, domain: 'orders', differences: [{ ...amountDiffers, path: differing }] });
  const { evidence: _none, ...known } = verdict;
  const sealed = sealEvidence(
    {
      exchangeId: verdict.exchangeId,
      route: verdict.route,
      served: 'primary',
      representation: 'primary',
      request: { method: 'GET', target: '/orders/1', rawHeaders: [], body: null },
      withoutCredentials: true,
      trace: verdict.trace,
      at: Date.now(),
      pairs: [{ primary: answer(body), twin: answer(body) }],
    },
    Buffer.from(KEY, 'hex'),
    Date.now() + 60_000,
  );
  return JSON.stringify(redactedAnswers(sealed, known, secrets, [], comparators));
}

describe('answers as people may see them', () => {
  const body = { amount: '1.00', currency: 'USD', byPhone: { '+31612345678': 1 } };

  it('name the keys that the rules of a YAML route name, and mark where the two differ', async () => {
    const text = await shown(
      `{ pattern: /orders/:id, domain: orders, rules: { object: { amount: { money: currency }, currency: strict, byPhone: { record: strict } } } }`,
      body,
    );
    expect(text).to.match(/\["amount",\{[^[]*"differs":true/);
    expect(text).to.contain('"byPhone"').and.not.contain('31612345678').and.not.contain('1.00');
  });

  it('mark what one side lacks on that side, also where the key was told in full and is hashed by now', async () => {
    const rules = `{ pattern: /orders/:id, domain: orders, rules: { object: { amount: { money: currency }, byPhone: { record: strict } } } }`;
    const absent = '{"type":"absent","length":null,"hash":null,"differs":true,"inside":true}';
    expect(await shown(rules, { amount: '1.00', byPhone: {} }, '/byPhone/+31600000000')).to.contain(
      `"children":[["+31600000000",${absent}]]`,
    );
    const there = await shown(rules, body, '/byPhone/+31612345678');
    expect(there).to.not.contain('absent').and.not.contain('31612345678');
    expect(there).to.match(
      /\["byPhone",\{[^[]*"differs":false,"inside":true,"children":\[\["[^"]+",\{[^[]*"differs":true/,
    );
  });
});
