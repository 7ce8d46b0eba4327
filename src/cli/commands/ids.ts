import { atLeastOne, type CommandDeclaration, NO_STORE } from './declare.ts';

export const ids: CommandDeclaration = {
  usage: 'ids <collection>',
  description: 'Lists the pairs of ids that answers have shown, the least certain first; takes a wrong pair back.',
  load: () => import('../ids.ts').then((m) => m.ids),
  options: (made) =>
    made
      .option('--id <id>', 'only pairs of this id, of the primary or the twin (default: all)')
      .option('--limit <n>', 'number of rows', atLeastOne, 20)
      .option('--forget <id>', 'forget the pair of this id, of the primary or the twin; needs --reason (default: list)')
      .option('--reason <text>', 'why, required with --forget; kept in the audit trail')
      .option('--who <name>', 'who forgets it (default: the system user)')
      .option('--json', 'print JSON (default: text)'),
  examples: ['ids orders', 'ids orders --forget 65f0a0b0c0d0e0f000000011 --reason "the twin had the wrong row"'],
  exits: { 0: 'shown, or forgotten', 1: 'there is no pair of this id', 2: NO_STORE },
};
