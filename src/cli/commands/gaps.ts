import { type CommandDeclaration, formatted, NO_STORE } from './declare.ts';

export const gaps: CommandDeclaration = {
  usage: 'gaps',
  description: 'Lists writes that reached MongoDB but not Postgres, and repairs them on request.',
  load: () => import('../gaps.ts').then((m) => m.gaps),
  options: (made) => formatted()(made.option('--repair', 'apply these writes again (default: only list them)')),
  examples: ['gaps', 'gaps --repair'],
  exits: { 0: 'no gap is open', 1: 'gaps are open', 2: NO_STORE },
};
