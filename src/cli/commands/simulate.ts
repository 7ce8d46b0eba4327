import { type CommandDeclaration, formatted } from './declare.ts';

export const simulate: CommandDeclaration = {
  usage: 'simulate',
  description: 'Measures the journal and extrapolates to 200 replicas and 100,000 reads a second.',
  load: () => import('../simulate.ts').then((m) => m.simulate),
  options: formatted(),
  examples: ['simulate'],
  exits: { 0: 'measured' },
};
