import { atLeastOne, type CommandDeclaration, formatted, PRINTED, routesOption, whole } from './declare.ts';

export const decisions: CommandDeclaration = {
  usage: 'decisions [domain]',
  description: 'Lists past decisions of the gate, the newest first.',
  load: () => import('../decisions.ts').then((m) => m.decisions),
  options: (made) =>
    formatted()(
      made
        .addOption(routesOption())
        .option('--limit <n>', 'number of rows', atLeastOne, 20)
        .option('--before <id>', 'only decisions older than this one (default: from the newest)', whole),
    ),
  examples: ['decisions payments --limit 5'],
  exits: PRINTED,
};
