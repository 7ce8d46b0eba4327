import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ImportSpecifier, parse } from 'acorn';
import { expect } from 'chai';

const BIN = fileURLToPath(new URL('../../bin/shadowread.js', import.meta.url));

/** Names that every Node exports which has ES modules at all. */
const ALWAYS = ['existsSync', 'fileURLToPath', 'setFlagsFromString'];

describe('a Node that is too old', () => {
  it('is told so in one sentence, with what helps', () => {
    const old = "Object.defineProperty(process.versions, 'node', { value: '20.20.2' })";
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(old)}`, BIN, 'status'],
      { encoding: 'utf8' },
    );
    expect([status, stdout]).to.deep.equal([64, '']);
    expect(stderr).to.match(
      /^SHADOW_NODE_VERSION: shadowread needs Node 24 or newer; found 20\.20\.2 .*for example: .+\n$/,
    );
  });

  it('can read the program that tells it: its syntax, and every name that it imports', () => {
    // Syntax of 2020 is Node 14.
    const { body } = parse(readFileSync(BIN, 'utf8'), {
      ecmaVersion: 2020,
      sourceType: 'module',
      allowAwaitOutsideFunction: true,
      allowHashBang: true,
    });
    const named = body.flatMap((node) => (node.type === 'ImportDeclaration' ? node.specifiers : []));
    const names = named.flatMap((one) => (one.type === 'ImportSpecifier' ? [nameOf(one)] : []));
    expect(names.filter((name) => !ALWAYS.includes(name))).to.deep.equal([]);
  });
});

const nameOf = ({ imported }: ImportSpecifier): string =>
  imported.type === 'Identifier' ? imported.name : String(imported.value);
