import { type CommandDeclaration, duration, formatted, PRINTED, routesOption } from './declare.ts';

export const report: CommandDeclaration = {
  usage: 'report',
  description: 'Shows verdicts, rates and bounds per domain and route.',
  load: () => import('../report.ts').then((m) => m.report),
  options: (made) =>
    formatted()(
      made
        .addOption(routesOption())
        .option('--domain <domain>', 'only this domain (default: all)')
        .option('--since <time>', 'length of the window, such as 90m or 7d (default: 24h)', duration),
    ),
  examples: ['report --since 1h'],
  exits: PRINTED,
};
