/** Clients over raw sockets: each answer through the proxy is held, byte for byte, against the primary's own. */
import { noticed } from './noticed.ts';
import { RawClient } from './raw-http.ts';

export interface Driven {
  readonly asked: number;
  /** Those of them that are reads of known routes. */
  readonly reads: number;
  /** Answers that were not the primary's. */
  readonly changed: readonly string[];
  /** Requests without a whole answer. */
  readonly failed: readonly string[];
  /** Of clients that go on until they are refused: reads that were not taken. They are none of the failed. */
  readonly refusedReads: number;
}

interface Ask {
  readonly method: string;
  readonly bytes: Buffer;
  readonly read: boolean;
}

const ask = (start: string, fields = '', body = ''): Ask => ({
  method: start.split(' ')[0] ?? '',
  bytes: Buffer.from(`${start} HTTP/1.1\r\nHost: things.test\r\nAccept: */*\r\n${fields}\r\n${body}`),
  read: start.startsWith('GET /') && !start.includes('export'),
});

/** What clients of the things ask, by turns: three reads of five requests. */
export const MIX: readonly Ask[] = [
  ask('GET /things/64b000000000000000000001'),
  ask('POST /things', 'Content-Length: 11\r\n', 'hello again'),
  ask('GET /things/64b000000000000000000001?with=%2F&with=..', 'Authorization: Bearer x\r\n'),
  ask('GET /export'),
  ask('GET /things/64b0%2E', 'X-Mine: 1\r\n'),
];

export const readsOf = (path: string): readonly Ask[] => [ask(`GET ${path}`)];

export class SteadyClients {
  readonly #primaryPort: number;
  readonly #proxyPort: number;
  readonly #known = new Map<Ask, Promise<string>>();

  constructor(primaryPort: number, proxyUrl: string) {
    this.#primaryPort = primaryPort;
    this.#proxyPort = Number(new URL(proxyUrl).port);
  }

  /** So many requests, or until told: `more` is asked before each. */
  async drive(how: {
    readonly requests?: number;
    readonly clients?: number;
    readonly mix?: readonly Ask[];
    readonly more?: () => boolean;
    /** A client ends at its first request that nobody took: no byte came back and the connection is gone. */
    readonly untilRefused?: boolean;
  }): Promise<Driven> {
    const {
      requests = Number.POSITIVE_INFINITY,
      clients = 6,
      mix = MIX,
      more = () => true,
      untilRefused = false,
    } = how;
    const changed: string[] = [];
    const failed: string[] = [];
    let asked = 0;
    let reads = 0;
    let refusedReads = 0;
    const one = async (): Promise<void> => {
      const client = new RawClient(this.#proxyPort);
      while (asked < requests && more()) {
        const turn = mix[asked % mix.length];
        if (turn === undefined) break;
        asked += 1;
        if (turn.read) reads += 1;
        const expected = await this.#direct(turn);
        const seen = await client.ask(turn.bytes, turn.method);
        if (untilRefused && seen.end === 'none') {
          if (turn.read) refusedReads += 1;
          break;
        }
        if (seen.end !== 'complete') failed.push(`${turn.bytes.toString().split('\r\n')[0]}: ${seen.end}`);
        else if (JSON.stringify(noticed(seen)) !== expected) changed.push(JSON.stringify(noticed(seen)).slice(0, 400));
      }
      client.close();
    };
    await Promise.all(Array.from({ length: Math.min(clients, requests) }, one));
    return { asked, reads, changed, failed, refusedReads };
  }

  #direct(turn: Ask): Promise<string> {
    let known = this.#known.get(turn);
    if (known === undefined) {
      const client = new RawClient(this.#primaryPort);
      known = client.ask(turn.bytes, turn.method).then((seen) => {
        client.close();
        return JSON.stringify(noticed(seen));
      });
      this.#known.set(turn, known);
    }
    return known;
  }
}
