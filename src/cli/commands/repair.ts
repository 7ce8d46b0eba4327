import { Option } from 'commander';
import { atLeastOne, type CommandDeclaration, formatted } from './declare.ts';

export const repair: CommandDeclaration = {
  usage: 'repair [fault-or-row]',
  description:
    'Repairs rows from their documents: one row, or all that faults, `verify` and known gaps name; then asks again the reads that showed their faults.',
  load: () => import('../repair.ts').then((m) => m.repair),
  options: (made) =>
    formatted()(
      made
        .option('--dry-run', 'show what would change, by field, and change nothing (default: change)')
        .option('--delete', 'delete a row whose document is gone (default: refuse)')
        .option('--all', 'repair every row known to be wrong (default: the one named)')
        .addOption(
          new Option('--cause <cause...>', 'with --all, only these causes (default: all)').choices([
            'data_drift',
            'missing_row',
            'extra_row',
            'known_gap',
          ]),
        )
        .option('--domain <domain...>', 'with --all, only these domains (default: all)')
        .option('--rate <n>', 'rows per second at most', atLeastOne, 50)
        .option('--reason <text>', 'why; kept in the audit trail (default: none)')
        .option('--who <name>', 'who repairs (default: the system user)'),
    ),
  examples: [
    'repair payments/66d4f0c2a1b2c3d4e5f60718 --dry-run',
    'repair 3f9c01ab77de',
    'repair --all --cause data_drift missing_row --domain payments',
    'repair --all --cause extra_row --delete --rate 10',
  ],
  exits: {
    0: 'each row is as its document; with --dry-run, it would be',
    1: 'a row was refused or still differs',
    2: '--all was stopped, or some rows could not be checked',
  },
};
