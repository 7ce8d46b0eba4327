/** Commands that decide, and change who serves. */
import { type Declare, duration, formatted, routesOption, whole } from './declare.ts';

export function decisionsCommands(command: Declare): void {
  command(
    'gate [domains...]',
    'Decides whether domains may flip, and shows the evidence.',
    () => import('../gate.ts').then((m) => m.gate),
    (made) =>
      formatted(['table', 'json', 'junit', 'markdown'])(
        made
          .option('--all', 'every domain (default: those named)')
          .option(
            '--wait <time>',
            'wait for a decision at most this time, such as 30m or 90s (default: do not wait)',
            duration,
          )
          .addOption(routesOption())
          .option('--who <name>', 'who asks; kept with the decision (default: the system user)'),
      ),
    ['gate payments', 'gate --all --format junit', 'gate payments --wait 30m'],
  );
  command(
    'decisions [domain]',
    'Lists past decisions of the gate, the newest first.',
    () => import('../gate.ts').then((m) => m.decisions),
    (made) =>
      formatted()(
        made
          .addOption(routesOption())
          .option('--limit <n>', 'number of rows', whole, 20)
          .option('--before <id>', 'only decisions older than this one (default: from the newest)', whole),
      ),
    ['decisions payments --limit 5'],
  );
  command(
    'epoch <action> <domain>',
    'Begins new evidence for a domain (`epoch new`); earlier comparisons no longer count.',
    () => import('../epoch.ts').then((m) => m.epoch),
    (made) =>
      made
        .option('--reason <text>', 'why, required; kept in the audit trail')
        .addOption(routesOption())
        .option('--who <name>', 'who begins it (default: the system user)')
        .option('--json', 'print JSON (default: text)'),
    ['epoch new payments --reason "the first run was overloaded"'],
  );
  command(
    'ids <collection>',
    'Lists the pairs of ids that answers have shown, the least certain first; takes a wrong pair back.',
    () => import('../ids.ts').then((m) => m.ids),
    (made) =>
      made
        .option('--id <id>', 'only pairs of this id, of the primary or the twin (default: all)')
        .option('--limit <n>', 'number of rows', whole, 20)
        .option(
          '--forget <id>',
          'forget the pair of this id, of the primary or the twin; needs --reason (default: list)',
        )
        .option('--reason <text>', 'why, required with --forget; kept in the audit trail')
        .option('--who <name>', 'who forgets it (default: the system user)')
        .option('--json', 'print JSON (default: text)'),
    ['ids orders', 'ids orders --forget 65f0a0b0c0d0e0f000000011 --reason "the twin had the wrong row"'],
  );
  command(
    'flip <domain>',
    'Serves a share of the reads of a domain from the twin.',
    () => import('../flip.ts').then((m) => m.flip),
    (made) =>
      made
        .addOption(routesOption())
        .option('--percent <n>', 'percent of the reads, 1 to 100', whole, 100)
        .option('--override', 'flip without a passing gate; needs --reason (default: the gate must pass)')
        .option('--reason <text>', 'why; required with --override (default: none)')
        .option('--who <name>', 'who flips (default: the system user)')
        .option('--json', 'print JSON (default: text)'),
    ['flip payments --percent 5', 'flip payments --override --reason "incident 42"'],
  );
  command(
    'rollback <domain>',
    'Serves a domain from the primary again, at once.',
    () => import('../flip.ts').then((m) => m.rollback),
    (made) =>
      made
        .addOption(routesOption())
        .option('--reason <text>', 'why (default: none)')
        .option('--who <name>', 'who rolls back (default: the system user)')
        .option('--json', 'print JSON (default: text)'),
    ['rollback payments'],
  );
}
