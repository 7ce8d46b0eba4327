import { type CommandDeclaration, formatted, PRINTED, routesOption } from './declare.ts';

export const status: CommandDeclaration = {
  usage: 'status',
  description: 'Shows how far each domain has come, one row per domain.',
  load: () => import('../status.ts').then((m) => m.status),
  options: (made) => formatted()(made.addOption(routesOption())),
  examples: ['status'],
  exits: PRINTED,
};
