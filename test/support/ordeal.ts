/**
 * One real proxy process that goes through one fault after another under load. After each: no client byte changed, no
 * request failed, every read has its one verdict, memory and sockets stayed within limits, and the next read is verified.
 */
import { expect } from 'chai';
import { type Footprint, footprint } from './footprint.ts';
import { conserved, type ProxyProcess, type Status, startProxyProcess } from './proxy-process.ts';
import { type Driven, MIX, SteadyClients } from './steady-clients.ts';
import { type SteadyPrimary, startSteadyPrimary } from './steady-primary.ts';

export interface Fault {
  readonly name: string;
  begin(): void | Promise<void>;
  end(): void | Promise<void>;
  /** What verdicts there must be some of, as `kind` or reason; none is named where the fault is none of the twin's. */
  readonly shows?: string;
  /** All that there may be beside matches and what it shows. */
  readonly allows?: RegExp;
  readonly requests?: number;
  /** The twin's adaptive limit must have gone down meanwhile, as status shows it. */
  readonly lowersLimit?: boolean;
  /** MB that the fault itself may hold for a while: where workers run out of memory, the limits of their heaps. */
  readonly holdsMb?: number;
  /** What clients ask by turns, where it is not the usual. */
  readonly mix?: typeof MIX;
  /** Done while clients ask; the load goes on until it is over. */
  during?(): Promise<void>;
}

/** What a twin under pressure may make of any read, whatever else is wrong. */
const PRESSURE = /^(overload|breaker_open|connect_timeout|headers_timeout|body_timeout)$/;
const CLIENTS = 6;
/** Of showing a fault. */
const MOST_TRIES = 20;
export const CONCURRENCY = 8;
/** Between two looks while clients ask: each costs the process what a read costs. */
const LOOK_MS = 100;
/** Over what the process had when it was warm. */
const MOST_MB = 96;

type Tally = Readonly<Record<string, number>>;

export class Ordeal {
  readonly primary: SteadyPrimary;
  readonly proxy: ProxyProcess;
  readonly clients: SteadyClients;
  readonly #warm: Footprint;
  /** Reads that clients have asked for so far. */
  reads: number;

  private constructor(
    primary: SteadyPrimary,
    proxy: ProxyProcess,
    clients: SteadyClients,
    warm: Footprint,
    reads: number,
  ) {
    this.primary = primary;
    this.proxy = proxy;
    this.clients = clients;
    this.#warm = warm;
    this.reads = reads;
  }

  static async begin(how: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly config: string;
    readonly args?: readonly string[];
    /** Requests that warm the process up before it is measured. */
    readonly warmUp?: number;
    readonly primary?: SteadyPrimary;
  }): Promise<Ordeal> {
    const primary = how.primary ?? (await startSteadyPrimary());
    const environment = { SHADOWREAD_PRIMARY_URL: primary.url, ...how.environment };
    const proxy = await startProxyProcess(environment, how.config, how.args);
    const clients = new SteadyClients(primary.port, proxy.url);
    const driven = await clients.drive({ requests: how.warmUp ?? 300, clients: CLIENTS });
    await proxy.until(({ inFlight }) => inFlight === 0);
    return new Ordeal(primary, proxy, clients, await footprint(proxy.child.pid), driven.reads);
  }

  async suffer(fault: Fault): Promise<void> {
    const before = await this.#tally();
    const looks = this.#look();
    let driven: Driven;
    let figures: Watched;
    try {
      await fault.begin();
      driven = await this.#load(fault);
      this.reads += driven.reads;
      await this.proxy.until(({ inFlight }) => inFlight === 0);
      // On a slow machine the first requests may all fail for want of time before they meet the fault.
      for (let tries = 1; tries < MOST_TRIES && !(await this.#shows(fault, before, looks.lowest())); tries += 1) {
        const more = await this.#load(fault);
        this.reads += more.reads;
        driven = sumOf(driven, more);
        await this.proxy.until(({ inFlight }) => inFlight === 0);
      }
    } finally {
      figures = await looks.end();
      await fault.end();
    }
    const came = differenceOf(await this.#tally(), before);
    const recovery = await this.#recovers();
    const after = await footprint(this.proxy.child.pid);
    const { rssMb, sockets } = this.#warm;
    console.log(
      `      ${fault.name}: ${driven.asked} requests, ${driven.changed.length} changed, ${driven.failed.length} failed; ` +
        `${driven.reads} reads: ${shown(came)}; ${figures.looks} looks, ${figures.broken.length} unsound; limit ${figures.lowest} at least; ` +
        `rss ${signed(figures.peak.rssMb - rssMb)} MB at most, ${signed(after.rssMb - rssMb)} after; ` +
        `sockets ${sockets} -> ${figures.peak.sockets} -> ${after.sockets}; a match again after ${recovery}`,
    );
    expect([...driven.changed, ...driven.failed], 'what clients got').to.deep.equal([]);
    expect(figures.broken, 'seen = verdicts + in flight').to.deep.equal([]);
    expect(figures.peak.rssMb - rssMb, 'MB more than when warm').to.be.at.most(MOST_MB + (fault.holdsMb ?? 0));
    expect(figures.peak.sockets, 'sockets').to.be.at.most(sockets + 2 * CLIENTS + CONCURRENCY + 10);
    if (fault.lowersLimit === true) expect(figures.lowest, 'the adaptive limit').to.be.lessThan(CONCURRENCY);
    if (fault.shows !== undefined) expect(came).to.include.keys(fault.shows);
    const others = Object.keys(came).filter(
      (kind) => kind !== 'match' && kind !== fault.shows && !PRESSURE.test(kind) && fault.allows?.test(kind) !== true,
    );
    expect(others, 'verdicts of another kind').to.deep.equal([]);
    expect((await this.proxy.status()).seen, 'reads seen').to.equal(this.reads);
  }

  /** Stops the process as an operator would. */
  async stop(): Promise<number | null> {
    return this.proxy.stop();
  }

  async end(): Promise<void> {
    await this.proxy.stop();
    await this.primary.close();
  }

  async #load(fault: Fault): Promise<Driven> {
    const { mix = MIX, requests = 60 } = fault;
    if (fault.during === undefined) return this.clients.drive({ requests, mix, clients: CLIENTS });
    let over = false;
    const work = fault.during().finally(() => {
      over = true;
    });
    const driven = await this.clients.drive({ clients: CLIENTS, mix, more: () => !over });
    await work;
    return driven;
  }

  /** By kind, by reason where there is one; from the metrics, which need no journal. */
  async #tally(): Promise<Tally> {
    const text = await (await fetch(`${this.proxy.admin}/metrics`)).text();
    const tally: Record<string, number> = {};
    for (const [, labels = '', n] of text.matchAll(/^shadow_reads_total\{([^}]*)\} (\d+)$/gm)) {
      const label = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
      const kind = label('reason') || label('verdict');
      tally[kind] = (tally[kind] ?? 0) + Number(n);
    }
    return tally;
  }

  async #shows({ shows, lowersLimit }: Fault, before: Tally, lowest: number): Promise<boolean> {
    if (lowersLimit === true && lowest >= CONCURRENCY) return false;
    return shows === undefined || shows in differenceOf(await this.#tally(), before);
  }

  /** Looks again and again until told to stop. */
  #look(): { lowest(): number; end(): Promise<Watched> } {
    const broken: string[] = [];
    let peak: Footprint = { rssMb: 0, sockets: 0 };
    let looks = 0;
    let lowest = CONCURRENCY;
    let over = false;
    const looking = (async () => {
      while (!over) {
        const [status, now] = await Promise.all([this.proxy.status(), footprint(this.proxy.child.pid)]);
        looks += 1;
        lowest = Math.min(lowest, status.twinConcurrency);
        if (!conserved(status)) broken.push(JSON.stringify(status));
        peak = { rssMb: Math.max(peak.rssMb, now.rssMb), sockets: Math.max(peak.sockets, now.sockets) };
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    })();
    return {
      lowest: () => lowest,
      async end() {
        over = true;
        await looking;
        return { broken, peak, looks, lowest };
      },
    };
  }

  /** Asks until reads are verified again, by itself and without a restart. */
  async #recovers(): Promise<string> {
    const began = performance.now();
    for (let tries = 1; performance.now() - began < 120_000; tries += 1) {
      const before = (await this.proxy.status()).verdicts.match;
      // Every caller and route: a caller who failed alone is probed by that caller's own requests.
      const driven = await this.clients.drive({ requests: MIX.length });
      expect([...driven.changed, ...driven.failed]).to.deep.equal([]);
      this.reads += driven.reads;
      const now: Status = await this.proxy.until(({ inFlight }) => inFlight === 0);
      if (now.verdicts.match > before && now.breaker === 'closed') {
        return `${Math.round(performance.now() - began)} ms and ${tries} reads`;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`no read was verified again: ${JSON.stringify(await this.proxy.status())}`);
  }
}

const sumOf = (one: Driven, other: Driven): Driven => ({
  asked: one.asked + other.asked,
  reads: one.reads + other.reads,
  changed: [...one.changed, ...other.changed],
  failed: [...one.failed, ...other.failed],
  refusedReads: one.refusedReads + other.refusedReads,
});

interface Watched {
  readonly broken: readonly string[];
  readonly peak: Footprint;
  readonly looks: number;
  /** The twin's adaptive limit at its lowest. */
  readonly lowest: number;
}

function differenceOf(now: Tally, before: Tally): Record<string, number> {
  return Object.fromEntries(
    Object.entries(now)
      .map(([kind, n]): [string, number] => [kind, n - (before[kind] ?? 0)])
      .filter(([, n]) => n !== 0),
  );
}

const shown = (tally: Tally): string =>
  Object.entries(tally)
    .map(([kind, n]) => `${kind} ${n}`)
    .join(', ');
const signed = (n: number): string => (n < 0 ? String(n) : `+${n}`);
