import { type CommandDeclaration, formatted, NO_STORE } from './declare.ts';

export const reconcile: CommandDeclaration = {
  usage: 'reconcile',
  description: 'Compares the sums that the mappings declare, such as those of a ledger by account, in both stores.',
  load: () => import('../reconcile.ts').then((m) => m.reconcile),
  options: formatted(),
  examples: ['reconcile --json'],
  exits: { 0: 'every sum agrees', 1: 'a sum does not agree; its entries are named', 2: NO_STORE },
};
