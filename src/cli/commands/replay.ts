import { type CommandDeclaration, duration, formatted } from './declare.ts';

export const replay: CommandDeclaration = {
  usage: 'replay',
  description: 'Compares stored pairs again under other rules.',
  load: () => import('../replay.ts').then((m) => m.replay),
  options: (made) =>
    formatted()(
      made
        .option('--since <time>', 'length of the window, such as 90m or 7d (default: 24h)', duration)
        .option('--rules <file>', 'YAML file with rules by route (default: the present rules)'),
    ),
  examples: ['replay --since 24h --rules rules.yaml'],
  exits: { 0: 'every stored pair was compared', 2: 'some could not be opened, or there is no key' },
};
