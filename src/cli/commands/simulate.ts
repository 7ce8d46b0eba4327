import { atLeastOne, type CommandDeclaration, formatted } from './declare.ts';

export const simulate: CommandDeclaration = {
  usage: 'simulate',
  description: 'Measures the journal under the load of many replicas and extrapolates to all of them.',
  load: () => import('../simulate.ts').then((m) => m.simulate),
  options: (made) =>
    formatted()(
      made
        .option('--replicas <n>', 'replicas of the fleet', atLeastOne, 200)
        .option('--reads <n>', 'reads a second of all replicas together', atLeastOne, 100_000),
    ),
  examples: ['simulate', 'simulate --replicas 20 --reads 20000'],
  exits: { 0: 'measured' },
};
