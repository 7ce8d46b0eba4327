/** How a command is declared, and the options that several have. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ExitStatus } from '../../errors.ts';

/** What a command's module exports: its work, given its own arguments and options. */
export type Action = (args: readonly string[], options: Readonly<Record<string, unknown>>) => Promise<ExitStatus>;

/** What each exit status means; 64 is wrong usage or config everywhere. */
export interface Exits {
  readonly 0: string;
  readonly 1?: string;
  readonly 2?: string;
}

export interface CommandDeclaration {
  /** Name and arguments, as the help prints them. */
  readonly usage: string;
  /** One sentence. */
  readonly description: string;
  /** Loads the module that does the work, only once the command is called. */
  readonly load: () => Promise<Action>;
  readonly options: (command: Command) => Command;
  /** Command lines without the program's name. */
  readonly examples: readonly string[];
  readonly exits: Exits;
}

export const nameOf = ({ usage }: CommandDeclaration): string => usage.split(' ')[0] ?? usage;

export const SERVING: Exits = { 0: 'it was stopped in order', 1: 'it was stopped at once, by a second signal' };
/** Status 2 of commands that ask nothing but a store. */
export const NO_STORE = 'a store or the journal did not answer';
export const PRINTED: Exits = { 0: 'shown', 2: NO_STORE };

const FORMATS = ['table', 'json'] as const;

/** With `--format`, and `--json` as short for one of them. */
export const formatted =
  (formats: readonly string[] = FORMATS) =>
  (made: Command): Command =>
    made
      .addOption(new Option('--format <format>', 'output format').choices([...formats]).default(formats[0]))
      .option('--json', 'short for --format json');

export const routesOption = (): Option =>
  new Option(
    '--routes <table>',
    'API module, or `auto` for every GET by the shape of its path (default: routes.table)',
  );

/** How recorded traffic is to be read, which of it is asked, and with what. */
export const recorded = (made: Command): Command =>
  made
    .option('--as <format>', 'format of the files (default: detected from their content)')
    .option('--log-format <format>', 'log format as nginx, Apache or Envoy write it (default: detected from the lines)')
    .option('--variable <name=value>', 'variable of a Postman collection; may be repeated', collected, [])
    .option('--host <host>', 'only requests to this host; may be repeated; none means all hosts', collected, [])
    .option(
      '--header <field>',
      "header to send: 'Name: value', or for one side 'twin:Name: value'; may be repeated",
      collected,
      [],
    );

/** For programs that start a server as a child: it ends when its parent is gone. */
export const untilStdinEnds = (): Option => new Option('--until-stdin-ends', 'stop when stdin ends').hideHelp();

export function whole(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError('expected a whole number.');
  return Number(value);
}

/** Per second; fewer than one too. */
export function rate(value: string): number {
  if (!/^\d{1,9}(?:\.\d{1,9})?$/.test(value)) throw new InvalidArgumentError('expected a number, such as 100 or 0.5.');
  return Number(value);
}

export function atLeastOne(value: string): number {
  const number = whole(value);
  if (number === 0) throw new InvalidArgumentError('expected a whole number from 1 on.');
  return number;
}

/** 0 lets the system choose. */
export function port(value: string): number {
  const number = whole(value);
  if (number > 65_535) throw new InvalidArgumentError('expected a port from 0 to 65535.');
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
