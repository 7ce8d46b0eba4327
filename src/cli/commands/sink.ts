import { atLeastOne, type CommandDeclaration, routesOption, SERVING, untilStdinEnds } from './declare.ts';

export const sink: CommandDeclaration = {
  usage: 'sink',
  description: "Takes a gateway's mirrored requests, answers 204 at once, and asks both sides itself.",
  load: () => import('../sink.ts').then((m) => m.sink),
  options: (made) =>
    made
      .option('--processes <n>', 'number of processes that share the port (default: listen.processes)', atLeastOne)
      .addOption(routesOption())
      .option('--json', 'print one JSON line with the addresses when ready (default: text)')
      .addOption(untilStdinEnds()),
  examples: ['sink --config shadowread.yaml'],
  exits: SERVING,
};
