import { type CommandDeclaration, NO_STORE, routesOption } from './declare.ts';

export const rollback: CommandDeclaration = {
  usage: 'rollback <domain>',
  description: 'Serves a domain from the primary again, at once.',
  load: () => import('../rollback.ts').then((m) => m.rollback),
  options: (made) =>
    made
      .addOption(routesOption())
      .option('--reason <text>', 'why (default: none)')
      .option('--who <name>', 'who rolls back (default: the system user)')
      .option('--json', 'print JSON (default: text)'),
  examples: ['rollback payments'],
  exits: { 0: 'the primary serves the domain', 2: NO_STORE },
};
