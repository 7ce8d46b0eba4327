import { atLeastOne, type CommandDeclaration, formatted, PRINTED } from './declare.ts';

export const fingerprints: CommandDeclaration = {
  usage: 'fingerprints',
  description: 'Lists what differs, one row per place in the answers, the most frequent first.',
  load: () => import('../fingerprints.ts').then((m) => m.fingerprints),
  options: (made) =>
    formatted()(
      made
        .option('--domain <domain>', 'only this domain (default: all)')
        .option('--route <route>', 'only this route (default: all)')
        .option('--state <state>', 'only this state: open, acknowledged or fixed (default: all)')
        .option('--limit <n>', 'number of rows', atLeastOne, 20)
        .option('--after <id>', 'only rows after this one (default: from the first)'),
    ),
  examples: ['fingerprints --domain payments --state open'],
  exits: PRINTED,
};
