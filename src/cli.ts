/** The command line: parses, calls, and turns whatever is thrown into one sentence and an exit status. */
import { Command, CommanderError } from 'commander';
import { visibleLines } from './base/plain-text.ts';
import { storeError } from './base/store-errors.ts';
import { version } from './base/version.ts';
import { COMMANDS } from './cli/commands/all.ts';
import type { CommandDeclaration, Exits } from './cli/commands/declare.ts';
import { writeDefaultNotes } from './cli/default-notes.ts';
import { endWithStdinWhileStarting } from './cli/starting.ts';
import { EXIT, type ExitStatus, messageOf, ShadowError } from './errors.ts';

export { guardCommand } from './base/driver-guard.ts';
export { tellRejections } from './base/rejections.ts';
export { tolerateClosedPipe } from './cli/pipe.ts';

/** Runs one command line; resolves to the exit status. */
export async function main(argv: readonly string[]): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.yes;
  const program = commandLine((result) => {
    status = result;
  });
  try {
    await program.parseAsync([...meant(argv, program)], { from: 'user' });
    return status;
  } catch (error) {
    return failed(error);
  } finally {
    writeDefaultNotes();
  }
}

/** `help nothing` says that there is no such command, as `nothing` does; Commander would print all that there is. */
function meant(argv: readonly string[], { commands }: Command): readonly string[] {
  const [first, name] = argv;
  const asks = first === 'help' && name !== undefined && !name.startsWith('-');
  return asks && !commands.some((command) => command.name() === name) ? [name] : argv;
}

function failed(error: unknown): ExitStatus {
  if (error instanceof CommanderError) {
    return error.code === 'commander.helpDisplayed' || error.code === 'commander.version' ? EXIT.yes : EXIT.usage;
  }
  const known = error instanceof ShadowError ? error : storeError(error);
  if (known !== null) {
    process.stderr.write(`${known.code}: ${visibleLines(known.message)}\n`);
    return known.exit;
  }
  process.stderr.write(
    `SHADOW_INTERNAL: ${visibleLines(error instanceof Error ? (error.stack ?? error.message) : messageOf(error))}\n`,
  );
  return EXIT.undecided;
}

/** All commands as Commander knows them; `finish` gets the exit status of the one that was run. */
export function commandLine(finish: (status: ExitStatus) => void): Command {
  const program = new Command('shadowread')
    .description(
      'Mirrors every read of a Mongo-served API to its Postgres twin, compares the answers by meaning, and decides when a domain may flip.',
    )
    .version(version(), '-V, --version')
    .option(
      '--config <file>',
      'YAML config file, - for stdin (default: SHADOWREAD_CONFIG, else built-in defaults)',
      process.env.SHADOWREAD_CONFIG,
    )
    .exitOverride()
    // Descriptions are wrapped on narrow terminals too; without it Commander leaves columns under 40 characters as they are.
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({ outputError: (text, write) => write(visibleLines(text.replace(/^error: /, 'SHADOW_USAGE: '))) })
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText(
      'after',
      `\nExit status: 0 yes, 1 no, 2 could not decide, 64 wrong usage or config.\nExamples:\n  shadowread demo --once\n  shadowread gate payments --format markdown\n  shadowread config check config/default.yaml`,
    );

  for (const declaration of COMMANDS) addCommand(program, declaration, finish);
  return program;
}

function addCommand(
  program: Command,
  { usage, description, load, options, examples, exits }: CommandDeclaration,
  finish: (status: ExitStatus) => void,
): void {
  const made = options(program.command(usage).description(description));
  made.addHelpText('after', exitText(exits));
  made.addHelpText('after', `\nExamples:\n${examples.map((line) => `  shadowread ${line}`).join('\n')}`);
  made.exitOverride().action(async (...received: unknown[]) => {
    const self = received.at(-1);
    if (!(self instanceof Command)) throw new ShadowError('SHADOW_INTERNAL', 'the command line was not parsed');
    const { json, ...given } = self.optsWithGlobals<Record<string, unknown>>();
    if (given.untilStdinEnds === true) endWithStdinWhileStarting();
    const action = await load();
    finish(await action(self.args, json === true ? { ...given, format: 'json' } : given));
  });
}

function exitText(exits: Exits): string {
  const lines = Object.entries({ ...exits, 64: 'wrong usage or config' });
  return `\nExit status:\n${lines.map(([status, meaning]) => `  ${status.padEnd(2)}  ${meaning}`).join('\n')}`;
}
