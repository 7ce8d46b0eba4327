/** The command line: parses, calls, and turns whatever is thrown into one sentence and an exit status. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { visibleLines } from './base/plain-text.ts';
import { version } from './base/version.ts';

export { tolerateClosedPipe } from './cli/pipe.ts';

import { exitText } from './cli/exits.ts';
import { EXIT, type ExitStatus, messageOf, ShadowError } from './errors.ts';

/** What a command's module exports: its work, given its own arguments and options. */
type Action = (args: readonly string[], options: Readonly<Record<string, unknown>>) => Promise<ExitStatus>;
type Load = () => Promise<Action>;

const FORMATS = ['table', 'json'] as const;

/** Runs one command line; resolves to the exit status. */
export async function main(argv: readonly string[]): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.yes;
  const program = commandLine((result) => {
    status = result;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.code === 'commander.helpDisplayed' || error.code === 'commander.version' ? EXIT.yes : EXIT.usage;
    }
    if (error instanceof ShadowError) {
      process.stderr.write(`${error.code}: ${visibleLines(error.message)}\n`);
      return error.exit;
    }
    process.stderr.write(
      `SHADOW_INTERNAL: ${visibleLines(error instanceof Error ? (error.stack ?? error.message) : messageOf(error))}\n`,
    );
    return EXIT.undecided;
  }
}

/** All commands as Commander knows them; `finish` gets the exit status of the one that was run. */
export function commandLine(finish: (status: ExitStatus) => void): Command {
  const program = new Command('shadowread')
    .description(
      'Mirrors every read of a Mongo-served API to its Postgres twin, compares the answers by meaning, and decides when a domain may flip.',
    )
    .version(version(), '-V, --version')
    .option(
      '--config <file>',
      'YAML config file (default: SHADOWREAD_CONFIG, else built-in defaults)',
      process.env.SHADOWREAD_CONFIG,
    )
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(visibleLines(text.replace(/^error: /, 'SHADOW_USAGE: '))) })
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText(
      'after',
      `\nExit status: 0 yes, 1 no, 2 could not decide, 64 wrong usage or config.\nExamples:\n  shadowread demo --once\n  shadowread gate payments --format markdown\n  shadowread config check config/default.yaml`,
    );

  const command = (
    name: string,
    description: string,
    load: Load,
    shape: (command: Command) => Command = (same) => same,
    examples: readonly string[] = [],
  ): void => {
    const made = shape(program.command(name).description(description));
    made.addHelpText('after', exitText(made.name()));
    if (examples.length > 0)
      made.addHelpText('after', `\nExamples:\n${examples.map((line) => `  shadowread ${line}`).join('\n')}`);
    made.exitOverride().action(async (...received: unknown[]) => {
      const self = received.at(-1);
      if (!(self instanceof Command)) throw new ShadowError('SHADOW_INTERNAL', 'the command line was not parsed');
      const action = await load();
      const { json, ...options } = self.optsWithGlobals<Record<string, unknown>>();
      finish(await action(self.args, json === true ? { ...options, format: 'json' } : options));
    });
  };
  const formatted =
    (formats: readonly string[] = FORMATS) =>
    (made: Command): Command =>
      made
        .addOption(new Option('--format <format>', 'output format').choices([...formats]).default('table'))
        .option('--json', 'short for --format json');

  command(
    'demo',
    'Starts everything on embedded stores and tells the whole story: traffic, gates that pass, faults in Postgres, a repair, and gates that pass again.',
    () => import('./cli/demo.ts').then((m) => m.demo),
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
    () => import('./cli/proxy.ts').then((m) => m.proxy),
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
    () => import('./cli/sink.ts').then((m) => m.sink),
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
    () => import('./cli/servers.ts').then((m) => m.twin),
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
    () => import('./cli/servers.ts').then((m) => m.reference),
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

  command(
    'backfill',
    'Copies every document from MongoDB to Postgres and can be restarted; needs MONGODB_URI and MIGRATION_PG_URL.',
    () => import('./cli/migration.ts').then((m) => m.backfill),
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
    () => import('./cli/migration.ts').then((m) => m.verify),
    (made) =>
      formatted()(
        made
          .option('--domain <domain...>', 'only these domains (default: all)')
          .option('--sample <share>', 'share of the documents to compare, above 0 and up to 1', decimal, 1)
          .option('--rate <n>', 'documents per second at most (default: no limit)', whole)
          .option('--restart', 'begin anew (default: continue where it stopped)'),
      ),
    ['verify', 'verify --sample 0.1 --rate 2000'],
  );
  command(
    'reconcile',
    "Compares the ledger's sums in Postgres with those derived from MongoDB.",
    () => import('./cli/migration.ts').then((m) => m.reconcile),
    formatted(),
    ['reconcile --json'],
  );
  command(
    'drain',
    'Applies new writes from MongoDB to Postgres.',
    () => import('./cli/migration.ts').then((m) => m.drain),
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
    () => import('./cli/migration.ts').then((m) => m.gaps),
    (made) => formatted()(made.option('--repair', 'apply these writes again (default: only list them)')),
    ['gaps', 'gaps --repair'],
  );
  command(
    'repair [fault-or-row]',
    'Repairs rows from their documents: one row, or all that faults, `verify` and known gaps name; then asks again the reads that showed their faults.',
    () => import('./cli/repair.ts').then((m) => m.repair),
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
    () => import('./cli/status.ts').then((m) => m.status),
    (made) => formatted()(made.addOption(routesOption())),
    ['status'],
  );

  command(
    'gate [domains...]',
    'Decides whether domains may flip, and shows the evidence.',
    () => import('./cli/gate.ts').then((m) => m.gate),
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
    () => import('./cli/gate.ts').then((m) => m.decisions),
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
    () => import('./cli/epoch.ts').then((m) => m.epoch),
    (made) =>
      made
        .option('--reason <text>', 'why, required; kept in the audit trail')
        .addOption(routesOption())
        .option('--who <name>', 'who begins it (default: the system user)')
        .option('--json', 'print JSON (default: text)'),
    ['epoch new payments --reason "the first run was overloaded"'],
  );
  command(
    'flip <domain>',
    'Serves a share of the reads of a domain from the twin.',
    () => import('./cli/flip.ts').then((m) => m.flip),
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
    () => import('./cli/flip.ts').then((m) => m.rollback),
    (made) =>
      made
        .addOption(routesOption())
        .option('--reason <text>', 'why (default: none)')
        .option('--who <name>', 'who rolls back (default: the system user)')
        .option('--json', 'print JSON (default: text)'),
    ['rollback payments'],
  );

  command(
    'compare [files...]',
    'Asks both sides for every read of recorded traffic and compares the answers (HAR, access logs, JSON, GoReplay, Postman, lists).',
    () => import('./cli/compare.ts').then((m) => m.compare),
    (made) =>
      formatted(['table', 'json', 'junit', 'markdown'])(
        made
          .addOption(routesOption())
          .option('--as <format>', 'format of the files (default: told by their content)')
          .option('--log-format <format>', 'log format as nginx, Apache or Envoy write it (default: told by the lines)')
          .option('--variable <name=value>', 'variable of a Postman collection; may be repeated', collected, [])
          .option(
            '--primary <url|recorded>',
            'address of the primary, or `recorded` for the answers in the files (default: primary.url)',
          )
          .option('--twin <url>', 'address of the twin (default: twin.url)')
          .option('--rate <n>', 'reads per second, 0 for no limit', whole, 100)
          .option('--concurrency <n>', 'number of reads at once', atLeastOne, 8)
          .option('--patience <seconds>', 'end the comparison when the twin is gone for so long', atLeastOne, 20)
          .option('--sample <share>', 'share of the reads to ask, above 0 and up to 1', decimal, 1)
          .option('--distinct', 'ask each question once (default: as often as recorded)')
          .option('--per-route <n>', 'at most this number of reads per route (default: no limit)', atLeastOne)
          .option(
            '--since <time>',
            'only reads since this time or age, such as 2026-11-26T10:00:00Z or 24h (default: all)',
          )
          .option('--until <time>', 'only reads before this time or age (default: all)')
          .option('--host <host>', 'only requests to this host; may be repeated; none means all hosts', collected, [])
          .option(
            '--header <field>',
            "header to send: 'Name: value', or for one side 'twin:Name: value'; may be repeated",
            collected,
            [],
          )
          .option('--shuffle', 'ask in an order that the seed decides (default: as recorded)')
          .option('--seed <n>', 'seed of --sample and --shuffle, a whole number', whole, 1)
          .option('--min <n>', 'number of comparisons needed for a decision; exit status 2 below it', whole, 1)
          .option(
            '--routes-seen <n|share>',
            'routes that must be compared for a decision, such as 12 or 80% (default: no minimum)',
          )
          .option('--keep', 'write the verdicts to the journal, labelled (default: do not)')
          .option('--state <file>', 'file that keeps the progress (default: .shadowread-compare-<run>.json)')
          .option('--restart', 'begin anew (default: continue an interrupted run)')
          .option('--dry-run', 'only show what would be asked (default: ask)'),
      ),
    [
      'compare access.log.gz --distinct --rate 200',
      'compare session.har --primary recorded --format markdown',
      "compare - --header 'Authorization: Bearer …' --per-route 500 < access.log",
    ],
  );

  command(
    'report',
    'Shows verdicts, rates and bounds per domain and route.',
    () => import('./cli/report.ts').then((m) => m.report),
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
    () => import('./cli/mismatches.ts').then((m) => m.mismatches),
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
    () => import('./cli/faults.ts').then((m) => m.faults),
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
    () => import('./cli/faults.ts').then((m) => m.fault),
    formatted(),
    ['fault 3fa9c1'],
  );
  command(
    'fingerprints',
    'Lists what differs, one row per place in the answers, the most frequent first.',
    () => import('./cli/fingerprints.ts').then((m) => m.fingerprints),
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
    () => import('./cli/mismatches.ts').then((m) => m.mismatch),
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
    () => import('./cli/recheck.ts').then((m) => m.recheck),
    (made) => formatted()(made.option('--who <name>', 'for a fault: who asks (default: the system user)')),
    ['recheck 0196f0c2', 'recheck 3f9c01ab77de'],
  );
  command(
    'replay',
    'Compares stored pairs again under other rules.',
    () => import('./cli/replay.ts').then((m) => m.replay),
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
    () => import('./cli/watch.ts').then((m) => m.watch),
    (made) =>
      formatted()(
        made
          .option('--admin <url>', 'address of the admin port', 'http://127.0.0.1:9464')
          .option('--once', 'print one table and exit (default: keep updating)'),
      ),
    ['watch'],
  );

  command(
    'init',
    'Drafts a config from an OpenAPI 3 document.',
    () => import('./cli/init.ts').then((m) => m.init),
    (made) =>
      made
        .option('--openapi <file>', 'the document, YAML or JSON; a file or a URL; required')
        .option('--out <file>', 'file for the draft (default: stdout)')
        .option('--read-post <path...>', 'paths whose POST is a read (default: none)')
        .option('--json', 'print what was drafted as JSON (default: text)'),
    ['init --openapi openapi.yaml --out shadowread.yaml'],
  );
  command(
    'learn [file]',
    'Drafts a config from pairs of answers, of live traffic (as a proxy in front) or of a recorded file.',
    () => import('./cli/learn.ts').then((m) => m.learn),
    (made) =>
      made
        .option('--out <file>', 'file for the draft (default: stdout)')
        .option('--continue <file>', 'refine this file and keep what a person wrote in it (default: begin anew)')
        .option('--min <n>', 'number of pairs that a rule needs', whole, 20)
        .option('--pairs <n>', 'end after this number of pairs (default: no limit)', whole)
        .option('--for <time>', 'end after this time, such as 10m (default: no limit)', duration)
        .option('--read-post <pattern...>', 'paths whose POST is a read (default: none)')
        .option('--sink', "take a gateway's mirrored requests, as `shadowread sink` does (default: stand in front)")
        .option('--port <n>', 'port to listen on (default: listen.port)', whole)
        .option('--concurrency <n>', 'number of reads asked of both sides at once', whole, 8)
        .option('--json', 'print what was learned as JSON (default: text)')
        .addOption(untilStdinEnds()),
    [
      'learn --out shadowread.yaml --pairs 2000',
      'learn access.log --out shadowread.yaml',
      'learn --continue shadowread.yaml',
    ],
  );
  command(
    'config <action> [file]',
    'Validates the config and prints its effective values (`config check`).',
    () => import('./cli/config.ts').then((m) => m.config),
    formatted(['yaml', 'json']),
    ['config check config/default.yaml'],
  );
  command(
    'prune',
    'Deletes what is older than the retention, and names that nothing refers to.',
    () => import('./cli/prune.ts').then((m) => m.prune),
    (made) =>
      formatted()(
        made
          .option(
            '--older-than <time>',
            'delete what is older than this, such as 30d (default: journal.retentionDays)',
            duration,
          )
          .option('--evidence-bytes <n>', 'sealed evidence to keep, in bytes (default: journal.evidenceBytes)', whole),
      ),
    ['prune --older-than 30d'],
  );
  command(
    'simulate',
    'Measures the journal and extrapolates to 200 replicas and 100,000 reads a second.',
    () => import('./cli/simulate.ts').then((m) => m.simulate),
    formatted(),
    ['simulate'],
  );
  return program;
}

const routesOption = (): Option =>
  new Option(
    '--routes <table>',
    'API module, or `auto` for every GET by the shape of its path (default: routes.table)',
  );

/** For whoever starts a server as a child: it ends when its parent is gone. */
const untilStdinEnds = (): Option => new Option('--until-stdin-ends', 'stop when stdin ends').hideHelp();

function whole(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('expected a whole number.');
  return Number(value);
}

function atLeastOne(value: string): number {
  const number = whole(value);
  if (number === 0) throw new InvalidArgumentError('expected a whole number from 1 on.');
  return number;
}

const collected = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function decimal(value: string): number {
  const number = Number(value);
  if (value === '' || !(number > 0 && number <= 1))
    throw new InvalidArgumentError('expected a share above 0 and up to 1.');
  return number;
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `30m` -> milliseconds. */
function duration(value: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(value);
  const unit = match?.[2];
  if (match === null || (unit !== 's' && unit !== 'm' && unit !== 'h' && unit !== 'd')) {
    throw new InvalidArgumentError('expected a time like 90s, 30m, 24h or 7d.');
  }
  return Number(match[1]) * UNITS[unit];
}
