import { Option } from 'commander';
import { type CommandDeclaration, formatted, untilStdinEnds } from './declare.ts';

export const drain: CommandDeclaration = {
  usage: 'drain',
  description: 'Applies new writes from MongoDB to Postgres.',
  load: () => import('../drain.ts').then((m) => m.drain),
  options: (made) =>
    formatted()(
      made
        .option('--follow', 'continue until stopped (default: end when nothing waits)')
        .addOption(untilStdinEnds())
        .addOption(
          new Option('--source <source>', 'source of the changes')
            .choices(['outbox', 'changestream'])
            .default('outbox'),
        )
        .option(
          '--restart',
          'begin the change stream from now, after the outboxes, and not where the last run stopped: for when its history is lost',
        ),
    ),
  examples: ['drain', 'drain --follow --source changestream'],
  exits: {
    0: 'every waiting write was applied',
    1: 'Postgres refused some writes; `shadowread gaps` lists them',
    2: 'the change stream has lost writes since the last run',
  },
};
