/** `npm run soak`: `--help` says what it takes. Everything runs on loopback. */
import { numberFrom, toolOf, wholeFrom } from '../../config/tool.ts';
import { messageOf } from '../../src/errors.ts';
import type { Slope } from './slope.ts';
import { soak } from './soak.ts';

interface Asked {
  readonly minutes: number;
  readonly rate: number;
  readonly seed: number;
}

const asked = toolOf({
  usage: 'npm run soak --',
  description:
    'Runs proxy, stores, twin and drain under traffic and faults, and judges conservation, memory and what is left over.',
  exits: { 0: 'all held', 1: 'something did not', 2: 'nothing was read, or it could not run' },
})
  .option('--minutes <number>', 'how long', numberFrom(0.1, 1_440), 5)
  .option('--rate <number>', 'reads a second', numberFrom(0.1, 1_000), 40)
  .option('--seed <number>', 'of the random draws', wholeFrom(0, 1e9), 1)
  .parse()
  .opts<Asked>();

const slopeWords = (name: string, slope: Slope | null): string =>
  slope === null
    ? `${name}: too few samples`
    : `${name}: ${slope.perHour.toFixed(1)} MB an hour (95 %: ${slope.low.toFixed(1)} to ${slope.high.toFixed(1)}; ${slope.points} samples over ${slope.minutes.toFixed(1)} minutes)`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  const outcome = await soak({
    ...asked,
    tell: say,
  });
  say(`${outcome.reads} reads: ${JSON.stringify(outcome.verdicts)}`);
  for (const [name, slope] of Object.entries(outcome.slopes)) say(slopeWords(name, slope));
  say(`highest resident memory, V8's free pages included, by tenths of the run: ${outcome.highest.join(', ')} MB`);
  if (outcome.alive.length > 0) say('allocated after the warm-up and still held by the main thread:');
  for (const [place, mb] of outcome.alive) say(`  ${mb.toFixed(2).padStart(6)} MB  ${place}`);
  if (outcome.undecided !== null) say(outcome.undecided);
  for (const failure of outcome.failures) say(`FAILED: ${failure}`);
  if (outcome.failures.length === 0) say('all held');
  process.exit(outcome.failures.length > 0 ? 1 : outcome.reads === 0 ? 2 : 0);
} catch (error) {
  process.stderr.write(`could not run: ${messageOf(error)}\n`);
  process.exit(2);
}
