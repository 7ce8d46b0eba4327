/** `npm run fuzz -- <target>`: `--help` lists the targets and says what it takes. */
import { Argument, Option } from 'commander';
import { numberFrom, toolOf, wholeFrom } from '../../config/tool.ts';
import { connections } from './connections/connections.ts';
import { parsers } from './parsers/parsers.ts';
import type { FuzzTarget } from './target.ts';

const TARGETS: Readonly<Record<string, FuzzTarget>> = { connections, ...parsers };

interface Asked {
  readonly runs?: number;
  readonly minutes?: number;
  readonly seed?: number;
}

const list = Object.entries(TARGETS).map(([name, { what, runs }]) => `  ${name.padEnd(14)}${what} (${runs} runs)`);
const tool = toolOf({
  usage: 'npm run fuzz --',
  description: `Gives a target what nobody foresaw. Targets:\n${list.join('\n')}`,
  exits: { 0: 'all held', 1: 'something did not' },
})
  .addArgument(new Argument('<target>', 'one of those above').choices(Object.keys(TARGETS)))
  .addOption(
    new Option('--runs <number>', 'inputs to try (default: as listed)')
      .argParser(wholeFrom(1, Number.MAX_SAFE_INTEGER))
      .conflicts('minutes'),
  )
  .option('--minutes <number>', 'how long to try', numberFrom(0.01, 1_440))
  .option('--seed <number>', 'of the random draws (default: by the clock)', wholeFrom(0, 1e9))
  .parse();
const name: string = tool.processedArgs[0];
const target = TARGETS[name];
if (target === undefined) throw new Error(`there is no target ${name}`);
const { minutes, seed = Date.now() % 1_000_000_000, ...asked } = tool.opts<Asked>();
const runs = asked.runs ?? (minutes === undefined ? target.runs : Number.MAX_SAFE_INTEGER);
const end = performance.now() + (minutes ?? Number.POSITIVE_INFINITY) * 60_000;
const long = minutes === undefined ? `${runs} runs` : `${minutes} minutes`;
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
