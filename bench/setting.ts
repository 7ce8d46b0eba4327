/** What the parts of one run share: both upstreams, the contenders (each started once), and rounds taken by turns. */
import { type Contender, type Figures, type Kind, startContender, startUpstream, type Threads } from './contenders.ts';
import { type Repeats, targets } from './entities.ts';
import { load } from './load.ts';
import { SomebodyElse } from './somebody-else.ts';

export interface Options {
  /** Of one round of one contender. */
  readonly seconds: number;
  readonly rounds: number;
  /** Only what is needed to see that nothing got slower: no contenders for scale. */
  readonly quick: boolean;
}

export interface Offered {
  readonly kb: number;
  readonly repeats?: Repeats;
  readonly connections?: number;
  /** Requests a second; absent: as many as it can. */
  readonly rate?: number;
  /** Reads of the twin that somebody else sends for each request meanwhile. */
  readonly elsewhere?: number;
}

export interface Taken {
  readonly requests: number;
  readonly perSecond: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  /** Reads judged meanwhile, a second, and their share of the reads seen; 0 for what judges none. */
  readonly verifiedPerSecond: number;
  readonly verifiedShare: number;
  /** Verdicts that the bench gives no reason for. */
  readonly wrong: number;
  /** Microseconds of CPU a request. */
  readonly cpu: Threads;
}

const WARM_UP_S = 3;
/** At full load verifying gets little of the CPU, and would stay cold: it is warmed at this rate, for so long. */
const VERIFYING = 1_200;
const VERIFYING_S = 10;

export class Setting {
  readonly options: Options;
  readonly note: (text: string) => void;
  readonly primary: number;
  readonly twin: number;
  readonly #closing: (() => void | Promise<void>)[];
  readonly #contenders = new Map<Kind, Contender>();
  readonly #elsewhere: SomebodyElse;

  private constructor(
    options: Options,
    note: (text: string) => void,
    [primary, twin]: readonly { readonly port: number; close(): void }[],
  ) {
    this.options = options;
    this.note = note;
    this.primary = primary?.port ?? 0;
    this.twin = twin?.port ?? 0;
    this.#elsewhere = new SomebodyElse(this.twin);
    this.#closing = [() => primary?.close(), () => twin?.close(), () => this.#elsewhere.close()];
  }

  static async open(options: Options, note: (text: string) => void): Promise<Setting> {
    return new Setting(options, note, await Promise.all([startUpstream('primary'), startUpstream('twin')]));
  }

  /** What is to be ended with the run; it is ended once. */
  closes(close: () => void | Promise<void>): void {
    this.#closing.push(close);
  }

  async close(): Promise<void> {
    await Promise.all(this.#closing.splice(0).map((close) => close()));
  }

  /** Started at its first use, and warm: before, what is measured is the compiler. */
  async contender(kind: Kind): Promise<Contender> {
    const held = this.#contenders.get(kind);
    if (held !== undefined) return held;
    const contender = await startContender(kind, this.primary, this.twin);
    this.closes(contender.close);
    this.#contenders.set(kind, contender);
    await this.warm(contender.port);
    if (kind.endsWith('on')) await this.warm(contender.port, VERIFYING);
    return contender;
  }

  /** `rate`: requests a second; as many as it can where none is given. */
  async warm(port: number, rate?: number): Promise<void> {
    const seconds = Math.min(rate === undefined ? WARM_UP_S : VERIFYING_S, this.options.seconds * 8);
    await load({ port, target: targets(2, 'zipf'), connections: 16, seconds, ...(rate === undefined ? {} : { rate }) });
  }

  /** One round of one contender. */
  async take(contender: Pick<Contender, 'port' | 'figures' | 'threads'>, offered: Offered): Promise<Taken> {
    const { kb, repeats = 'none', connections = 32, rate, elsewhere = 0 } = offered;
    const { seconds } = this.options;
    const whole = { port: contender.port, target: targets(kb, repeats), connections, seconds };
    const threads = contender.threads();
    const before = await contender.figures();
    const got = await (async () => {
      if (rate !== undefined) {
        const beside = elsewhere === 0 ? null : this.#elsewhere.atRate(rate * elsewhere, seconds, kb, repeats);
        const [loaded] = await Promise.all([load({ ...whole, rate }), beside]);
        return loaded;
      }
      if (elsewhere === 0) return await load(whole);
      return await this.#elsewhere.beside(elsewhere, kb, repeats, (held) => load({ ...whole, before: held }));
    })();
    const after = await contender.figures();
    const spent = contender.threads();
    const judged = (figures: Figures): number =>
      (figures.verdicts.match ?? 0) + (figures.verdicts.settled ?? 0) + (figures.verdicts.mismatch ?? 0);
    const verified = judged(after) - judged(before);
    await atRest(contender);
    const a = (of: keyof Threads): number => (spent[of] - threads[of]) / got.requests;
    return {
      requests: got.requests,
      perSecond: got.perSecond,
      failed: got.failed,
      p50: got.p50,
      p99: got.p99,
      verifiedPerSecond: verified / got.seconds,
      verifiedShare: verified / Math.max(1, after.seen - before.seen),
      wrong: wrongIn(after) - wrongIn(before),
      cpu: { main: a('main'), workers: a('workers'), other: a('other') },
    };
  }

  /** All cases by turns, round by round, there and back, so that what drifts hits all alike. */
  async byTurns<K extends string>(cases: Record<K, () => Promise<Taken>>): Promise<Record<K, Taken[]>> {
    const taken = new Map<string, Taken[]>();
    const entries = Object.entries<() => Promise<Taken>>(cases);
    for (let turn = 0; turn < this.options.rounds; turn++) {
      for (const [name, take] of turn % 2 === 0 ? entries : entries.toReversed()) {
        taken.set(name, [...(taken.get(name) ?? []), await take()]);
      }
    }
    const made: Record<string, Taken[]> = Object.fromEntries(taken);
    return made;
  }
}

/** Most time for what is still being verified when a round ends; the next round is another contender's. */
const REST_MS = 10_000;

async function atRest(contender: Pick<Contender, 'figures'>): Promise<void> {
  for (const until = performance.now() + REST_MS; performance.now() < until; ) {
    const { seen, verdicts } = await contender.figures();
    if (Object.values(verdicts).reduce((sum, n) => sum + n, 0) >= seen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Nothing that the bench asks differs: anything but a match, or a read that was shed, is a fault of ours or of the bench. */
function wrongIn({ verdicts }: Figures): number {
  return Object.entries(verdicts).reduce(
    (sum, [kind, n]) => (kind === 'match' || kind === 'skipped' ? sum : sum + n),
    0,
  );
}
