import { atLeastOne, type CommandDeclaration, formatted } from './declare.ts';

export const backfill: CommandDeclaration = {
  usage: 'backfill',
  description:
    'Copies every document from MongoDB to Postgres and can be restarted; needs MONGODB_URI and MIGRATION_PG_URL.',
  load: () => import('../backfill.ts').then((m) => m.backfill),
  options: (made) =>
    formatted()(
      made
        .option('--domain <domain...>', 'only these domains (default: all)')
        .option('--batch <n>', 'documents per batch', atLeastOne, 1_000),
    ),
  examples: ['backfill', 'backfill --domain payments ledger'],
  exits: {
    0: 'every document has its row',
    1: 'Postgres refused some documents; each is listed with its reason',
    2: 'it was stopped; the next run continues',
  },
};
