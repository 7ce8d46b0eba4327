/** The command line of the repository's own tools (bench, soak, fuzz, …): one way to say what they take and to refuse. */
import { Command, InvalidArgumentError } from 'commander';

/** Wrong usage, as in BSD's sysexits.h. */
const USAGE = 64;

export interface ToolTexts {
  /** As it is typed: `npm run soak --`. */
  readonly usage: string;
  readonly description: string;
  /** What each exit status means, 64 excepted. */
  readonly exits: Readonly<Record<number, string>>;
}

/** A command whose `--help` says all that it takes, and which ends with status 64 and its help where it is used wrongly. */
export function toolOf({ usage, description, exits }: ToolTexts): Command {
  const statuses = Object.entries({ ...exits, [USAGE]: 'wrong usage' });
  return new Command(usage)
    .description(description)
    .allowExcessArguments(false)
    .showHelpAfterError()
    .addHelpText(
      'after',
      `\nExit status:\n${statuses.map(([status, what]) => `  ${status.padEnd(4)}${what}`).join('\n')}`,
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE));
}

/** Reads an option's number. @throws InvalidArgumentError, which commander prints with the option's name */
export function numberFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is a number from ${least} to ${most}.`);
  };
}

/** Reads an option's whole number. @throws InvalidArgumentError, which commander prints with the option's name */
export function wholeFrom(least: number, most: number): (text: string) => number {
  const number = numberFrom(least, most);
  return (text) => {
    const value = number(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError('It is a whole number.');
  };
}
