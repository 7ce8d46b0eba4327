/** docs/reference/commands.md: every command, from the definitions that parse the command line. */
import type { Command, Option } from 'commander';
import { COMMANDS } from '../../src/cli/commands/all.ts';
import { nameOf } from '../../src/cli/commands/declare.ts';
import { commandLine } from '../../src/cli.ts';
import { code, page, table } from './markdown.ts';

/** The commands that people call, in the order of the help. */
export const commands = (): readonly Command[] =>
  commandLine(() => undefined).commands.filter((command) => command.name() !== 'help');

const shown = (option: Option): boolean => !option.hidden;

function defaultOf({ defaultValue }: Option): string {
  return defaultValue === undefined || (Array.isArray(defaultValue) && defaultValue.length === 0)
    ? ''
    : code(String(defaultValue));
}

function meaningOf({ description, argChoices }: Option): string {
  return argChoices === undefined ? description : `${description}: ${argChoices.map(code).join(', ')}`;
}

function section(command: Command): string {
  const declared = COMMANDS.find((one) => nameOf(one) === command.name());
  if (declared === undefined) throw new RangeError(`${command.name()} is not declared`);
  const { exits, examples } = declared;
  const options = command.options.filter(shown);
  return [
    `## ${command.name()}`,
    command.description(),
    `    shadowread ${`${command.name()} ${command.usage()}`.trim()}`,
    ...(options.length === 0
      ? []
      : [
          table(
            ['option', 'default', 'meaning'],
            options.map((option) => [code(option.flags), defaultOf(option), meaningOf(option)]),
          ),
        ]),
    `Exit status: ${Object.entries(exits)
      .map(([status, meaning]) => `${status} ${meaning}`)
      .join('; ')}.`,
    `Examples:\n\n${examples.map((line) => `    shadowread ${line}`).join('\n')}`,
  ].join('\n\n');
}

export function commandsPage(): string {
  const all = commands();
  return page('Commands', 'Look up one command: its options, their defaults, and what its exit status means.', [
    [
      'Every command takes `--config <file>` (`-` is stdin; else `SHADOWREAD_CONFIG`, else the built-in defaults) and `--help`. `--json` is short for',
      '`--format json`. In a checkout `npm run -s shadowread -- <command>` is what `shadowread <command>` is where it is installed.',
      'Exit status 64 is wrong usage or config, everywhere.',
    ].join('\n'),
    table(
      ['command', 'does'],
      all.map((command) => [`[${command.name()}](#${command.name()})`, command.description()]),
    ),
    ...all.map(section),
  ]);
}
