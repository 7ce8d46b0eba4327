import { atLeastOne, type CommandDeclaration, routesOption, SERVING, untilStdinEnds } from './declare.ts';

export const proxy: CommandDeclaration = {
  usage: 'proxy',
  description: 'Serves clients from the primary, verifies their reads against the twin, and opens the admin port.',
  load: () => import('../proxy.ts').then((m) => m.proxy),
  options: (made) =>
    made
      .option('--processes <n>', 'number of processes that share the port (default: listen.processes)', atLeastOne)
      .addOption(routesOption())
      .option('--json', 'print one JSON line with the addresses when ready (default: text)')
      .addOption(untilStdinEnds()),
  examples: ['proxy --routes auto', 'proxy --config config/default.yaml', 'proxy --processes 2'],
  exits: SERVING,
};
