import { type CommandDeclaration, formatted, NO_STORE } from './declare.ts';

export const mismatch: CommandDeclaration = {
  usage: 'mismatch <id>',
  description: 'Shows one mismatch: what differs, why, and since when.',
  load: () => import('../mismatch.ts').then((m) => m.mismatch),
  options: (made) =>
    formatted()(
      made
        .option('--reveal', 'open its sealed answers, less secrets; needs evidence.reveal and the reveal token')
        .option('--reason <text>', 'with --reveal: why, for the audit trail')
        .option('--who <name>', 'with --reveal: who asks (default: the system user)'),
    ),
  examples: ['mismatch 0196f0c2', 'mismatch 0196f0c2 --reveal --reason "ticket 4711: wrong total"'],
  exits: { 0: 'shown', 1: 'there is no such mismatch', 2: NO_STORE },
};
