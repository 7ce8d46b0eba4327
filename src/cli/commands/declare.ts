/** How a command is declared, and the options that several have. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ExitStatus } from '../../errors.ts';

/** What a command's module exports: its work, given its own arguments and options. */
export type Action = (args: readonly string[], options: Readonly<Record<string, unknown>>) => Promise<ExitStatus>;
export type Load = () => Promise<Action>;

/**
 * Adds one command: its name with its arguments, one sentence, the module that does the work (loaded when it is asked for),
 * its options, and lines that show how it is called.
 */
export type Declare = (
  name: string,
  description: string,
  load: Load,
  shape?: (command: Command) => Command,
  examples?: readonly string[],
) => void;

const FORMATS = ['table', 'json'] as const;

/** With `--format`, and `--json` as short for one of them. */
export const formatted =
  (formats: readonly string[] = FORMATS) =>
  (made: Command): Command =>
    made
      .addOption(new Option('--format <format>', 'output format').choices([...formats]).default('table'))
      .option('--json', 'short for --format json');

export const routesOption = (): Option =>
  new Option(
    '--routes <table>',
    'API module, or `auto` for every GET by the shape of its path (default: routes.table)',
  );

/** For programs that start a server as a child: it ends when its parent is gone. */
export const untilStdinEnds = (): Option => new Option('--until-stdin-ends', 'stop when stdin ends').hideHelp();

export function whole(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('expected a whole number.');
  return Number(value);
}

export function atLeastOne(value: string): number {
  const number = whole(value);
  if (number === 0) throw new InvalidArgumentError('expected a whole number from 1 on.');
  return number;
}

export const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function decimal(value: string): number {
  const number = Number(value);
  if (value === '' || !(number > 0 && number <= 1))
    throw new InvalidArgumentError('expected a share above 0 and up to 1.');
  return number;
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `30m` -> milliseconds. */
export function duration(value: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(value);
  const unit = match?.[2];
  if (match === null || (unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd')) {
    throw new InvalidArgumentError('expected a time like 90s, 30m, 24h or 7d.');
  }
  return Number(match[1]) * UNITS[unit];
}
