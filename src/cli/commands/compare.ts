import {
  atLeastOne,
  type CommandDeclaration,
  decimal,
  formatted,
  rate,
  recorded,
  routesOption,
  whole,
} from './declare.ts';

export const compare: CommandDeclaration = {
  usage: 'compare [files...]',
  description:
    'Asks both sides for every read of recorded traffic and compares the answers (HAR, access logs, JSON, GoReplay, Postman, lists).',
  load: () => import('../compare.ts').then((m) => m.compare),
  options: (made) =>
    formatted(['table', 'json', 'junit', 'markdown'])(
      recorded(made.addOption(routesOption()))
        .option(
          '--primary <url|recorded>',
          'address of the primary, or `recorded` for the answers in the files (default: primary.url)',
        )
        .option('--twin <url>', 'address of the twin (default: twin.url)')
        .option('--rate <n>', 'reads per second, 0 for no limit', rate, 100)
        .option('--concurrency <n>', 'number of reads at once', atLeastOne, 8)
        .option('--patience <seconds>', 'end the comparison when the twin is gone for so long', atLeastOne, 20)
        .option('--sample <share>', 'share of the reads to ask, above 0 and up to 1', decimal, 1)
        .option('--distinct', 'ask each question once (default: as often as recorded)')
        .option('--per-route <n>', 'at most this number of reads per route (default: no limit)', atLeastOne)
        .option(
          '--since <time>',
          'only reads since this time (UTC if it has no zone) or age, such as 2026-11-26T10:00:00Z or 24h (default: all)',
        )
        .option('--until <time>', 'only reads before this time or age (default: all)')
        .option('--shuffle', 'ask in an order that the seed decides (default: as recorded)')
        .option('--seed <n>', 'seed of --sample and --shuffle, a whole number', whole, 1)
        .option('--min <n>', 'number of comparisons needed for a decision; exit status 2 below it', whole, 1)
        .option(
          '--routes-seen <n|share>',
          'routes that must be compared for a decision, such as 12 or 80% (default: no minimum)',
        )
        .option('--keep', 'write the verdicts to the journal, labelled (default: do not)')
        .option('--state <file>', 'file that keeps the progress (default: .shadowread-compare-<run>.json)')
        .option('--restart', 'start from the beginning (default: continue an interrupted run)')
        .option('--dry-run', 'only show what would be asked (default: ask)'),
    ),
  examples: [
    'compare access.log.gz --distinct --rate 200',
    'compare session.har --primary recorded --format markdown',
    "compare - --header 'Authorization: Bearer …' --per-route 500 < access.log",
  ],
  exits: {
    0: 'all comparisons agree',
    1: 'at least one differs',
    2: 'too few comparisons, or it was stopped; the next run continues',
  },
};
