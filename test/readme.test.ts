import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const root = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');

describe('the README', () => {
  it('names only paths that exist', () => {
    const paths = [
      ...readme.matchAll(
        /\]\(([^)]+)\)|^ {4}((?:src|otel|test|bench)\/[\w./-]*)|\s((?:src|otel|test|bench)\/[\w./-]*)/gm,
      ),
    ].map(([, link, tree, further]) => link ?? tree ?? further ?? '');
    expect(paths).to.have.length.greaterThan(15);
    expect(paths.filter((path) => !existsSync(new URL(path.replace(/`.*/, ''), root)))).to.deep.equal([]);
  });
});
