/** `npm run fuzz -- <target> [--runs N | --minutes N] [--seed S]`: exit status 0 where all held, 1 where something did not, 64 for wrong usage. */
import { parseArgs } from 'node:util';
import { connections } from './connections/connections.ts';
import { parsers } from './parsers/parsers.ts';
import type { FuzzTarget } from './target.ts';

const TARGETS: Readonly<Record<string, FuzzTarget>> = { connections, ...parsers };

function usage(why: string): never {
  const list = Object.entries(TARGETS).map(([name, { what, runs }]) => `  ${name.padEnd(14)}${what} (${runs} runs)`);
  process.stderr.write(
    `${why}\n\nUsage: npm run fuzz -- <target> [--runs N | --minutes N] [--seed S]\n\n${list.join('\n')}\n`,
  );
  process.exit(64);
}

function whole(text: string | undefined, name: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : usage(`--${name} is not a whole number: ${text}`);
}

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string' }, minutes: { type: 'string' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const [name] = positionals;
const target = name === undefined ? undefined : TARGETS[name];
if (target === undefined) usage(name === undefined ? 'Name a target.' : `There is no target ${name}.`);
if (values.runs !== undefined && values.minutes !== undefined) usage('Either --runs or --minutes.');
const minutes = values.minutes === undefined ? null : Number(values.minutes);
if (minutes !== null && !(minutes > 0 && minutes <= 1_440))
  usage(`--minutes is no number up to 1440: ${values.minutes}`);
const runs = minutes === null ? whole(values.runs, 'runs', target.runs) : Number.MAX_SAFE_INTEGER;
const end = minutes === null ? Number.POSITIVE_INFINITY : performance.now() + minutes * 60_000;
const seed = whole(values.seed, 'seed', Date.now() % 1_000_000_000);
const long = minutes === null ? `${runs} runs` : `${minutes} minutes`;
process.stdout.write(`${name}: ${long} of seed ${seed}\n`);
const { failures, figures } = await target.fuzz({
  runs,
  seed,
  over: () => performance.now() > end,
  tell: (line) => process.stdout.write(`${line}\n`),
});
for (const [figure, value] of Object.entries(figures)) process.stdout.write(`${figure}: ${value}\n`);
for (const failure of failures) process.stdout.write(`FAILED: ${failure}\n`);
process.stdout.write(failures.length === 0 ? 'all held\n' : `again with --seed ${seed} and as many runs\n`);
process.exit(failures.length === 0 ? 0 : 1);
