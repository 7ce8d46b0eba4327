import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { loadApi } from '../../src/api/load.ts';
import { rulesDigest } from '../../src/rules/digest.ts';

const KIT = new URL('../../src/rules/kit.ts', import.meta.url).href;

describe("the digest of a comparator from a module of the user's own", () => {
  let folder: string;
  let made = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'shadowread-code-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Each version has a folder of its own: a process never imports one address twice. */
  const digestOf = async (rule: string, helper: string): Promise<string> => {
    made += 1;
    const place = join(folder, String(made));
    mkdirSync(place);
    writeFileSync(join(place, 'helper.mjs'), helper);
    const file = join(place, 'rules.mjs');
    writeFileSync(
      file,
      `import { comparator, custom, object, text } from '${KIT}';
import { same } from './helper.mjs';
export default comparator('mine', object({ a: ${rule} }));\n`,
    );
    const entry = { pattern: '/a', domain: 'a', module: file };
    const [route] = (await loadApi({ module: null, library: [], entries: [entry] })).routes;
    if (route === undefined) throw new Error('no route');
    expect(route.comparator.code).to.match(/^[0-9a-f]{16}$/);
    return rulesDigest(route.comparator);
  };

  it('changes with the code behind its functions, and not with code that decides nothing', async () => {
    const mine = "custom('mine', '1', same)";
    const one = await digestOf(mine, 'export const same = () => null;\n');
    const other = await digestOf(mine, 'export const same = () => ({ kind: "value" });\n');
    expect(one).to.not.equal(other);
    expect(await digestOf(mine, 'export const same = () => null;\n')).to.equal(one);
    // Rules without functions are told by their description alone: a comment begins no new evidence.
    const plain = await digestOf('text()', 'export const same = () => null;\n');
    expect(await digestOf('text()', '// a comment\nexport const same = () => null;\n')).to.equal(plain);
    expect(plain).to.not.equal(one);
  });

  it('is that of an API module too, as a whole, and of a comparator of it that an entry names', async () => {
    const api = (helper: string, rule: string) => async (entries: readonly unknown[]) => {
      made += 1;
      const place = join(folder, String(made));
      mkdirSync(place);
      writeFileSync(join(place, 'helper.mjs'), helper);
      const file = join(place, 'api.mjs');
      writeFileSync(
        file,
        `import { comparator, custom, object, text } from '${KIT}';
import { defineApi } from '${new URL('../../src/api/module.ts', import.meta.url).href}';
import { get } from '${new URL('../../src/api/route.ts', import.meta.url).href}';
import { same } from './helper.mjs';
export const api = defineApi({ name: 'mine', routes: [
  get('a', '/a', { comparator: comparator('a', object({ a: ${rule} })) }),
  get('a', '/b', { comparator: comparator('b', text()) }),
] });\n`,
      );
      const { routes } = await loadApi({ module: pathToFileURL(file).href, library: [], entries });
      return routes.map((route) => rulesDigest(route.comparator));
    };
    const mine = "custom('mine', '1', same)";
    const named = [{ pattern: '/c', domain: 'a', comparator: 'a' }];
    const one = await api('export const same = () => null;\n', mine)(named);
    const other = await api('export const same = () => ({ kind: "value" });\n', mine)(named);
    expect(one.map((digest, i) => digest === other[i])).to.deep.equal([false, true, false]);
    expect(await api('export const same = () => null;\n', mine)(named)).to.deep.equal(one);
    expect(await api('// text\nexport const same = 1;\n', 'text()')([])).to.deep.equal(
      await api('export const same = 1;\n', 'text()')([]),
    );
  });
});
