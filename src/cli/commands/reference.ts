import { Option } from 'commander';
import { type CommandDeclaration, port, SERVING, untilStdinEnds, whole } from './declare.ts';

export const reference: CommandDeclaration = {
  usage: 'reference',
  description: 'Serves the example API from MongoDB: from MONGODB_URI, or from an embedded server.',
  load: () => import('../reference.ts').then((m) => m.reference),
  options: (made) =>
    made
      .option('--port <n>', 'port to listen on', port, 3_000)
      .option('--host <host>', 'address to listen on', '127.0.0.1')
      .option('--json', 'print one JSON line with the address when ready (default: text)')
      .addOption(untilStdinEnds())
      .addOption(
        new Option('--seed-data <size>', 'fill an empty database first (default: leave it empty)').choices([
          'small',
          'large',
        ]),
      )
      .option('--seed <n>', 'seed of the data, a whole number', whole, 1),
  examples: ['reference --seed-data small'],
  exits: SERVING,
};
