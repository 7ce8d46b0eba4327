/** Commands that show what was found. */
import { type Declare, duration, formatted, routesOption, whole } from './declare.ts';

export function findingsCommands(command: Declare): void {
  command(
    'report',
    'Shows verdicts, rates and bounds per domain and route.',
    () => import('../report.ts').then((m) => m.report),
    (made) =>
      formatted()(
        made
          .addOption(routesOption())
          .option('--domain <domain>', 'only this domain (default: all)')
          .option('--since <time>', 'length of the window, such as 90m or 7d (default: 24h)', duration),
      ),
    ['report --since 1h'],
  );
  command(
    'mismatches',
    'Lists mismatches, the newest first.',
    () => import('../mismatches.ts').then((m) => m.mismatches),
    (made) =>
      formatted()(
        made
          .option('--domain <domain>', 'only this domain (default: all)')
          .option('--route <route>', 'only this route (default: all)')
          .option('--fingerprint <id>', 'only this fingerprint, or the only one that begins so (default: all)')
          .option('--cause <cause>', 'only this cause (default: all)')
          .option('--limit <n>', 'number of rows', whole, 20)
          .option('--before <id>', 'only mismatches older than this one (default: from the newest)'),
      ),
    ['mismatches --domain payments'],
  );
  command(
    'faults',
    'Lists what is wrong in the data or the twin, one row per fault; faults without an owner come first.',
    () => import('../faults.ts').then((m) => m.faults),
    (made) =>
      formatted()(
        made
          .option('--domain <domain>', 'only this domain (default: all)')
          .option('--state <state>', 'only this state: open, acknowledged, repaired or returned (default: all)')
          .option('--cause <cause>', 'only this cause (default: all)')
          .option('--limit <n>', 'number of rows', whole, 50)
          .option('--after <id>', 'only rows after this one (default: from the first)'),
      ),
    ['faults --domain payments --state open'],
  );
  command(
    'fault <id>',
    'Shows one fault: what is wrong, since when, and which reads show it.',
    () => import('../faults.ts').then((m) => m.fault),
    formatted(),
    ['fault 3fa9c1'],
  );
  command(
    'fingerprints',
    'Lists what differs, one row per place in the answers, the most frequent first.',
    () => import('../fingerprints.ts').then((m) => m.fingerprints),
    (made) =>
      formatted()(
        made
          .option('--domain <domain>', 'only this domain (default: all)')
          .option('--route <route>', 'only this route (default: all)')
          .option('--state <state>', 'only this state: open, acknowledged or fixed (default: all)')
          .option('--limit <n>', 'number of rows', whole, 20)
          .option('--after <id>', 'only rows after this one (default: from the first)'),
      ),
    ['fingerprints --domain payments --state open'],
  );
  command(
    'mismatch <id>',
    'Shows one mismatch: what differs, why, and since when.',
    () => import('../mismatches.ts').then((m) => m.mismatch),
    (made) =>
      formatted()(
        made
          .option('--reveal', 'open its sealed answers, less secrets; needs evidence.reveal and the reveal token')
          .option('--reason <text>', 'with --reveal: why, for the audit trail')
          .option('--who <name>', 'with --reveal: who asks (default: the system user)'),
      ),
    ['mismatch 0196f0c2', 'mismatch 0196f0c2 --reveal --reason "ticket 4711: wrong total"'],
  );
  command(
    'recheck <id>',
    'Asks both sides again: the read of a mismatch, or the reads that showed a fault; exits with 0 if they agree now.',
    () => import('../recheck.ts').then((m) => m.recheck),
    (made) => formatted()(made.option('--who <name>', 'for a fault: who asks (default: the system user)')),
    ['recheck 0196f0c2', 'recheck 3f9c01ab77de'],
  );
  command(
    'replay',
    'Compares stored pairs again under other rules.',
    () => import('../replay.ts').then((m) => m.replay),
    (made) =>
      formatted()(
        made
          .option('--since <time>', 'length of the window, such as 90m or 7d (default: 24h)', duration)
          .option('--rules <file>', 'YAML file with rules by route (default: the present rules)'),
      ),
    ['replay --since 24h --rules rules.yaml'],
  );
  command(
    'watch',
    'Shows a live table of verdicts per route.',
    () => import('../watch.ts').then((m) => m.watch),
    (made) =>
      formatted()(
        made
          .option('--admin <url>', 'address of the admin port (default: admin.host and admin.port)')
          .option('--once', 'print one table and exit (default: keep updating)'),
      ),
    ['watch'],
  );
}
