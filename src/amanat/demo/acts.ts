/** What the acts of the demo have in common: traffic to its end, and what the admin port says then. */
import { counted } from '../../base/figure-words.ts';
import type { Catalogue } from './catalogue.ts';
import type { Injected } from './faults.ts';
import { AdminClient, type Gate, type Judged, judge, type Status } from './outcome.ts';
import { type Random, seeded } from './random.ts';
import { type DemoRequest, drawRequest } from './requests.ts';
import type { Story, StoryOptions } from './story.ts';
import { runTraffic } from './traffic.ts';
import { startWrites } from './writes.ts';

export type Gates = Readonly<Record<string, Gate>>;

const QUIET_MS = 60_000;
/**
 * Most reads that may wait for a worker or for a verdict before the traffic pauses: on a busy machine more would be
 * skipped.
 */
const AHEAD = { queued: 3, inFlight: 24 };
/** Tries to show a fault that was missed, or to give a gate what it lacks: on a busy machine a read may be skipped. */
const TRIES = 6;
/**
 * Reads for a route that lacks evidence: those sent since the epoch began, some of which may have been skipped, and
 * new ones, `named` at most. Also for a domain that lacks evidence and names no route.
 */
const WANTED = { again: 40, named: 12, domain: 36 };
/** New reads for each comparison that a route lacks: a gate counts one of the twin's two forms, which take turns. */
const READS_EACH = 2;

export const passing = (gates: Gates): readonly string[] =>
  Object.keys(gates).filter((domain) => gates[domain]?.outcome === 'pass');

/** Those that further reads may bring to pass: undecided ones, and those that fail for a share of few reads. */
export const shortOf = (gates: Gates): readonly string[] =>
  Object.entries(gates).flatMap(([domain, { outcome, missing }]) =>
    outcome !== 'pass' && missing.length > 0 ? [domain] : [],
  );

/** How often each read is sent: the two representations of the twin take turns, and both must show the fault. */
export const readsOf = (injected: readonly Injected[]): DemoRequest[] =>
  injected.flatMap((fault) => Array.from({ length: 4 }, () => fault.reads).flat());

export class Acts {
  readonly admin: AdminClient;
  /** Rows that somebody broke on purpose must not be repaired by a later write. */
  onlyNew = false;
  readonly #options: StoryOptions;
  readonly #catalogue: Catalogue;
  readonly #random: Random;
  /** What was sent since the epochs began, by route, each read once. */
  #sent = new Map<string, Map<string, DemoRequest>>();
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

  /**
   * Sends at least so many reads, first those of `first`, then drawn ones; resolves when each has its verdict in the
   * journal. With `writes` others write meanwhile: totals over all rows then change between the answers of the two sides.
   */
  async traffic(
    name: string,
    atLeast: number,
    first: readonly DemoRequest[],
    { writes: writing = true }: { readonly writes?: boolean } = {},
  ): Promise<void> {
    const { stack, seed, signal, onProgress, onStep } = this.#options;
    const reads = Math.max(Math.round(atLeast), first.length);
    const writes = writing
      ? startWrites({
          proxy: stack.proxy,
          catalogue: this.#catalogue,
          random: seeded(seed + 1),
          onlyNew: this.onlyNew,
          pauseMs: 40,
        })
      : null;
    const traffic = await runTraffic({
      proxy: stack.proxy,
      catalogue: this.#catalogue,
      random: this.#random,
      reads,
      concurrency: 4,
      first,
      signal,
      onProgress: (sent) => onProgress(`${name}: ${sent} of ${counted(reads, 'read')}`),
      onSend: (request) => this.#remember(request),
      ready: async () => {
        const { queued, inFlight } = await this.admin.status();
        return queued < AHEAD.queued && inFlight < AHEAD.inFlight;
      },
    });
    const { accepted } = (await writes?.stop()) ?? { accepted: 0 };
    this.#status = await this.admin.quiet(QUIET_MS, ({ inFlight }) =>
      onProgress(`${name}: ${counted(inFlight, 'read waits for its', 'reads wait for their')} verdict`),
    );
    this.#reads += traffic.sent;
    this.#failed += traffic.failed;
    onStep(
      `${name}: ${counted(traffic.sent, 'read')} and ${counted(accepted, 'write')} through the proxy, ${traffic.failed} failed`,
    );
  }

  async gates(): Promise<Gates> {
    const domains = new Set((await this.admin.domainsOfRoutes()).values());
    const decided: Record<string, Gate> = {};
    for (const domain of domains) decided[domain] = await this.admin.decide(domain);
    return decided;
  }

  /**
   * Decides when no gate is `short` of reads any more, or after a few tries. Each try sends the reads that show a
   * fault of such a domain, or else the reads that its gate says it lacks.
   */
  async gatesAfter(
    name: string,
    short: (gates: Gates) => readonly string[],
    injected: readonly Injected[],
  ): Promise<Gates> {
    let gates = await this.gates();
    for (let tries = 1; tries < TRIES && !this.#options.signal.aborted; tries += 1) {
      const domains = short(gates);
      const showing = readsOf(injected.filter(({ domain }) => domains.includes(domain)));
      const wanted = showing.length > 0 ? showing : await this.#wantedBy(gates, domains, tries);
      if (wanted.length === 0) break;
      await this.traffic(name, wanted.length, wanted, { writes: false });
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

  /** What was sent before is no evidence any more. */
  beginEpochs(): void {
    this.#sent = new Map();
  }

  #remember(request: DemoRequest): void {
    const { route, target, caller = '' } = request;
    if (route === undefined) return;
    const sent = this.#sent.get(route) ?? new Map<string, DemoRequest>();
    this.#sent.set(route, sent.set(`${caller} ${target}`, request));
  }

  /** What the gates lack by their own words, and more of it with each try: not every read is a new comparison. */
  async #wantedBy(gates: Gates, domains: readonly string[], tries: number): Promise<readonly DemoRequest[]> {
    const routes = await this.admin.domainsOfRoutes();
    return domains.flatMap((domain) => {
      const missing = gates[domain]?.missing ?? [];
      const mine = [...routes].filter(([, of]) => of === domain).map(([key]) => key);
      const lacking = mine.map((key) => [key, textsOn(key, missing)] as const).filter(([, texts]) => texts.length > 0);
      const sentOf = (key: string, most: number): readonly DemoRequest[] =>
        [...(this.#sent.get(key)?.values() ?? [])].slice(-most);
      const drawn = (key: string, times: number): readonly DemoRequest[] =>
        Array.from({ length: times }, () => drawRequest(key, this.#random, this.#catalogue));
      if (lacking.length === 0)
        return mine.flatMap((key) => [
          ...sentOf(key, WANTED.again),
          ...drawn(key, Math.ceil(WANTED.domain / mine.length)),
        ]);
      return lacking.flatMap(([key, texts]) => {
        const each = READS_EACH * tries * Math.max(...texts.map(lackedBy));
        // Only one of those sent may have the shape that is lacking.
        const again = texts.some((text) => text.includes(' with ')) ? WANTED.again : 2 * each;
        return [...sentOf(key, Math.min(WANTED.again, again)), ...drawn(key, Math.min(WANTED.named, each))];
      });
    });
  }
}

/** Of what a gate lacks, that on one route. */
const textsOn = (key: string, missing: readonly string[]): readonly string[] =>
  // Followed by more of a path it is another route.
  missing.filter((text) => `${text} `.includes(` on ${key} `) || text.includes(` on ${key}: `));

/** How many comparisons that is, where it says so: `payments: 3 more comparisons on GET /api/payments`. */
const lackedBy = (text: string): number => Number(/: (\d+) more /.exec(text)?.[1] ?? 1);
