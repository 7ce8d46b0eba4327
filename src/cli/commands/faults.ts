import { atLeastOne, type CommandDeclaration, formatted, PRINTED } from './declare.ts';

export const faults: CommandDeclaration = {
  usage: 'faults',
  description: 'Lists what is wrong in the data or the twin, one row per fault; faults without an owner come first.',
  load: () => import('../faults.ts').then((m) => m.faults),
  options: (made) =>
    formatted()(
      made
        .option('--domain <domain>', 'only this domain (default: all)')
        .option('--state <state>', 'only this state: open, acknowledged, repaired or returned (default: all)')
        .option('--cause <cause>', 'only this cause (default: all)')
        .option('--limit <n>', 'number of rows', atLeastOne, 50)
        .option('--after <id>', 'only rows after this one (default: from the first)'),
    ),
  examples: ['faults --domain payments --state open'],
  exits: PRINTED,
};
