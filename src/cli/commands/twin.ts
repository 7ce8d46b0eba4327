import { type CommandDeclaration, port, SERVING, untilStdinEnds } from './declare.ts';

export const twin: CommandDeclaration = {
  usage: 'twin',
  description: 'Serves the Postgres twin of the example API; needs MIGRATION_PG_URL.',
  load: () => import('../twin.ts').then((m) => m.twin),
  options: (made) =>
    made
      .option('--port <n>', 'port to listen on', port, 3_001)
      .option('--host <host>', 'address to listen on', '127.0.0.1')
      .option('--json', 'print one JSON line with the address when ready (default: text)')
      .addOption(untilStdinEnds()),
  examples: ['twin --port 3001'],
  exits: SERVING,
};
