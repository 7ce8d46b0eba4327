/**
 * The demo's story: traffic that agrees, and gates that pass; faults in Postgres, found, and gates that fail; a repair;
 * traffic again, no fault left, and the same gates pass in a new epoch.
 */
import { MongoClient } from 'mongodb';
import { openPostgresPool } from '../../base/postgres.ts';
import { readCatalogue } from './catalogue.ts';
import { runChild } from './child.ts';
import { type Injected, injectFaults } from './faults.ts';
import { AdminClient, type FoundFault, type Gate, type Judged, judge, type Status } from './outcome.ts';
import { seeded } from './random.ts';
import { type DemoRequest, REQUESTS } from './requests.ts';
import type { Stack } from './stack.ts';
import { runTraffic } from './traffic.ts';
import { startWrites } from './writes.ts';

export type Gates = Readonly<Record<string, Gate>>;

export interface Story {
  readonly reads: number;
  /** Requests that got no answer. */
  readonly failed: number;
  /** Fingerprints there were before anything was broken: there should be none. */
  readonly early: number;
  readonly status: Status;
  readonly judged: Judged;
  readonly before: Gates;
  /** With the faults in Postgres. */
  readonly broken: Gates;
  /** Null where the faults were to be left. */
  readonly repair: Repaired | null;
}

export interface Repaired {
  /** Exit status of `shadowread repair --all`. */
  readonly status: number;
  /** Ids of the faults it calls repaired. */
  readonly faults: readonly string[];
  /** Faults that are open at the end. */
  readonly open: readonly FoundFault[];
  readonly after: Gates;
}

export interface StoryOptions {
  readonly stack: Stack;
  readonly seed: number;
  /** Reads of the traffic before the faults, and of that after the repair; half of them in between. */
  readonly requests: number;
  readonly keepFaults: boolean;
  readonly signal: AbortSignal;
  onProgress(text: string): void;
  onStep(text: string): void;
  /** Awaited with the faults found and still in Postgres. */
  onBroken?(): Promise<void>;
}

const QUIET_MS = 60_000;
/** Reads that the traffic may be ahead, waiting for a worker and without a verdict: more would be shed on a busy machine. */
const AHEAD = { queued: 3, inFlight: 24 };
/** How often missed faults are read again, and gates are given what they still want: on a busy machine a read may be shed. */
const TRIES = 4;
/** Reads of a route that a gate names as not yet seen enough; of a domain that wants more and names none. */
const WANTED = { named: 12, domain: 36 };

export async function playStory(options: StoryOptions): Promise<Story> {
  const { stack, seed, requests, keepFaults, signal } = options;
  const mongo = await MongoClient.connect(stack.mongo);
  const sql = openPostgresPool(stack.postgres, { name: 'shadowread-demo', max: 2 });
  try {
    const catalogue = await readCatalogue(mongo.db());
    const random = seeded(seed);
    const acts = new Acts(options, catalogue, random);

    await acts.traffic('traffic', requests, []);
    const before = await acts.gatesAfter('what the gates still want', undecidedOf, []);
    const early = (await acts.admin.fingerprints()).length;

    const injected = await injectFaults({ sql, catalogue, random });
    options.onStep(`${injected.length} faults put into Postgres by hand`);
    acts.onlyNew = true;
    await acts.traffic('traffic with the faults', requests / 2, readsOf(injected));
    const judged = await acts.untilFound(injected);
    // A gate counts the comparisons in one of the twin's two forms: each fault has to show in that one.
    const moved = new Set(injected.map(({ domain }) => domain));
    const unmoved = (gates: Gates): readonly string[] =>
      [...moved].filter((domain) => gates[domain]?.outcome !== 'fail');
    const broken = await acts.gatesAfter('faults that no gate counts yet', unmoved, injected);
    await options.onBroken?.();
    if (keepFaults || signal.aborted) return { ...acts.told(), early, judged, before, broken, repair: null };

    const { status, document, err } = await runChild(['repair', '--all', '--reason', 'the demo'], stack.environment);
    const faults = repairedIn(document);
    options.onStep(`shadowread repair --all: ${faults.length} faults repaired, exit status ${status}`);
    if (status !== 0) options.onStep(err.trim().slice(-1_000));
    for (const [domain, { outcome, epoch }] of Object.entries(broken)) {
      if (outcome !== 'pass' && epoch !== null) await acts.admin.newEpoch(domain, 'the faults were repaired');
    }
    acts.onlyNew = false;
    // The proxy learns of the new epochs from the first reads of each domain; those that showed the faults come again below.
    await acts.traffic(
      'first reads after the repair',
      0,
      injected.flatMap(({ reads }) => reads),
    );
    await acts.traffic('traffic after the repair', requests, readsOf(injected));
    const lost = (gates: Gates): readonly string[] =>
      passing(before).filter((domain) => gates[domain]?.outcome !== 'pass');
    const after = await acts.gatesAfter('what the gates still want', lost, []);
    const open = (await acts.admin.faults()).filter(({ state }) => state !== 'repaired');
    return { ...acts.told(), early, judged, before, broken, repair: { status, faults, open, after } };
  } finally {
    await Promise.all([mongo.close(), sql.end({ timeout: 1 })]);
  }
}

export const passing = (gates: Gates): readonly string[] =>
  Object.keys(gates).filter((domain) => gates[domain]?.outcome === 'pass');

const undecidedOf = (gates: Gates): readonly string[] =>
  Object.keys(gates).filter((domain) => gates[domain]?.outcome === 'undecided');

/** Several times each, so that both representations show it: they take turns. */
const readsOf = (injected: readonly Injected[]): DemoRequest[] =>
  injected.flatMap((fault) => Array.from({ length: 4 }, () => fault.reads).flat());

function repairedIn(document: unknown): readonly string[] {
  if (typeof document !== 'object' || document === null || !('faults' in document)) return [];
  return Array.isArray(document.faults) ? document.faults.filter((id) => typeof id === 'string') : [];
}

type Catalogue = Awaited<ReturnType<typeof readCatalogue>>;
type Random = ReturnType<typeof seeded>;

/** What the acts have in common: traffic to its end, and what the admin port says then. */
class Acts {
  readonly admin: AdminClient;
  /** Rows that somebody broke on purpose must not be repaired by a later write. */
  onlyNew = false;
  readonly #options: StoryOptions;
  readonly #catalogue: Catalogue;
  readonly #random: Random;
  #reads = 0;
  #failed = 0;
  #status: Status | null = null;

  constructor(options: StoryOptions, catalogue: Catalogue, random: Random) {
    this.#options = options;
    this.#catalogue = catalogue;
    this.#random = random;
    this.admin = new AdminClient(options.stack.admin);
  }

  told(): Pick<Story, 'reads' | 'failed' | 'status'> {
    if (this.#status === null) throw new RangeError('no traffic was sent');
    return { reads: this.#reads, failed: this.#failed, status: this.#status };
  }

  /** At least so many reads, those of `first` before the drawn ones; resolves when each has its verdict in the journal. */
  async traffic(name: string, atLeast: number, first: readonly DemoRequest[]): Promise<void> {
    const { stack, seed, signal, onProgress, onStep } = this.#options;
    const reads = Math.max(Math.round(atLeast), first.length);
    const writes = startWrites({
      proxy: stack.proxy,
      catalogue: this.#catalogue,
      random: seeded(seed + 1),
      onlyNew: this.onlyNew,
      pauseMs: 40,
    });
    const traffic = await runTraffic({
      proxy: stack.proxy,
      catalogue: this.#catalogue,
      random: this.#random,
      reads,
      concurrency: 4,
      first,
      signal,
      onProgress: (sent) => onProgress(`${name}: ${sent} of ${reads} reads`),
      ready: async () => {
        const { queued, inFlight } = await this.admin.status();
        return queued < AHEAD.queued && inFlight < AHEAD.inFlight;
      },
    });
    const { accepted } = await writes.stop();
    this.#status = await this.admin.quiet(QUIET_MS, ({ inFlight }) =>
      onProgress(`${name}: ${inFlight} reads wait for their verdict`),
    );
    this.#reads += traffic.sent;
    this.#failed += traffic.failed;
    onStep(`${name}: ${traffic.sent} reads and ${accepted} writes through the proxy, ${traffic.failed} failed`);
  }

  async gates(): Promise<Gates> {
    const domains = new Set((await this.admin.domainsOfRoutes()).values());
    const decided: Record<string, Gate> = {};
    for (const domain of domains) decided[domain] = await this.admin.decide(domain);
    return decided;
  }

  /**
   * Decided once no gate is `short` of reads any more, after a few tries at most: each sends the reads that show a fault of
   * such a domain, or else what its gate says it lacks.
   */
  async gatesAfter(
    name: string,
    short: (gates: Gates) => readonly string[],
    injected: readonly Injected[],
  ): Promise<Gates> {
    let gates = await this.gates();
    for (let tries = 1; tries < TRIES && !this.#options.signal.aborted; tries += 1) {
      const domains = short(gates);
      const shown = readsOf(injected.filter(({ domain }) => domains.includes(domain)));
      const wanted = shown.length > 0 ? shown : await this.#wantedBy(gates, domains);
      if (wanted.length === 0) break;
      await this.traffic(name, wanted.length, wanted);
      gates = await this.gates();
    }
    return gates;
  }

  async untilFound(injected: readonly Injected[]): Promise<Judged> {
    const held = async (): Promise<Judged> =>
      judge(injected, await this.admin.fingerprints(), await this.admin.faults());
    let judged = await held();
    for (let tries = 1; tries < TRIES && !this.#options.signal.aborted; tries += 1) {
      const missed = injected.filter((_fault, index) => judged.injected[index]?.found === false);
      if (missed.length === 0) break;
      await this.traffic('the missed ones again', 0, readsOf(missed));
      judged = await held();
    }
    return judged;
  }

  async #wantedBy(gates: Gates, domains: readonly string[]): Promise<readonly DemoRequest[]> {
    const routes = await this.admin.domainsOfRoutes();
    return domains.flatMap((domain) => {
      const missing = gates[domain]?.missing ?? [];
      const mine = [...routes].filter(([, of]) => of === domain).map(([key]) => key);
      const named = mine.filter((key) => missing.some((text) => text.includes(` on ${key}`)));
      const [keys, times] = named.length > 0 ? [named, WANTED.named] : [mine, Math.ceil(WANTED.domain / mine.length)];
      return keys.flatMap((key) =>
        Array.from({ length: times }, () => REQUESTS[key]?.(this.#random, this.#catalogue) ?? []).flat(),
      );
    });
  }
}
