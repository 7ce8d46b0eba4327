/** `npm run fuzz -- <target> [--runs N] [--seed S]`: exit status 0 where all held, 1 where something did not, 64 for wrong usage. */
import { parseArgs } from 'node:util';
import { connections } from './connections/connections.ts';
import { parsers } from './parsers/parsers.ts';
import type { FuzzTarget } from './target.ts';

const TARGETS: Readonly<Record<string, FuzzTarget>> = { connections, ...parsers };

function usage(why: string): never {
  const list = Object.entries(TARGETS).map(([name, { what, runs }]) => `  ${name.padEnd(14)}${what} (${runs} runs)`);
  process.stderr.write(`${why}\n\nUsage: npm run fuzz -- <target> [--runs N] [--seed S]\n\n${list.join('\n')}\n`);
  process.exit(64);
}

function whole(text: string | undefined, name: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : usage(`--${name} is not a whole number: ${text}`);
}

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const [name] = positionals;
const target = name === undefined ? undefined : TARGETS[name];
if (target === undefined) usage(name === undefined ? 'Name a target.' : `There is no target ${name}.`);
const runs = whole(values.runs, 'runs', target.runs);
const seed = whole(values.seed, 'seed', Date.now() % 1_000_000_000);
process.stdout.write(`${name}: ${runs} runs of seed ${seed}\n`);
const { failures, figures } = await target.fuzz({
  runs,
  seed,
  tell: (line) => process.stdout.write(`${line}\n`),
});
for (const [figure, value] of Object.entries(figures)) process.stdout.write(`${figure}: ${value}\n`);
for (const failure of failures) process.stdout.write(`FAILED: ${failure}\n`);
process.stdout.write(failures.length === 0 ? 'all held\n' : `again with --runs ${runs} --seed ${seed}\n`);
process.exit(failures.length === 0 ? 0 : 1);
