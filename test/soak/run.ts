/**
 * `npm run soak [-- --minutes 30] [--rate 40] [--seed 1]`: exit status 0 where all held, 1 where something did not, 2 where
 * nothing was read, 64 for wrong usage. Everything runs on loopback.
 */
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import type { Slope } from './slope.ts';
import { soak } from './soak.ts';

function usage(why: string): never {
  process.stderr.write(`${why}\n\nUsage: npm run soak [-- --minutes 5] [--rate 40] [--seed 1]\n`);
  process.exit(64);
}

function amount(text: string, name: string, most: number): number {
  const value = Number(text);
  return value > 0 && value <= most ? value : usage(`--${name} is a number above 0 and up to ${most}, found ${text}`);
}

function asked() {
  try {
    return parseArgs({
      options: {
        minutes: { type: 'string', default: '5' },
        rate: { type: 'string', default: '40' },
        seed: { type: 'string', default: '1' },
      },
    }).values;
  } catch (error) {
    return usage(messageOf(error));
  }
}

const slopeWords = (name: string, slope: Slope | null): string =>
  slope === null
    ? `${name}: too few samples`
    : `${name}: ${slope.perHour.toFixed(1)} MB an hour (95 %: ${slope.low.toFixed(1)} to ${slope.high.toFixed(1)}; ${slope.points} samples over ${slope.minutes.toFixed(1)} minutes)`;

const values = asked();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  const outcome = await soak({
    minutes: amount(values.minutes, 'minutes', 1_440),
    rate: amount(values.rate, 'rate', 1_000),
    seed: amount(values.seed, 'seed', 1e9),
    tell: say,
  });
  say(`${outcome.reads} reads: ${JSON.stringify(outcome.verdicts)}`);
  for (const [name, slope] of Object.entries(outcome.slopes)) say(slopeWords(name, slope));
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
