import { atLeastOne, type CommandDeclaration, decimal, formatted } from './declare.ts';

export const verify: CommandDeclaration = {
  usage: 'verify',
  description: 'Compares every document in MongoDB with its row in Postgres.',
  load: () => import('../verify.ts').then((m) => m.verify),
  options: (made) =>
    formatted()(
      made
        .option('--domain <domain...>', 'only these domains (default: all)')
        .option('--sample <share>', 'share of the documents to compare, above 0 and up to 1', decimal, 1)
        .option('--rate <n>', 'documents per second at most (default: no limit)', atLeastOne)
        .option('--restart', 'start from the beginning (default: continue where it stopped)'),
    ),
  examples: ['verify', 'verify --sample 0.1 --rate 2000'],
  exits: {
    0: 'all rows agree with their documents, or are known rejects or gaps',
    1: 'rows are missing, too many, different or behind',
    2: 'it was stopped, or some documents changed at every look',
  },
};
