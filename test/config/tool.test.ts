import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { COMPILED } from '../support/compiled.ts';
import { sized } from '../support/sized.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function run(tool: string, ...args: string[]) {
  const env = { ...process.env, ...COMPILED };
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool, ...args], { cwd: ROOT, encoding: 'utf8', env });
  return { status, stdout, stderr };
}

describe("the repository's tools", () => {
  it('say what they take and what their exit status means', () => {
    const { status, stdout } = run('test/fuzz/run.ts', '--help');
    expect(status).to.equal(0);
    expect(stdout).to.match(/^Usage: npm run fuzz -- \[options\] <target>/);
    expect(stdout).to.match(/har +\S/);
    expect(stdout).to.match(/--minutes <number> +how long to try/);
    expect(stdout).to.match(/Exit status:\n {2}0 +all held\n {2}1 +something did not\n {2}64 +wrong usage/);
  });

  const REFUSED: readonly (readonly [args: readonly string[], why: RegExp])[] = [
    [['har', '--runs', '1.5'], /'1.5' is invalid.*whole number/],
    [['nonsense'], /command-argument value 'nonsense' is invalid.*Allowed choices are .*har/s],
    [['har', '--runs', '2', '--minutes', '1'], /'--runs <number>' cannot be used with option '--minutes <number>'/],
    [['har', '--minutes', '-3'], /'-3' is invalid.*from 0.01 to 1440/],
  ];
  // Each is a process, and all are refused by the same lines of commander.
  for (const [args, why] of REFUSED.slice(0, sized(1, REFUSED.length))) {
    it(`refuse ${args.join(' ')} with status 64, the reason and the help`, () => {
      const { status, stdout, stderr } = run('test/fuzz/run.ts', ...args);
      expect([status, stdout]).to.deep.equal([64, '']);
      expect(stderr).to.match(why).and.to.contain('Usage: npm run fuzz --');
    });
  }

  it('all read their command line the same way', () => {
    const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: Record<string, string> };
    const tools = Object.values(scripts).flatMap((script) => /node ((?:bench|test)\/\S+\.ts)/.exec(script)?.[1] ?? []);
    expect(tools).to.include.members(['bench/run.ts', 'test/soak/run.ts', 'test/mutation/run.ts', 'test/lanes.ts']);
    for (const tool of [...tools, 'bench/scale.ts', 'bench/idle.ts', 'bench/confidence.ts'])
      expect(readFileSync(`${ROOT}${tool}`, 'utf8'), tool).to.contain('toolOf(');
  });
});
