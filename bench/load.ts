/**
 * A load generator over raw sockets, cheap enough to share two cores with what it measures. Closed loop: as many as it can
 * over so many connections. Open loop: at a rate, each request timed from when it fell due, so that a stall counts for
 * every request it delays (coordinated omission corrected). Loopback only, bounded in count and time.
 */
import { connect, type Socket } from 'node:net';

export interface LoadOptions {
  readonly port: number;
  /** The next request target. */
  readonly target: () => string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, open loop; absent: closed loop. */
  readonly rate?: number;
  /** Header lines of request `n`, each with its line end. */
  readonly fields?: (n: number) => string;
  /** Before each request of a closed loop: a promise holds it back; false ends the loop. */
  readonly before?: () => Promise<boolean> | boolean;
  /** After each answer of a closed loop. */
  readonly answered?: () => void;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Answers that were not 200, and connections that broke. */
  readonly failed: number;
  /** How long it took, to the last answer. */
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** One keep-alive connection, one request at a time. */
class Client {
  readonly #socket: Socket;
  #done: ((ok: boolean) => void) | null = null;
  #head: Buffer = Buffer.alloc(0);
  #left = -1;
  #ok = false;
  broken = false;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('error', () => this.#end(false));
    this.#socket.on('close', () => this.#end(false));
  }

  ask(target: string, fields: string): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.broken) return resolve(false);
      this.#done = resolve;
      this.#left = -1;
      this.#head = Buffer.alloc(0);
      this.#socket.write(
        `GET ${target} HTTP/1.1\r\nHost: bench\r\nAccept: application/json\r\nUser-Agent: bench\r\n${fields}\r\n`,
      );
    });
  }

  close(): void {
    this.broken = true;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    if (this.#left >= 0) this.#left -= chunk.length;
    else {
      this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
      const end = this.#head.indexOf(HEAD_END);
      if (end < 0) return;
      const head = this.#head.toString('latin1', 0, end);
      this.#ok = head.startsWith('HTTP/1.1 200');
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      this.#left = length - (this.#head.length - end - 4);
    }
    if (this.#left <= 0) {
      const done = this.#done;
      this.#done = null;
      done?.(this.#ok);
    }
  }

  #end(ok: boolean): void {
    this.broken = true;
    const done = this.#done;
    this.#done = null;
    done?.(ok);
  }
}

export async function load(options: LoadOptions): Promise<LoadResult> {
  const clients = Array.from({ length: options.connections }, () => new Client(options.port));
  const times: number[] = [];
  let failed = 0;
  let asked = 0;
  const ask = (client: Client): Promise<boolean> => client.ask(options.target(), options.fields?.(asked++) ?? '');
  const began = performance.now();
  const until = began + options.seconds * 1_000;
  if (options.rate === undefined) {
    await Promise.all(
      clients.map(async (client) => {
        while (performance.now() < until && !client.broken) {
          const may = options.before?.() ?? true;
          if (may !== true && !(await may)) return;
          const sent = performance.now();
          if (await ask(client)) times.push(performance.now() - sent);
          else failed += 1;
          options.answered?.();
        }
      }),
    );
  } else {
    await openLoop(clients, options.rate, began, until, ask, (ok, ms) => {
      if (ok) times.push(ms);
      else failed += 1;
    });
  }
  const seconds = (performance.now() - began) / 1_000;
  for (const client of clients) client.close();
  times.sort((one, other) => one - other);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return { requests: times.length, perSecond: times.length / seconds, failed, seconds, p50: at(0.5), p99: at(0.99) };
}

/** Requests fall due at a fixed pace; one that finds no free connection waits, and its wait counts. */
async function openLoop(
  clients: readonly Client[],
  rate: number,
  began: number,
  until: number,
  ask: (client: Client) => Promise<boolean>,
  told: (ok: boolean, ms: number) => void,
): Promise<void> {
  const free = [...clients];
  const due: number[] = [];
  let issued = 0;
  let out = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const serve = (): void => {
    while (free.length > 0 && due.length > 0) {
      const client = free.pop();
      const at = due.shift();
      if (client === undefined || at === undefined) return;
      out += 1;
      ask(client).then((ok) => {
        told(ok, performance.now() - at);
        out -= 1;
        if (!client.broken) free.push(client);
        serve();
        if (performance.now() >= until && due.length === 0 && out === 0) resolve();
      }, resolve);
    }
  };
  const tick = (): void => {
    const now = performance.now();
    const wanted = Math.floor((Math.min(now, until) - began) * (rate / 1_000));
    while (issued < wanted) {
      issued += 1;
      // From now, not from the instant it was due: that this timer is late is no delay of what is measured.
      due.push(now);
    }
    serve();
    // A timer and no busy loop, which would take one of two cores from what is measured.
    if (now < until) setTimeout(tick, 1);
    else if (out === 0 && due.length === 0) resolve();
    else setTimeout(resolve, 5_000).unref();
  };
  tick();
  await promise;
}
