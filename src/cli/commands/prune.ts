import { type CommandDeclaration, duration, formatted, NO_STORE, whole } from './declare.ts';

export const prune: CommandDeclaration = {
  usage: 'prune',
  description: 'Deletes what is older than the retention, and names that nothing refers to.',
  load: () => import('../prune.ts').then((m) => m.prune),
  options: (made) =>
    formatted()(
      made
        .option(
          '--older-than <time>',
          'delete what is older than this, such as 30d (default: journal.retentionDays)',
          duration,
        )
        .option('--evidence-bytes <n>', 'sealed evidence to keep, in bytes (default: journal.evidenceBytes)', whole),
    ),
  examples: ['prune --older-than 30d'],
  exits: { 0: 'deleted', 2: NO_STORE },
};
