import { atLeastOne, type CommandDeclaration, formatted, PRINTED } from './declare.ts';

export const mismatches: CommandDeclaration = {
  usage: 'mismatches',
  description: 'Lists mismatches, the newest first.',
  load: () => import('../mismatches.ts').then((m) => m.mismatches),
  options: (made) =>
    formatted()(
      made
        .option('--domain <domain>', 'only this domain (default: all)')
        .option('--route <route>', 'only this route (default: all)')
        .option('--fingerprint <id>', 'only this fingerprint, or the only one that begins so (default: all)')
        .option('--cause <cause>', 'only this cause (default: all)')
        .option('--limit <n>', 'number of rows', atLeastOne, 20)
        .option('--before <id>', 'only mismatches older than this one (default: from the newest)'),
    ),
  examples: ['mismatches --domain payments'],
  exits: PRINTED,
};
