import { type CommandDeclaration, untilStdinEnds, whole } from './declare.ts';

export const demo: CommandDeclaration = {
  usage: 'demo',
  description:
    'Starts everything on embedded stores and tells the whole story: traffic, gates that pass, faults in Postgres, a repair, and gates that pass again.',
  load: () => import('../demo.ts').then((m) => m.demo),
  options: (made) =>
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
  examples: ['demo', 'demo --once --seed 7', 'demo --requests 0 --json'],
  exits: {
    0: 'every injected fault was found, and nothing else was reported',
    1: 'one was missed, or too much was reported',
  },
};
