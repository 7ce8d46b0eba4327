/** `shadowread demo`: the whole story on real stores; exit 0 where everything injected was found and nothing else was reported. */

import { MongoClient } from 'mongodb';
import { readCatalogue } from '../amanat/demo/catalogue.ts';
import { type Injected, injectFaults } from '../amanat/demo/faults.ts';
import { AdminClient, type Judged, judge, type Status } from '../amanat/demo/outcome.ts';
import { seeded } from '../amanat/demo/random.ts';
import type { DemoRequest } from '../amanat/demo/requests.ts';
import { type Stack, startStack } from '../amanat/demo/stack.ts';
import { runTraffic } from '../amanat/demo/traffic.ts';
import { startWrites } from '../amanat/demo/writes.ts';
import { amanatMappings } from '../amanat/mappings/index.ts';
import { migrate } from '../amanat/twin/migrate.ts';
import { openPostgresPool } from '../base/postgres.ts';
import { EXIT, type ExitStatus } from '../errors.ts';
import { backfill as runBackfill } from '../migration/backfill.ts';
import { demoTraffic } from './demo-traffic.ts';
import { flagOption, numberOption, type Options, textOption } from './options.ts';
import { createOutput, type Output, paint, table, thousands } from './output.ts';
import { stopRequested } from './serving.ts';

const QUIET_MS = 60_000;
/** Reads of each of the two rounds. */
const REQUESTS = 1_000;
/** Reads that the traffic may be ahead, waiting for a worker and without a verdict: more would be shed on a busy machine. */
const AHEAD = { queued: 3, inFlight: 24 };
/** How often a broken row is read again where its first reads were shed: on a busy machine a re-read may find no room. */
const TRIES = 4;

export async function demo(_args: readonly string[], options: Options): Promise<ExitStatus> {
  const elsewhere = textOption(options, 'traffic');
  if (elsewhere !== undefined) return demoTraffic(elsewhere, options);
  const seed = numberOption(options, 'seed') ?? 1;
  const requests = numberOption(options, 'requests') ?? REQUESTS;
  const once = flagOption(options, 'once');
  const output = createOutput(options.format === 'json');
  const began = Date.now();
  const stopped = new AbortController();
  const wishes = { untilStdinEnds: flagOption(options, 'untilStdinEnds'), orphanOf: 'parent', onHangup: true } as const;
  const signalled = stopRequested(wishes).then((why) => {
    // All that it started ends with it: each child lives as long as the stdin that this process holds.
    if (why === 'orphaned') process.exit(1);
    stopped.abort();
  });
  const stack = await startStack({
    seed,
    onStep: (step) => output.note(paint('dim', `${((Date.now() - began) / 1_000).toFixed(1)} s  ${step}`)),
    prepare: migrate,
    backfill: async (mongoUri, databaseUrl) => {
      const report = await runBackfill({ mongoUri, databaseUrl, mappings: amanatMappings });
      output.note(
        `       ${thousands(report.documents)} documents, ${report.rejects.length} rejects, ${report.orphans.length} orphaned references`,
      );
    },
  });
  try {
    if (output.json && !once) output.document(addressesOf(stack));
    if (!output.json)
      output.note(`       serving after ${stack.seconds.toFixed(1)} s: proxy ${stack.proxy}, dashboard ${stack.admin}`);
    const outcome = requests === 0 ? null : await play({ stack, seed, requests, output, signal: stopped.signal });
    if (outcome !== null) tell(outcome, output, once, began);
    if (once || stopped.signal.aborted) return outcome === null || isGood(outcome) ? EXIT.yes : EXIT.no;
    if (!output.json)
      output.line(
        `\nStill serving. Dashboard: ${stack.admin}   API through the proxy: ${stack.proxy}/api/levels   Ctrl-C ends it.`,
      );
    await signalled;
    return EXIT.yes;
  } finally {
    output.note(paint('dim', 'stopping'));
    await stack.close();
  }
}

interface Outcome {
  readonly reads: number;
  readonly before: Status;
  readonly after: Status;
  /** Fingerprints there were before anything was broken: there should be none. */
  readonly early: number;
  readonly judged: Judged;
  readonly gatesBefore: Readonly<Record<string, { readonly outcome: string; readonly why: string }>>;
  readonly gatesAfter: Readonly<Record<string, { readonly outcome: string; readonly why: string }>>;
  readonly failed: number;
}

interface Round {
  readonly status: Status;
  readonly sent: number;
  readonly failed: number;
}

interface Play {
  readonly stack: Stack;
  readonly seed: number;
  readonly requests: number;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Traffic that agrees, then faults, then traffic that finds them. */
async function play({ stack, seed, requests, output, signal }: Play): Promise<Outcome> {
  const mongo = await MongoClient.connect(stack.mongo);
  const sql = openPostgresPool(stack.postgres, { name: 'shadowread-demo', max: 2 });
  const admin = new AdminClient(stack.admin);
  const random = seeded(seed);
  try {
    const catalogue = await readCatalogue(mongo.db());
    const round = async (name: string, reads: number, injected: readonly Injected[]): Promise<Round> => {
      const writes = startWrites({
        proxy: stack.proxy,
        catalogue,
        random: seeded(seed + 1),
        onlyNew: injected.length > 0,
        pauseMs: 40,
      });
      const traffic = await runTraffic({
        proxy: stack.proxy,
        catalogue,
        random,
        reads,
        concurrency: 4,
        first: readsOf(injected),
        signal,
        onProgress: (sent) => output.progress(`${name}: ${thousands(sent)} of ${thousands(reads)} reads`),
        ready: async () => {
          const { queued, inFlight } = await admin.status();
          return queued < AHEAD.queued && inFlight < AHEAD.inFlight;
        },
      });
      const { accepted } = await writes.stop();
      const status = await admin.quiet(QUIET_MS, ({ inFlight }) =>
        output.progress(`${name}: ${inFlight} reads wait for their verdict`),
      );
      output.done();
      output.note(
        `       ${name}: ${thousands(traffic.sent)} reads and ${thousands(accepted)} writes through the proxy, ${traffic.failed} failed`,
      );
      return { status, sent: traffic.sent, failed: traffic.failed };
    };
    const first = await round('traffic', requests, []);
    const early = (await admin.fingerprints()).length;
    const gatesBefore = await admin.gates();
    const injected = await injectFaults({ sql, catalogue, random });
    output.note(`       ${injected.length} faults put into Postgres by hand`);
    const rounds = [first, await round('traffic after the faults', requests, injected)];
    let judged = judge(injected, await admin.fingerprints(), await admin.faults());
    for (let tries = 1; tries < TRIES && !signal.aborted; tries += 1) {
      const missed = injected.filter((_fault, index) => judged.injected[index]?.found === false);
      if (missed.length === 0) break;
      rounds.push(await round('the missed ones again', readsOf(missed).length, missed));
      judged = judge(injected, await admin.fingerprints(), await admin.faults());
    }
    return {
      reads: rounds.reduce((sum, { sent }) => sum + sent, 0),
      failed: rounds.reduce((sum, { failed }) => sum + failed, 0),
      before: first.status,
      after: rounds.at(-1)?.status ?? first.status,
      early,
      judged,
      gatesBefore,
      gatesAfter: await admin.gates(),
    };
  } finally {
    await Promise.all([mongo.close(), sql.end({ timeout: 1 })]);
  }
}

/** Several times each, so that both representations show it: they take turns. */
const readsOf = (injected: readonly Injected[]): DemoRequest[] =>
  injected.flatMap((fault) => Array.from({ length: 4 }, () => fault.reads).flat());

const isGood = ({ judged, early, failed }: Outcome): boolean =>
  early === 0 &&
  failed === 0 &&
  judged.unexpected.length === 0 &&
  judged.invented.length === 0 &&
  judged.injected.every(({ found }) => found);

function tell(outcome: Outcome, output: Output, once: boolean, began: number): void {
  const seconds = Math.round((Date.now() - began) / 100) / 10;
  if (output.json) {
    if (once) {
      output.document({
        reads: outcome.reads,
        verdicts: outcome.after.verdicts,
        injected: outcome.judged.injected.map(({ domain, what, found }) => ({ domain, what, found })),
        unexpected: outcome.judged.unexpected,
        faults: outcome.judged.faults.map(({ id, domain, cause, collection, field, routes }) => ({
          id,
          domain,
          cause,
          collection,
          field,
          routes: routes.map(({ route }) => route),
        })),
        // What cannot be decided does not pass.
        gates: Object.fromEntries(
          Object.entries(outcome.gatesAfter).map(([domain, gate]) => [
            domain,
            gate.outcome === 'pass' ? 'pass' : 'fail',
          ]),
        ),
        seconds,
      });
    }
    return;
  }
  output.line('');
  output.line(
    table(
      [
        { title: 'verdicts', cell: ([kind]: readonly [string, number, number]) => kind },
        { title: 'before the faults', align: 'right', cell: ([, before]) => thousands(before) },
        { title: 'after', align: 'right', cell: ([, before, after]) => thousands(after - before) },
      ],
      Object.keys(outcome.after.verdicts).map(
        (kind) => [kind, outcome.before.verdicts[kind] ?? 0, outcome.after.verdicts[kind] ?? 0] as const,
      ),
    ),
  );
  output.line('');
  output.line(
    table(
      [
        { title: 'domain', cell: (fault: Judged['injected'][number]) => fault.domain },
        { title: 'injected', cell: (fault) => fault.what },
        {
          title: 'found',
          cell: (fault) => (fault.found ? '✓ found' : '✗ missed'),
          tone: (fault) => (fault.found ? 'good' : 'bad'),
        },
        { title: 'fault', cell: (fault) => fault.fault?.id ?? '–' },
        { title: 'cause', cell: (fault) => fault.fault?.cause ?? '–' },
        {
          title: 'where',
          cell: ({ fault }) => (fault === null ? '–' : `${fault.collection} ${fault.field ?? '(row)'}`),
        },
        { title: 'routes', align: 'right', cell: ({ fault }) => String(fault?.routes.length ?? 0) },
      ],
      outcome.judged.injected,
    ),
  );
  output.line('');
  output.line(
    table(
      [
        { title: 'gate', cell: ([domain]: readonly [string, string, string]) => domain },
        { title: 'before', cell: ([, before]) => before },
        { title: 'after', cell: ([, , after]) => after },
        {
          title: 'why',
          cell: ([domain]) =>
            outcome.gatesAfter[domain]?.outcome === 'pass' ? '' : (outcome.gatesAfter[domain]?.why ?? ''),
        },
      ],
      Object.entries(outcome.gatesAfter).map(
        ([domain, { outcome: after }]) => [domain, outcome.gatesBefore[domain]?.outcome ?? '–', after] as const,
      ),
    ),
  );
  for (const { fingerprint, route, paths } of outcome.judged.unexpected) {
    output.line(paint('bad', `unexpected: ${fingerprint} on ${route}: ${paths.join(', ')}`));
  }
  for (const { id, sentence } of outcome.judged.invented) {
    output.line(paint('bad', `nobody injected ${id}: ${sentence}`));
  }
  if (outcome.early > 0)
    output.line(paint('bad', `${outcome.early} fingerprints were there before anything was broken`));
  const found = outcome.judged.injected.filter((fault) => fault.found).length;
  output.line('');
  output.line(
    paint(
      isGood(outcome) ? 'good' : 'bad',
      `${isGood(outcome) ? '✓' : '✗'} ${found} of ${outcome.judged.injected.length} injected faults found, ${outcome.judged.unexpected.length + outcome.judged.invented.length} unexpected, ${thousands(outcome.reads)} reads, ${seconds} s`,
    ),
  );
}

function addressesOf({
  proxy,
  admin,
  primary,
  twin,
  mongo,
  postgres: database,
}: Stack): Readonly<Record<string, string>> {
  return { proxy, admin, primary, twin, mongo, postgres: database };
}
