import { type CommandDeclaration, duration, formatted, routesOption } from './declare.ts';

export const gate: CommandDeclaration = {
  usage: 'gate [domains...]',
  description: 'Decides whether domains may flip, and shows the evidence.',
  load: () => import('../gate.ts').then((m) => m.gate),
  options: (made) =>
    formatted(['table', 'json', 'junit', 'markdown'])(
      made
        .option('--all', 'every domain (default: those named)')
        .option(
          '--wait <time>',
          'wait for a decision at most this time, such as 30m or 90s (default: do not wait)',
          duration,
        )
        .addOption(routesOption())
        .option('--who <name>', 'who asks; kept with the decision (default: the system user)'),
    ),
  examples: ['gate payments', 'gate --all --format junit', 'gate payments --wait 30m'],
  exits: { 0: 'every named domain may flip', 1: 'at least one may not', 2: 'evidence is missing, and none fails' },
};
