/** The command line: parses, calls, and turns whatever is thrown into one sentence and an exit status. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { version } from './base/version.ts';

export { tolerateClosedPipe } from './cli/pipe.ts';

import { EXIT, type ExitStatus, messageOf, ShadowError } from './errors.ts';

/** What a command's module exports: its work, given its own arguments and options. */
type Action = (args: readonly string[], options: Readonly<Record<string, unknown>>) => Promise<ExitStatus>;
type Load = () => Promise<Action>;

const FORMATS = ['table', 'json'] as const;

/** Runs one command line; resolves to the exit status. */
export async function main(argv: readonly string[]): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.yes;
  const program = build((result) => {
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
      process.stderr.write(`${error.code}: ${error.message}\n`);
      return error.exit;
    }
    process.stderr.write(
      `SHADOW_INTERNAL: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`,
    );
    return EXIT.undecided;
  }
}

function build(finish: (status: ExitStatus) => void): Command {
  const program = new Command('shadowread')
    .description(
      'Mirrors every read of a Mongo-served API to its Postgres twin, compares the answers by meaning, and decides when a domain may flip.',
    )
    .version(version(), '-V, --version')
    .option('--config <file>', 'YAML config; SHADOWREAD_CONFIG', process.env.SHADOWREAD_CONFIG)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'SHADOW_USAGE: ')) })
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
        .addOption(new Option('--format <format>', 'how to print').choices([...formats]).default('table'))
        .option('--json', 'short for --format json');

  command(
    'demo',
    'embedded stores, reference API, twin and proxy; traffic; injected faults, found',
    () => import('./cli/demo.ts').then((m) => m.demo),
    (made) =>
      made
        .option('--seed <n>', 'seed of data, traffic and faults', whole, 1)
        .option('--requests <n>', 'reads to send in each round', whole, 1_000)
        .option('--once', 'exit with the outcome instead of serving on')
        .option('--traffic <url>', 'only send reads and writes to a proxy that runs elsewhere; needs MONGODB_URI')
        .option('--json', 'JSON only')
        .addOption(untilStdinEnds()),
    ['demo', 'demo --once --seed 7', 'demo --requests 0 --json'],
  );
  command(
    'proxy',
    'the data plane with its admin port',
    () => import('./cli/proxy.ts').then((m) => m.proxy),
    (made) =>
      made
        .option('--processes <n>', 'processes that share the port', whole)
        .option('--routes <table>', 'routes.table; `auto`: every GET, by the shape of its path')
        .option('--json', 'one JSON line with the addresses once it serves')
        .addOption(untilStdinEnds()),
    ['proxy --routes auto', 'proxy --config config/default.yaml', 'proxy --processes 2'],
  );
  command(
    'sink',
    "the far end of a gateway's mirroring: answers 204 at once and asks both sides itself",
    () => import('./cli/sink.ts').then((m) => m.sink),
    (made) =>
      made
        .option('--routes <table>', 'routes.table; `auto`: every GET, by the shape of its path')
        .option('--processes <n>', 'processes that share the port', whole)
        .option('--json', 'one JSON line with the addresses once it serves')
        .addOption(untilStdinEnds()),
    ['sink --config shadowread.yaml'],
  );
  command(
    'twin',
    'the Postgres twin of the API; needs MIGRATION_PG_URL',
    () => import('./cli/servers.ts').then((m) => m.twin),
    (made) =>
      made
        .option('--port <n>', 'port', whole, 3_001)
        .option('--host <host>', 'address', '127.0.0.1')
        .option('--json', 'one JSON line with the address once it serves')
        .addOption(untilStdinEnds()),
    ['twin --port 3001'],
  );
  command(
    'reference',
    'the Mongo-served reference API; MONGODB_URI or an embedded server',
    () => import('./cli/servers.ts').then((m) => m.reference),
    (made) =>
      made
        .option('--port <n>', 'port', whole, 3_000)
        .option('--host <host>', 'address', '127.0.0.1')
        .option('--json', 'one JSON line with the address once it serves')
        .addOption(untilStdinEnds())
        .addOption(new Option('--seed-data <size>', 'seed an empty database first').choices(['small', 'large']))
        .option('--seed <n>', 'seed of the data', whole, 1),
    ['reference --seed-data small'],
  );

  command(
    'backfill',
    'Mongo -> Postgres, restartable; needs MONGODB_URI and MIGRATION_PG_URL',
    () => import('./cli/migration.ts').then((m) => m.backfill),
    (made) =>
      formatted()(
        made
          .option('--domain <domain...>', 'only these domains')
          .option('--batch <n>', 'documents a batch', whole, 1_000),
      ),
    ['backfill', 'backfill --domain payments ledger'],
  );
  command(
    'verify',
    'every document against its row',
    () => import('./cli/migration.ts').then((m) => m.verify),
    (made) =>
      formatted()(
        made
          .option('--domain <domain...>', 'only these domains')
          .option('--sample <share>', 'share of documents, 0..1', decimal, 1)
          .option('--rate <n>', 'documents a second at most', whole)
          .option('--restart', 'begin anew instead of where it stopped'),
      ),
    ['verify', 'verify --sample 0.1 --rate 2000'],
  );
  command(
    'reconcile',
    "the ledger's sums in Postgres against those derived from Mongo",
    () => import('./cli/migration.ts').then((m) => m.reconcile),
    formatted(),
    ['reconcile --json'],
  );
  command(
    'drain',
    'applies the outbox to Postgres',
    () => import('./cli/migration.ts').then((m) => m.drain),
    (made) =>
      formatted()(
        made
          .option('--follow', 'go on until stopped')
          .addOption(untilStdinEnds())
          .addOption(
            new Option('--source <source>', 'where changes come from')
              .choices(['outbox', 'changestream'])
              .default('outbox'),
          ),
      ),
    ['drain', 'drain --follow --source changestream'],
  );
  command(
    'gaps',
    'writes that reached Mongo and not Postgres',
    () => import('./cli/migration.ts').then((m) => m.gaps),
    (made) => formatted()(made.option('--repair', 'try them again')),
    ['gaps', 'gaps --repair'],
  );
  command(
    'repair [fault-or-row]',
    'makes a row again from its document: one, or all that faults, `verify` and known gaps name',
    () => import('./cli/repair.ts').then((m) => m.repair),
    (made) =>
      formatted()(
        made
          .option('--dry-run', 'tell what would change, by field, and change nothing')
          .option('--delete', 'delete a row whose document is gone; refused otherwise')
          .option('--all', 'every row known to be wrong')
          .addOption(
            new Option('--cause <cause...>', 'of --all only these').choices([
              'data_drift',
              'missing_row',
              'extra_row',
              'known_gap',
            ]),
          )
          .option('--domain <domain...>', 'of --all only these domains')
          .option('--rate <n>', 'rows a second at most', atLeastOne, 50)
          .option('--reason <text>', 'why; kept in the audit trail')
          .option('--who <name>', 'who repairs'),
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
    'the cutover table, a row a domain',
    () => import('./cli/status.ts').then((m) => m.status),
    formatted(),
    ['status'],
  );

  command(
    'gate [domains...]',
    'may these domains flip? the decision with its evidence',
    () => import('./cli/gate.ts').then((m) => m.gate),
    (made) =>
      formatted(['table', 'json', 'junit', 'markdown'])(
        made
          .option('--all', 'every domain')
          .option('--wait <time>', 'until decided, at most so long (30m, 90s)', duration)
          .option('--who <name>', 'who asks; kept with the decision'),
      ),
    ['gate payments', 'gate --all --format junit', 'gate payments --wait 30m'],
  );
  command(
    'decisions [domain]',
    'the kept history of decisions',
    () => import('./cli/gate.ts').then((m) => m.decisions),
    (made) =>
      formatted()(
        made.option('--limit <n>', 'how many', whole, 20).option('--before <id>', 'older than this one', whole),
      ),
    ['decisions payments --limit 5'],
  );
  command(
    'epoch <action> <domain>',
    '`epoch new`: begins new evidence of a domain',
    () => import('./cli/epoch.ts').then((m) => m.epoch),
    (made) =>
      made
        .option('--reason <text>', 'why; kept in the audit trail')
        .option('--who <name>', 'who begins it')
        .option('--json', 'JSON'),
    ['epoch new payments --reason "the first run was overloaded"'],
  );
  command(
    'flip <domain>',
    'serve a share of the domain from the twin',
    () => import('./cli/flip.ts').then((m) => m.flip),
    (made) =>
      made
        .option('--percent <n>', '1..100', whole, 100)
        .option('--override', 'without a passing gate')
        .option('--reason <text>', 'why, with --override')
        .option('--who <name>', 'who flips')
        .option('--json', 'JSON'),
    ['flip payments --percent 5', 'flip payments --override --reason "incident 42"'],
  );
  command(
    'rollback <domain>',
    'serve the domain from the primary, at once',
    () => import('./cli/flip.ts').then((m) => m.rollback),
    (made) => made.option('--reason <text>', 'why').option('--who <name>', 'who').option('--json', 'JSON'),
    ['rollback payments'],
  );

  command(
    'compare [files...]',
    'every read of recorded traffic asked of both sides and judged: HAR, access logs, JSON, GoReplay, Postman, lists',
    () => import('./cli/compare.ts').then((m) => m.compare),
    (made) =>
      formatted(['table', 'json', 'junit', 'markdown'])(
        made
          .option('--routes <table>', 'routes.table; `auto`: every GET, by the shape of its path')
          .option('--as <format>', 'read the files as this format instead of telling it by their content')
          .option('--log-format <format>', "lines of a log in nginx's, Apache's or Envoy's own words")
          .option(
            '--variable <name=value>',
            'value of a variable of a Postman collection; may be repeated',
            collected,
            [],
          )
          .option('--primary <url|recorded>', 'the primary, or `recorded` for the answers that the files hold')
          .option('--twin <url>', 'the twin')
          .option('--rate <n>', 'reads a second, 0 without a limit', whole, 100)
          .option('--concurrency <n>', 'reads at once', atLeastOne, 8)
          .option('--sample <share>', 'share of the reads, 0..1', decimal, 1)
          .option('--distinct', 'one of each question')
          .option('--per-route <n>', 'at most so many of each route', atLeastOne)
          .option('--since <time>', 'only reads from then on (2026-11-26T10:00:00Z, 24h)')
          .option('--until <time>', 'only reads before')
          .option('--host <host>', 'only requests to this host; may be repeated', collected, [])
          .option(
            '--header <field>',
            "field to ask with: 'Name: value', for one side 'twin:Name: value'; may be repeated",
            collected,
            [],
          )
          .option('--shuffle', 'in an order that the seed decides')
          .option('--seed <n>', 'seed of --sample and --shuffle', whole, 1)
          .option('--min <n>', 'fewer comparisons are too little to say (exit 2)', whole, 1)
          .option('--routes-seen <n|share>', 'fewer routes compared are too little to say (12, 80%)')
          .option('--keep', 'write the verdicts to the journal, labelled')
          .option('--state <file>', 'where an interrupted comparison leaves how far it came')
          .option('--restart', 'begin anew instead of going on')
          .option('--dry-run', 'only tell what would be asked'),
      ),
    [
      'compare access.log.gz --distinct --rate 200',
      'compare session.har --primary recorded --format markdown',
      "compare - --header 'Authorization: Bearer …' --per-route 500 < access.log",
    ],
  );

  command(
    'report',
    'verdicts, rates and bounds per domain and route',
    () => import('./cli/report.ts').then((m) => m.report),
    (made) =>
      formatted()(
        made.option('--domain <domain>', 'only this domain').option('--since <time>', 'window (24h)', duration),
      ),
    ['report --since 1h'],
  );
  command(
    'mismatches',
    'mismatches, newest first',
    () => import('./cli/mismatches.ts').then((m) => m.mismatches),
    (made) =>
      formatted()(
        made
          .option('--domain <domain>', 'only this domain')
          .option('--route <route>', 'only this route')
          .option('--fingerprint <id>', 'only this fingerprint')
          .option('--cause <cause>', 'only this cause')
          .option('--limit <n>', 'how many', whole, 20)
          .option('--before <id>', 'older than this one'),
      ),
    ['mismatches --domain payments'],
  );
  command(
    'faults',
    'what is wrong in the data or the twin, one row a fault, those that nobody answers for first',
    () => import('./cli/faults.ts').then((m) => m.faults),
    (made) =>
      formatted()(
        made
          .option('--domain <domain>', 'only this domain')
          .option('--state <state>', 'open, acknowledged, repaired or returned')
          .option('--cause <cause>', 'only this cause')
          .option('--limit <n>', 'how many', whole, 50)
          .option('--after <id>', 'after this one'),
      ),
    ['faults --domain payments --state open'],
  );
  command(
    'fault <id>',
    'one fault: what is wrong, since when, and which reads show it',
    () => import('./cli/faults.ts').then((m) => m.fault),
    formatted(),
    ['fault 3fa9c1'],
  );
  command(
    'fingerprints',
    'what differs, one row a place, the heaviest first',
    () => import('./cli/fingerprints.ts').then((m) => m.fingerprints),
    (made) =>
      formatted()(
        made
          .option('--domain <domain>', 'only this domain')
          .option('--route <route>', 'only this route')
          .option('--state <state>', 'open, acknowledged or fixed')
          .option('--limit <n>', 'how many', whole, 20)
          .option('--after <id>', 'after this one'),
      ),
    ['fingerprints --domain payments --state open'],
  );
  command(
    'mismatch <id>',
    'one mismatch: what differs, why, since when',
    () => import('./cli/mismatches.ts').then((m) => m.mismatch),
    formatted(),
    ['mismatch 0196f0c2'],
  );
  command(
    'recheck <id>',
    'asks both sides again; exit 0 where they agree now',
    () => import('./cli/replay.ts').then((m) => m.recheck),
    formatted(),
    ['recheck 0196f0c2'],
  );
  command(
    'replay',
    'compares stored pairs again under other rules',
    () => import('./cli/replay.ts').then((m) => m.replay),
    (made) =>
      formatted()(
        made.option('--since <time>', 'window (24h)', duration).option('--rules <file>', 'YAML with rules by route'),
      ),
    ['replay --since 24h --rules rules.yaml'],
  );
  command(
    'watch',
    'a live table',
    () => import('./cli/watch.ts').then((m) => m.watch),
    (made) =>
      formatted()(
        made
          .option('--admin <url>', 'admin port', 'http://127.0.0.1:9464')
          .option('--once', 'print one table and exit'),
      ),
    ['watch'],
  );

  command(
    'init',
    'drafts a config from an OpenAPI 3 document',
    () => import('./cli/init.ts').then((m) => m.init),
    (made) =>
      made
        .option('--openapi <file>', 'the document, YAML or JSON, a file or an address')
        .option('--out <file>', 'where the draft goes (stdout)')
        .option('--read-post <path...>', 'paths whose POST is a read')
        .option('--json', 'what was drafted, as JSON'),
    ['init --openapi openapi.yaml --out shadowread.yaml'],
  );
  command(
    'learn [file]',
    'drafts a config from pairs of answers: of live traffic (as a proxy in front) or of a recorded file',
    () => import('./cli/learn.ts').then((m) => m.learn),
    (made) =>
      made
        .option('--out <file>', 'where the draft goes (stdout)')
        .option('--continue <file>', 'refines this file; what a person wrote in it stays')
        .option('--min <n>', 'pairs that a rule needs', whole, 20)
        .option('--pairs <n>', 'end after so many pairs', whole)
        .option('--for <time>', 'end after this time', duration)
        .option('--read-post <pattern...>', 'POST requests that are reads')
        .option('--sink', "take a gateway's mirrored requests, as `shadowread sink` does, instead of being in front")
        .option('--port <n>', 'port to learn at (listen.port)', whole)
        .option('--concurrency <n>', 'reads asked of both sides at once', whole, 8)
        .option('--json', 'what was learned, as JSON')
        .addOption(untilStdinEnds()),
    [
      'learn --out shadowread.yaml --pairs 2000',
      'learn access.log --out shadowread.yaml',
      'learn --continue shadowread.yaml',
    ],
  );
  command(
    'config <action> [file]',
    '`config check`: validates and prints the effective config',
    () => import('./cli/config.ts').then((m) => m.config),
    formatted(['yaml', 'json']),
    ['config check config/default.yaml'],
  );
  command(
    'prune',
    'deletes what is older than the retention, and names that nothing refers to',
    () => import('./cli/prune.ts').then((m) => m.prune),
    (made) =>
      formatted()(
        made
          .option('--older-than <time>', 'age (30d)', duration)
          .option('--evidence-bytes <n>', 'sealed evidence to keep', whole),
      ),
    ['prune --older-than 30d'],
  );
  command(
    'simulate',
    'the journal under 200 replicas and 100,000 reads a second, measured and extrapolated',
    () => import('./cli/simulate.ts').then((m) => m.simulate),
    formatted(),
    ['simulate'],
  );
  return program;
}

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
