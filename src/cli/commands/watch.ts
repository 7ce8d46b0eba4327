import { type CommandDeclaration, formatted } from './declare.ts';

export const watch: CommandDeclaration = {
  usage: 'watch',
  description: 'Shows a live table of verdicts per domain, from the admin port of a running proxy.',
  load: () => import('../watch.ts').then((m) => m.watch),
  options: (made) =>
    formatted()(
      made
        .option('--admin <url>', 'address of the admin port (default: admin.host and admin.port)')
        .option('--once', 'print one table and exit (default: keep updating)'),
    ),
  examples: ['watch'],
  exits: { 0: 'it was stopped', 2: 'the admin port does not answer, or refuses' },
};
