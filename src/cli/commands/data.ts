/** Commands that move and repair data. */
import { Option } from 'commander';
import { atLeastOne, type Declare, decimal, formatted, routesOption, untilStdinEnds, whole } from './declare.ts';

export function dataCommands(command: Declare): void {
  command(
    'backfill',
    'Copies every document from MongoDB to Postgres and can be restarted; needs MONGODB_URI and MIGRATION_PG_URL.',
    () => import('../migration.ts').then((m) => m.backfill),
    (made) =>
      formatted()(
        made
          .option('--domain <domain...>', 'only these domains (default: all)')
          .option('--batch <n>', 'documents per batch', whole, 1_000),
      ),
    ['backfill', 'backfill --domain payments ledger'],
  );
  command(
    'verify',
    'Compares every document in MongoDB with its row in Postgres.',
    () => import('../migration.ts').then((m) => m.verify),
    (made) =>
      formatted()(
        made
          .option('--domain <domain...>', 'only these domains (default: all)')
          .option('--sample <share>', 'share of the documents to compare, above 0 and up to 1', decimal, 1)
          .option('--rate <n>', 'documents per second at most (default: no limit)', whole)
          .option('--restart', 'start from the beginning (default: continue where it stopped)'),
      ),
    ['verify', 'verify --sample 0.1 --rate 2000'],
  );
  command(
    'reconcile',
    "Compares the ledger's sums in Postgres with those derived from MongoDB.",
    () => import('../migration.ts').then((m) => m.reconcile),
    formatted(),
    ['reconcile --json'],
  );
  command(
    'drain',
    'Applies new writes from MongoDB to Postgres.',
    () => import('../migration.ts').then((m) => m.drain),
    (made) =>
      formatted()(
        made
          .option('--follow', 'continue until stopped (default: end when nothing waits)')
          .addOption(untilStdinEnds())
          .addOption(
            new Option('--source <source>', 'source of the changes')
              .choices(['outbox', 'changestream'])
              .default('outbox'),
          ),
      ),
    ['drain', 'drain --follow --source changestream'],
  );
  command(
    'gaps',
    'Lists writes that reached MongoDB but not Postgres, and repairs them on request.',
    () => import('../migration.ts').then((m) => m.gaps),
    (made) => formatted()(made.option('--repair', 'apply these writes again (default: only list them)')),
    ['gaps', 'gaps --repair'],
  );
  command(
    'repair [fault-or-row]',
    'Repairs rows from their documents: one row, or all that faults, `verify` and known gaps name; then asks again the reads that showed their faults.',
    () => import('../repair.ts').then((m) => m.repair),
    (made) =>
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
    [
      'repair payments/66d4f0c2a1b2c3d4e5f60718 --dry-run',
      'repair 3f9c01ab77de',
      'repair --all --cause data_drift missing_row --domain payments',
      'repair --all --cause extra_row --delete --rate 10',
    ],
  );
  command(
    'status',
    'Shows how far each domain has come, one row per domain.',
    () => import('../status.ts').then((m) => m.status),
    (made) => formatted()(made.addOption(routesOption())),
    ['status'],
  );
}
