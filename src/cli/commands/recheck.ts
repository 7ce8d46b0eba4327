import { type CommandDeclaration, formatted } from './declare.ts';

export const recheck: CommandDeclaration = {
  usage: 'recheck <id>',
  description:
    'Asks both sides again: the read of a mismatch, or the reads that showed a fault; exits with 0 if they agree now.',
  load: () => import('../recheck.ts').then((m) => m.recheck),
  options: (made) => formatted()(made.option('--who <name>', 'for a fault: who asks (default: the system user)')),
  examples: ['recheck 0196f0c2', 'recheck 3f9c01ab77de'],
  exits: { 0: 'the sides agree now', 1: 'they still differ', 2: 'nothing was kept, or a side did not answer' },
};
