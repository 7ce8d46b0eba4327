import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadApiOf } from '../../src/cli/api.ts';
import { loadConfig } from '../../src/config.ts';
import { blocksOf, DOCS, documentedCommands } from './documented.ts';

describe('docs/adding-an-api.md', () => {
  it('has snippets of config that the real check takes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shadowread-docs-'));
    try {
      const blocks = blocksOf(await readFile(DOCS, 'utf8'), 'yaml');
      expect(blocks.length).to.be.greaterThan(2);
      for (const [i, block] of blocks.entries()) {
        const file = join(folder, `${i}.yaml`);
        await writeFile(file, block);
        await loadApiOf(loadConfig(file, {}));
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('has the commands that the newcomer’s test runs', async () => {
    expect((await documentedCommands()).map(([command]) => command)).to.deep.equal([
      'proxy',
      'learn',
      'init',
      'config',
      'proxy',
      'gate',
    ]);
  });
});
