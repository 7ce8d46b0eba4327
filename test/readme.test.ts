import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const root = new URL('../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');
const there = (path: string): boolean => existsSync(new URL(path, root));

describe('the README', () => {
  it('has what its reader needs, and no more', () => {
    expect([...read('README.md').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).to.deep.equal([
      'Two commands',
      'In front of your API in five minutes',
      'Compared with other tools',
      'Where to read on',
    ]);
  });
});

describe('the tree in docs/architecture.md', () => {
  it('names only paths that exist', () => {
    const lines = read('docs/architecture.md').split('\n');
    const tree = lines.filter((line) => /^(?:src|otel|test|bench)\//.test(line));
    const paths = tree.flatMap((line) => line.match(/\b(?:src|otel|test|bench)\/[\w./-]*/g) ?? []);
    expect(paths).to.have.length.greaterThan(15);
    expect(paths.filter((path) => !there(path))).to.deep.equal([]);
  });
});
