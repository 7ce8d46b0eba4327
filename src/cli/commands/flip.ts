import { type CommandDeclaration, routesOption, whole } from './declare.ts';

export const flip: CommandDeclaration = {
  usage: 'flip <domain>',
  description: 'Serves a share of the reads of a domain from the twin.',
  load: () => import('../flip.ts').then((m) => m.flip),
  options: (made) =>
    made
      .addOption(routesOption())
      .option('--percent <n>', 'percent of the reads, 1 to 100', whole, 100)
      .option('--override', 'flip without a passing gate; needs --reason (default: the gate must pass)')
      .option('--reason <text>', 'why; required with --override (default: none)')
      .option('--who <name>', 'who flips (default: the system user)')
      .option('--json', 'print JSON (default: text)'),
  examples: ['flip payments --percent 5', 'flip payments --override --reason "incident 42"'],
  exits: { 0: 'the stage is changed', 1: 'the gate does not pass', 2: 'the gate cannot decide' },
};
