/** Commands that serve: the demo, the data plane, and the example API with its twin. */
import { Option } from 'commander';
import { type Declare, routesOption, untilStdinEnds, whole } from './declare.ts';

export function servingCommands(command: Declare): void {
  command(
    'demo',
    'Starts everything on embedded stores and tells the whole story: traffic, gates that pass, faults in Postgres, a repair, and gates that pass again.',
    () => import('../demo.ts').then((m) => m.demo),
    (made) =>
      made
        .option('--seed <n>', 'seed of data, traffic and faults, a whole number', whole, 1)
        .option('--requests <n>', 'number of reads before the faults, and again after the repair', whole, 600)
        .option('--once', 'exit with the outcome (default: keep serving)')
        .option('--keep-faults', 'leave the faults as they are, to repair them on the dashboard (default: repair them)')
        .option(
          '--traffic <url>',
          'only send reads and writes to a proxy that runs elsewhere; needs MONGODB_URI (default: start everything)',
        )
        .option('--json', 'print JSON only (default: text)')
        .addOption(untilStdinEnds()),
    ['demo', 'demo --once --seed 7', 'demo --requests 0 --json'],
  );
  command(
    'proxy',
    'Serves clients from the primary, verifies their reads against the twin, and opens the admin port.',
    () => import('../proxy.ts').then((m) => m.proxy),
    (made) =>
      made
        .option('--processes <n>', 'number of processes that share the port (default: listen.processes)', whole)
        .addOption(routesOption())
        .option('--json', 'print one JSON line with the addresses when ready (default: text)')
        .addOption(untilStdinEnds()),
    ['proxy --routes auto', 'proxy --config config/default.yaml', 'proxy --processes 2'],
  );
  command(
    'sink',
    "Takes a gateway's mirrored requests, answers 204 at once, and asks both sides itself.",
    () => import('../sink.ts').then((m) => m.sink),
    (made) =>
      made
        .option('--processes <n>', 'number of processes that share the port (default: listen.processes)', whole)
        .addOption(routesOption())
        .option('--json', 'print one JSON line with the addresses when ready (default: text)')
        .addOption(untilStdinEnds()),
    ['sink --config shadowread.yaml'],
  );
  command(
    'twin',
    'Serves the Postgres twin of the example API; needs MIGRATION_PG_URL.',
    () => import('../servers.ts').then((m) => m.twin),
    (made) =>
      made
        .option('--port <n>', 'port to listen on', whole, 3_001)
        .option('--host <host>', 'address to listen on', '127.0.0.1')
        .option('--json', 'print one JSON line with the address when ready (default: text)')
        .addOption(untilStdinEnds()),
    ['twin --port 3001'],
  );
  command(
    'reference',
    'Serves the example API from MongoDB: from MONGODB_URI, or from an embedded server.',
    () => import('../servers.ts').then((m) => m.reference),
    (made) =>
      made
        .option('--port <n>', 'port to listen on', whole, 3_000)
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
    ['reference --seed-data small'],
  );
}
