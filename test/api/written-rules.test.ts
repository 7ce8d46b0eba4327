import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadApiOf } from '../../src/cli/api.ts';
import { loadConfig } from '../../src/config.ts';
import { compileComparator } from '../../src/rules/compile.ts';
import type { Comparator } from '../../src/rules/rule.ts';

describe('rules in a config', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shadowread-rules-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function comparators(yaml: string): Promise<readonly Comparator[]> {
    const file = join(folder, 'config.yaml');
    writeFileSync(file, yaml);
    const { routes } = await loadApiOf(loadConfig(file, {}));
    return routes.map(({ comparator }) => comparator);
  }
  const route = (rules: string, more = ''): string =>
    `${more}\nroutes:\n  entries:\n    - { pattern: /v1/orders, domain: orders, ${rules} }\n`;

  it('the example of the docs is one that starts', async () => {
    const docs = readFileSync(new URL('../../docs/writing-a-comparator.md', import.meta.url), 'utf8');
    const snippets = [...docs.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml);
    expect(snippets).to.have.lengthOf(2);
    const found = await comparators(snippets.join('\n'));
    expect(found).to.have.lengthOf(2);
    for (const comparator of found) compileComparator(comparator);
    expect(found.map(({ currencies }) => currencies?.POINTS)).to.deep.equal([0, 0]);
    expect(Object.keys(found[0]?.headerRules ?? {})).to.deep.equal(['x-total-count', 'cache-control']);
  });

  it('fields have names or rules, beside those of the comparator', async () => {
    const [names] = await comparators(route('rules: { body: strict, headers: [X-A] }, headers: [X-B]'));
    expect(names?.headers).to.deep.equal(['x-a', 'x-b']);
    const [rules] = await comparators(
      route('rules: { body: strict, headers: [X-A] }, headers: { X-B: number, vary: off }'),
    );
    expect([rules?.headers, Object.keys(rules?.headerRules ?? {})]).to.deep.equal([['x-a'], ['x-b', 'vary']]);
    const compiled = rules === undefined ? null : compileComparator(rules);
    expect([...(compiled?.headers.keys() ?? [])])
      .to.include('x-b')
      .and.not.include('vary');
  });

  it('an unknown currency is refused, with the route and what to do', async () => {
    const money = 'rules: { object: { total: { money: { currency: XYZ } } } }';
    const refused = await comparators(route(money)).then(
      () => null,
      (error: unknown) => error,
    );
    expect(String(refused)).to.include('GET /v1/orders').and.include('XYZ').and.include('currencies:');
    expect(await comparators(route(money, 'currencies: { xyz: 3 }'))).to.have.lengthOf(1);
    expect(await comparators(route(money.replace('XYZ', 'gbp')))).to.have.lengthOf(1);
    const scale = await comparators(route(money, 'currencies: { xyz: 1.5 }')).catch(String);
    expect(scale).to.include('currencies.xyz');
  });
});
