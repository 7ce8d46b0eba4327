import { type CommandDeclaration, NO_STORE, routesOption } from './declare.ts';

export const epoch: CommandDeclaration = {
  usage: 'epoch <action> <domain>',
  description: 'Begins new evidence for a domain (`epoch new`); earlier comparisons no longer count.',
  load: () => import('../epoch.ts').then((m) => m.epoch),
  options: (made) =>
    made
      .option('--reason <text>', 'why, required; kept in the audit trail')
      .addOption(routesOption())
      .option('--who <name>', 'who begins it (default: the system user)')
      .option('--json', 'print JSON (default: text)'),
  examples: ['epoch new payments --reason "the first run was overloaded"'],
  exits: { 0: 'new evidence has begun', 2: NO_STORE },
};
