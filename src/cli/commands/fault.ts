import { type CommandDeclaration, formatted, NO_STORE } from './declare.ts';

export const fault: CommandDeclaration = {
  usage: 'fault <id>',
  description: 'Shows one fault: what is wrong, since when, and which reads show it.',
  load: () => import('../fault.ts').then((m) => m.fault),
  options: formatted(),
  examples: ['fault 3fa9c1'],
  exits: { 0: 'shown', 1: 'there is no such fault', 2: NO_STORE },
};
