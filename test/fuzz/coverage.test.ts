import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

describe('fuzz: coverage', () => {
  it('tells each branch that runs for the first time, and none twice', () => {
    const program = fileURLToPath(new URL('coverage-main.ts', import.meta.url));
    // Functions from a compile cache have no branches to be seen.
    const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };
    const told: [string, number, number][] = JSON.parse(execFileSync(process.execPath, [program], { env }).toString());
    expect(told.map(([text]) => text)).to.deep.equal(['13', '0.5', '1e400000000', '-Infinity']);
    for (const [text, first, again] of told) {
      if (text === '13') expect(first, 'the same branches').to.equal(0);
      else expect(first, text).to.be.greaterThan(0);
      expect(again, `${text} again`).to.equal(0);
    }
  });
});
